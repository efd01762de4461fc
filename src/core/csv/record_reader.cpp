#include "core/csv/record_reader.h"
#include "core/csv/byte_source.h"
#include "core/csv/scan.h"
#include "core/error.h"

#include <cstring>
#include <deque>

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

} // namespace

struct record_reader::state {
    dialect how;
    std::size_t expected;
    bool optional_last;
    std::shared_ptr<read_progress> seen;
    io::LineReader lines;
    std::deque<std::string> again; ///< lines to read once more, after a quote that was never closed
    std::string current;           ///< the line that is read again
    std::string joined;            ///< a record of several lines
    struct line_in {
        std::size_t begin, size;
        bool marked;
    };
    std::vector<line_in> more;     ///< where its lines are in `joined`, but for the first
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

    /// Goes back to the second line of the record in `joined`.
    void read_again() {
        physical -= more.size();
        std::vector<std::string> lines_again;
        for (const line_in &l : more) {
            lines_again.emplace_back(joined, l.begin, l.size);
            if (l.marked)
                lines_again.back() += carriage_return_mark;
        }
        again.insert(again.begin(), std::make_move_iterator(lines_again.begin()), std::make_move_iterator(lines_again.end()));
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
content_hash record_reader::hash() const { return s_->seen->digest(); }

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
                // The record goes on over lines, which are joined in `joined`.
                std::string &joined = s.joined;
                joined.assign(text, size);
                s.more.clear();
                while (scan.at == quote_scan::quoted) {
                    const std::size_t from = joined.size();
                    joined += marked ? "\r\n" : "\n";
                    char *more = joined.size() < largest_record ? s.next_line() : nullptr;
                    if (!more)
                        break;
                    std::size_t length = std::strlen(more);
                    marked = take_mark(more, length);
                    s.more.push_back({joined.size(), length, marked});
                    joined.append(more, length);
                    scan.over(joined.data(), from, joined.size(), s.how, s.ends);
                }
                if (scan.at == quote_scan::quoted || scan.at == quote_scan::broken) {
                    // Only the first line is lost: the others are read again.
                    s.read_again();
                    report({scan.at == quote_scan::broken ? reason::text_after_quote : reason::unclosed_quote, s.line});
                    continue;
                }
                text = joined.data();
                size = joined.size();
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
                const char *from = begin + 1, *last = end - 1;
                while (from < last) { // up to each doubled quote, with the first of the two
                    auto pair = static_cast<const char *>(std::memchr(from, s.how.quote, static_cast<std::size_t>(last - from)));
                    const auto size_up_to = static_cast<std::size_t>((pair ? pair + 1 : last) - from);
                    std::memmove(to, from, size_up_to);
                    to += size_up_to;
                    from = pair ? pair + 2 : last;
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

} // namespace barometre::csv
