#include "core/csv/record_reader.h"
#include "core/csv/byte_source.h"
#include "core/error.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <deque>

#include <unistd.h>

namespace barometre::csv {

namespace {

/// A record of more bytes has a quote that was never closed.
constexpr std::size_t largest_record = std::size_t{256} << 20;

/// What io::detail::chop_next_column asks. The ends of a record's columns are found
/// beforehand, in one pass over the record; the library's functions are static, so
/// the place in the list is kept here.
struct found_ends {
    // Asked for with each column: the model that needs no call, for a few bytes of static space.
    [[gnu::tls_model("initial-exec")]] static thread_local const char *record;
    [[gnu::tls_model("initial-exec")]] static thread_local const std::uint32_t *next;

    static const char *find_next_column_end(const char *) { return record + *next++; }
};
[[gnu::tls_model("initial-exec")]] thread_local const char *found_ends::record;
[[gnu::tls_model("initial-exec")]] thread_local const std::uint32_t *found_ends::next;

constexpr std::uint64_t ones = 0x0101010101010101u;

/// The high bit of each byte of `word` that is zero: the sum has those of the
/// others, and no carry leaves its byte.
std::uint64_t zero_bytes(std::uint64_t word) {
    constexpr std::uint64_t low = 0x7F * ones;
    return ~(((word & low) + low) | word | low);
}

std::uint64_t count_newlines(const char *text, std::size_t size) {
    std::uint64_t total = 0;
    std::size_t i = 0;
    while (i + 8 <= size) {
        std::uint64_t counts = 0; // one in each byte, which holds up to 255
        const std::size_t end = std::min(size, i + 255 * 8);
        for (; i + 8 <= end; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, text + i, 8);
            counts += zero_bytes(word ^ (ones * '\n')) >> 7;
        }
        for (; counts != 0; counts >>= 8)
            total += counts & 0xFF;
    }
    return total + static_cast<std::uint64_t>(std::count(text + i, text + size, '\n'));
}

/// Appends where the delimiters of a record without quotes are.
void plain_ends(const char *text, std::size_t size, char delimiter, std::vector<std::uint32_t> &ends) {
    std::size_t i = 0;
    if constexpr (std::endian::native == std::endian::little) {
        const std::uint64_t wanted = ones * static_cast<unsigned char>(delimiter);
        for (; i + 8 <= size; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, text + i, 8);
            word ^= wanted;
            for (std::uint64_t zeroes = zero_bytes(word); zeroes != 0; zeroes &= zeroes - 1)
                ends.push_back(static_cast<std::uint32_t>(i + static_cast<std::size_t>(std::countr_zero(zeroes) / 8)));
        }
    }
    for (; i < size; ++i)
        if (text[i] == delimiter)
            ends.push_back(static_cast<std::uint32_t>(i));
}

/// Finds the delimiters outside quotes, and whether a quote is open, over the lines of one record.
struct quote_scan {
    enum { field_start, unquoted, quoted, closed, broken } at = field_start;

    void over(const char *record, std::size_t from, std::size_t size, const dialect &how, std::vector<std::uint32_t> &ends) {
        const char *end = record + size;
        auto delimiter = [&](const char *c) {
            ends.push_back(static_cast<std::uint32_t>(c - record));
            return field_start;
        };
        for (const char *c = record + from; c != end && at != broken; ++c) {
            switch (at) {
            case field_start:
                at = *c == how.quote ? quoted : *c == how.delimiter ? delimiter(c) : unquoted;
                break;
            case unquoted:
                if (*c == how.delimiter)
                    at = delimiter(c);
                break;
            case quoted: // most of a quoted field is not looked at byte by byte
                c = static_cast<const char *>(std::memchr(c, how.quote, static_cast<std::size_t>(end - c)));
                if (!c)
                    return;
                at = closed;
                break;
            case closed: // a quote now is the second of a doubled one
                at = *c == how.quote ? quoted : *c == how.delimiter ? delimiter(c) : broken;
                break;
            case broken:
                break;
            }
        }
    }
};

bool is_ascii(std::string_view s) {
    std::uint64_t all = 0;
    std::size_t i = 0;
    for (; i + 8 <= s.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, s.data() + i, 8);
        all |= word;
    }
    for (; i < s.size(); ++i)
        all |= static_cast<std::uint64_t>(static_cast<unsigned char>(s[i]) & 0x80);
    return (all & 0x8080808080808080u) == 0;
}

bool is_utf8(std::string_view s) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(s.data());
    const auto size = static_cast<std::int32_t>(s.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c;
        U8_NEXT(bytes, i, size, c);
        if (c < 0)
            return false;
    }
    return true;
}

bool is_blank(std::string_view s) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(s.data());
    const auto size = static_cast<std::int32_t>(s.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c;
        U8_NEXT(bytes, i, size, c);
        if (c < 0 || !(u_isspace(c) || u_isUWhiteSpace(c)))
            return false;
    }
    return true;
}

content_hash finish(XXH3_state_t *state) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
    content_hash out;
    std::memcpy(out.data(), canonical.digest, out.size());
    return out;
}

void go_to(int descriptor, std::uint64_t byte) {
    if (::lseek(descriptor, static_cast<off_t>(byte), SEEK_SET) < 0)
        throw error(sqlstate::bad_file, std::string("could not go to a place in a file: ") + std::strerror(errno));
}

/// Hands the bytes of a file to `take`, from the place where the descriptor stands.
template <class F> void read_bytes(int descriptor, std::uint64_t most, F &&take) {
    std::vector<char> buffer(1 << 20);
    while (most > 0) {
        ssize_t got = ::read(descriptor, buffer.data(), std::min<std::uint64_t>(most, buffer.size()));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw error(sqlstate::bad_file, std::string("could not read: ") + std::strerror(errno));
        if (got == 0)
            break;
        most -= static_cast<std::uint64_t>(got);
        take(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace

struct record_reader::state {
    dialect how;
    std::size_t expected;
    bool optional_last;
    std::shared_ptr<read_progress> seen;
    io::LineReader lines;
    std::deque<std::string> again; ///< lines to read once more, after a quote that was never closed
    std::string current;           ///< the record, when it is not in the line reader's buffer
    std::uint64_t physical = 0;    ///< lines read
    std::uint64_t line = 0, records = 0, blank = 0;
    std::vector<std::uint32_t> ends; ///< where the record's columns end
    std::vector<field> fields;

    state(int descriptor, dialect d, std::size_t n, bool optional, std::shared_ptr<read_progress> progress, std::uint64_t before,
          std::size_t most = 0)
        : how(d), expected(n), optional_last(optional), seen(std::move(progress)),
          lines("csv", std::make_unique<byte_source>(descriptor, seen, most)), physical(before) {}

    /// The next physical line, with its mark if it ended in CR LF.
    char *next_line() {
        if (!again.empty()) {
            current = std::move(again.front());
            again.pop_front();
            ++physical;
            return current.data();
        }
        char *got = nullptr;
        try {
            got = lines.next_line();
        } catch (const io::error::line_length_limit_exceeded &) {
            throw bad_record{bad_record::reason::line_too_long, physical + 1};
        }
        if (seen->failure)
            throw error(sqlstate::bad_file, std::string("could not read: ") + std::strerror(seen->failure));
        physical += got != nullptr;
        return got;
    }
};

record_reader::record_reader(int descriptor, dialect how, std::size_t fields, bool optional_last, std::size_t most) {
    go_to(descriptor, 0);
    s_ = std::make_unique<state>(descriptor, how, fields, optional_last, std::make_shared<read_progress>(), 0, most);
}

record_reader::record_reader(int descriptor, dialect how, const prefix &before, std::size_t fields, bool optional_last) {
    go_to(descriptor, before.bytes);
    s_ = std::make_unique<state>(descriptor, how, fields, optional_last, std::make_shared<read_progress>(*before.progress),
                                 before.lines);
}

record_reader &record_reader::operator=(record_reader &&) noexcept = default;
record_reader::record_reader(record_reader &&) noexcept = default;
record_reader::~record_reader() = default;

void record_reader::expect_fields(std::size_t fields, bool optional_last) {
    s_->expected = fields;
    s_->optional_last = optional_last;
}
const std::vector<field> &record_reader::fields() const { return s_->fields; }
std::uint64_t record_reader::line() const { return s_->line; }
std::uint64_t record_reader::records() const { return s_->records; }
std::uint64_t record_reader::blank_lines() const { return s_->blank; }
std::uint64_t record_reader::bytes() const { return s_->seen->bytes; }
bool record_reader::cut() const { return s_->seen->cut; }
content_hash record_reader::hash() const { return finish(s_->seen->hash); }

bool record_reader::next() {
    state &s = *s_;
    using reason = bad_record::reason;
    auto report = [&](const bad_record &bad) {
        if (on_bad)
            on_bad(bad);
    };
    for (;;) {
        char *text;
        try {
            text = s.next_line();
        } catch (const bad_record &too_long) {
            report(too_long);
            throw error(sqlstate::bad_file, "line " + std::to_string(too_long.line) + " is longer than 16 MiB");
        }
        if (!text)
            return false;
        s.line = s.physical;
        std::size_t size = std::strlen(text);
        auto take_mark = [](char *t, std::size_t &n) {
            bool marked = n > 0 && t[n - 1] == carriage_return_mark;
            if (marked)
                t[--n] = '\0';
            return marked;
        };
        bool marked = take_mark(text, size);
        if (size == 0 && s.expected != 1) {
            ++s.blank;
            continue;
        }

        // Asked once a record: most have no quote, and many nothing but ASCII.
        const bool has_quote = s.how.quote && std::memchr(text, s.how.quote, size);
        s.ends.clear();
        if (has_quote) {
            quote_scan scan;
            scan.over(text, 0, size, s.how, s.ends);
            if (scan.at == quote_scan::quoted) {
                std::string joined(text, size);
                std::vector<std::string> taken;
                while (scan.at == quote_scan::quoted) {
                    const std::size_t from = joined.size();
                    joined += marked ? "\r\n" : "\n";
                    char *more = joined.size() < largest_record ? s.next_line() : nullptr;
                    if (!more)
                        break;
                    std::size_t length = std::strlen(more);
                    taken.emplace_back(more, length);
                    marked = take_mark(more, length);
                    joined.append(more, length);
                    scan.over(joined.data(), from, joined.size(), s.how, s.ends);
                }
                if (scan.at == quote_scan::quoted || scan.at == quote_scan::broken) {
                    // Only the first line is lost: the others are read again.
                    s.physical -= taken.size();
                    s.again.insert(s.again.begin(), std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
                    report({scan.at == quote_scan::broken ? reason::text_after_quote : reason::unclosed_quote, s.line});
                    continue;
                }
                s.current = std::move(joined);
                text = s.current.data();
                size = s.current.size();
            } else if (scan.at == quote_scan::broken) {
                report({reason::text_after_quote, s.line});
                continue;
            }
        } else {
            plain_ends(text, size, s.how.delimiter, s.ends);
        }
        s.ends.push_back(static_cast<std::uint32_t>(size));
        found_ends::record = text;
        found_ends::next = s.ends.data();

        s.fields.clear();
        bad_record bad{reason::field_count, s.line};
        bool is_bad = false;
        const bool ascii = is_ascii({text, size});
        for (char *rest = text; rest;) {
            char *begin, *end;
            io::detail::chop_next_column<found_ends>(rest, begin, end);
            field f;
            bool quoted = has_quote && *begin == s.how.quote;
            if (quoted) {
                char *to = begin;
                for (const char *from = begin + 1; from < end - 1; ++from) {
                    if (*from == s.how.quote)
                        ++from;
                    *to++ = *from;
                }
                f.text = {begin, static_cast<std::size_t>(to - begin)};
            } else {
                f.text = {begin, static_cast<std::size_t>(end - begin)};
                if (has_quote && !is_bad && std::memchr(begin, s.how.quote, f.text.size())) {
                    bad = {reason::quote_in_unquoted, s.line, s.fields.size() + 1};
                    is_bad = true;
                }
            }
            if (!ascii && !is_bad && !is_ascii(f.text) && !is_utf8(f.text)) {
                bool nul = f.text.find(nul_mark) != std::string_view::npos;
                bad = {nul ? reason::nul : reason::encoding, s.line, s.fields.size() + 1};
                is_bad = true;
            }
            f.is_null = f.text.empty() ? !quoted || s.how.blank_is_null : s.how.blank_is_null && !is_bad && is_blank(f.text);
            if (f.is_null)
                f.text = {};
            s.fields.push_back(f);
        }
        if (s.expected == 0)
            s.expected = s.fields.size();
        if (!is_bad && s.optional_last && s.fields.size() + 1 == s.expected)
            s.fields.push_back({{}, true});
        if (!is_bad && s.fields.size() != s.expected) {
            bad.expected = s.expected;
            bad.found = s.fields.size();
            is_bad = true;
        }
        if (is_bad) {
            report(bad);
            continue;
        }
        ++s.records;
        return true;
    }
}

prefix read_prefix(int descriptor, std::uint64_t bytes, const std::function<void()> &check) {
    prefix out;
    out.progress = std::make_shared<read_progress>();
    char last = 0;
    go_to(descriptor, 0);
    read_bytes(descriptor, bytes, [&](const char *from, std::size_t n) {
        XXH3_128bits_update(out.progress->hash, from, n);
        out.lines += count_newlines(from, n);
        out.bytes += n;
        last = from[n - 1];
        if (check)
            check();
    });
    out.progress->bytes = out.bytes;
    out.hash = finish(out.progress->hash);
    char next[3];
    const bool mark = ::pread(descriptor, next, 3, static_cast<off_t>(out.bytes)) == 3 && std::memcmp(next, "\xEF\xBB\xBF", 3) == 0;
    out.whole_lines = last == '\n' && !mark;
    return out;
}

content_hash hash_file(int descriptor, const std::function<void()> &check) {
    read_progress seen;
    go_to(descriptor, 0);
    read_bytes(descriptor, std::uint64_t(-1), [&](const char *from, std::size_t n) {
        XXH3_128bits_update(seen.hash, from, n);
        if (check)
            check();
    });
    return finish(seen.hash);
}

std::string to_hex(const content_hash &hash) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (unsigned char c : hash) {
        out += digits[c >> 4];
        out += digits[c & 15];
    }
    return out;
}

} // namespace barometre::csv
