#include "core/csv/record_reader.h"
#include "core/csv/lines.h"
#include "core/csv/scan.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <cstring>

namespace barometre::csv {

namespace {

/// A record of more bytes has a quote that was never closed.
constexpr std::size_t largest_record = std::size_t{64} << 20;

/// Of the bytes of a record so many are shown at most.
constexpr std::size_t largest_raw = 1024;

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
    std::size_t optional;
    std::shared_ptr<bytes::read_progress> seen;
    lines in;
    std::uint64_t records = 0, blank = 0;
    place_list ends; ///< where the record's columns end
    std::vector<record::field> fields;
    std::string raw; ///< of the record, where it can't be read again
    std::string comment;
    bool is_simple = how.delimiter.size() == 1 && how.nulls.empty() &&
                     !how.blank_is_null; ///< an unquoted field is NULL if it is empty
    /// What parts fields does not part characters: those of a record in UTF-8 are in UTF-8.
    bool parts_whole =
        text::is_utf8(how.delimiter) && text::is_ascii({&how.quote, 1}) && text::is_ascii({&how.escape, 1});
    bool expects_quotes = false; ///< the record before had some
    bool is_split_ahead = false; ///< the record was, as all can be that have no quotes:
    bool splits_ahead = is_simple && parts_whole && how.comment.empty();
    /// So many records are not asked for ahead, and so many after the next one of which nothing was known: where few
    /// are such lines, it costs more than it saves to look for them.
    std::uint32_t not_ahead = 0, not_ahead_next = least_not_ahead;
    static constexpr std::uint32_t least_not_ahead = 8, most_not_ahead = 1024;

    state(int descriptor, dialect d, std::size_t n, std::size_t may_lack,
          std::shared_ptr<bytes::read_progress> progress, std::uint64_t before)
        : how(std::move(d)), expected(n), optional(may_lack), seen(std::move(progress)),
          in(descriptor, how, seen, before) {}

    bad_record bad(bad_record::reason why, std::size_t column = 0) const {
        return {why, in.first(), in.last(), column};
    }
    bool has_bare_quote(const char *c, const char *end) const;
    std::string_view unescaped(char *begin, char *end, bool quoted) const;
    void split_plain(const char *counted_from, const std::uint32_t *column_ends, std::size_t n);
    bool take_next_columns();
    std::optional<bad_record> take_record();
    std::optional<bad_record> take_stray_cr();
    std::optional<bad_record> take_fields(const quote_scan &quotes, bool is_text);
    std::optional<bad_record> check_count();
    bool takes_empty() const { return expected == 1 || (expected > 0 && optional >= expected); }
};

record_reader::record_reader(int descriptor, dialect how, std::size_t fields, std::size_t optional) {
    s_ = std::make_unique<state>(descriptor, std::move(how), fields, optional, std::make_shared<bytes::read_progress>(),
                                 0);
}

record_reader::record_reader(int descriptor, dialect how, const bytes::prefix &before, std::size_t fields,
                             std::size_t optional) {
    s_ = std::make_unique<state>(descriptor, std::move(how), fields, optional,
                                 std::make_shared<bytes::read_progress>(*before.progress), before.lines);
}

record_reader &record_reader::operator=(record_reader &&) noexcept = default;
record_reader::record_reader(record_reader &&) noexcept = default;
record_reader::~record_reader() = default;

void record_reader::expect_fields(std::size_t fields, std::size_t optional) {
    s_->expected = fields;
    s_->optional = optional;
}
const std::vector<record::field> &record_reader::fields() const { return s_->fields; }
bool record_reader::has_margins() const { return s_->in.has_margins(); }
std::uint64_t record_reader::line() const { return s_->in.first(); }
std::uint64_t record_reader::records() const { return s_->records; }
std::uint64_t record_reader::blank_lines() const { return s_->blank; }
const std::string &record_reader::comment() const { return s_->comment; }
std::uint64_t record_reader::bytes() const { return s_->seen->bytes; }
std::optional<std::uint64_t> record_reader::offset() const { return s_->in.offset(); }
std::string record_reader::raw() const {
    if (!s_->raw.empty())
        return s_->raw;
    std::string raw = s_->in.raw(largest_raw);
    if (s_->is_split_ahead && !s_->in.is_plain()) // where it was parted
        std::replace(raw.begin(), raw.end(), '\0', s_->how.delimiter[0]);
    return raw;
}
std::uint64_t record_reader::last_line() const { return s_->in.last(); }
bytes::content_hash record_reader::hash() const { return s_->seen->digest(); }
bytes::content_hash record_reader::unpacked_hash() const { return s_->seen->unpacked_digest(); }

/// If what is at hand ends in a CR that ends no line: joins what follows, which belongs to the same bad record.
std::optional<bad_record> record_reader::state::take_stray_cr() {
    raw.clear();
    if (!in.is_cut() || !in.join()) // at the end of the file it is half a line end
        return std::nullopt;
    while (in.is_cut() && in.size() <= largest_record && in.join()) {
    }
    return bad(bad_record::reason::stray_cr);
}

/// Splits the text at hand, in which a field is NULL if it is empty, at so many ends, which are counted from there.
void record_reader::state::split_plain(const char *counted_from, const std::uint32_t *column_ends, std::size_t n) {
    fields.resize(n);
    found_ends::record = counted_from;
    found_ends::next = column_ends;
    char *rest = in.text();
    for (record::field &f : fields) {
        char *begin, *end;
        io::detail::chop_next_column<found_ends>(rest, begin, end);
        f = {{begin, static_cast<std::size_t>(end - begin)}, begin == end};
    }
}

/// On to the next record, and splits it, where it is a line with as many columns as are expected whose ends are known;
/// false: it may be something else, and nothing happened.
bool record_reader::state::take_next_columns() {
    is_split_ahead = false;
    if (!splits_ahead || expected == 0 || in.last() < how.skip_lines)
        return false;
    if (not_ahead > 0) {
        --not_ahead;
        return false;
    }
    const std::uint32_t *const ends_ahead = in.next_columns(expected);
    if (!ends_ahead) {
        not_ahead = not_ahead_next;
        not_ahead_next = std::min(2 * not_ahead_next, most_not_ahead);
        return false;
    }
    not_ahead_next = least_not_ahead;
    is_split_ahead = true;
    raw.clear();
    split_plain(in.window(), ends_ahead, expected);
    return true;
}

/// Joins the lines of the record that begins with the line at hand, and splits it.
std::optional<bad_record> record_reader::state::take_record() {
    using reason = bad_record::reason;
    if (in.too_long())
        return bad(reason::line_too_long);
    raw.clear();
    // Most lines have no quote, and many nothing but ASCII; where one had quotes the next one will.
    ends.clear();
    line_facts facts{expects_quotes, false};
    if (!expects_quotes)
        scan_line(in.text(), in.size(), how, ends, facts);
    quote_scan scan;
    if (facts.has_quote) {
        ends.clear();
        scan.over(in.text(), 0, in.size(), how, ends);
        while (scan.at == quote_scan::quoted) {
            const std::size_t from = in.size();
            if (from > largest_record || !in.join())
                break;
            scan.over(in.text(), from, in.size(), how, ends);
        }
        expects_quotes = scan.has_quote;
        if (scan.has_quote)
            not_ahead = std::max(not_ahead, least_not_ahead);
        if (scan.at == quote_scan::quoted || scan.at == quote_scan::broken) {
            in.part(); // only the first line is lost
            return bad(scan.at == quote_scan::broken ? reason::text_after_quote : reason::unclosed_quote);
        }
    }
    if (const auto stray = take_stray_cr())
        return stray;
    bool is_text = (parts_whole && in.is_text()) || (facts.is_ascii && in.first() == in.last());
    if (const std::string_view text(in.text(), in.size()); !is_text)
        is_text = parts_whole ? text::is_utf8(text) : text::is_ascii(text);
    return take_fields(scan, is_text);
}

/// Whether a quote stands in an unquoted field, but for escaped ones.
bool record_reader::state::has_bare_quote(const char *c, const char *end) const {
    for (; c < end; ++c)
        if (is_escaped(c, end, how))
            ++c;
        else if (*c == how.quote)
            return true;
    return false;
}

/// The field's text, put together where it stands: without quotes and escapes.
std::string_view record_reader::state::unescaped(char *begin, char *end, bool quoted) const {
    char *to = begin;
    const char *from = begin + quoted, *last = end - quoted;
    if (how.escape) {
        while (from < last) {
            from += is_escaped(from, last, how) || (quoted && *from == how.quote);
            *to++ = *from++;
        }
        return {begin, static_cast<std::size_t>(to - begin)};
    }
    while (from < last) { // up to each doubled quote, with the first of the two
        auto pair = static_cast<const char *>(std::memchr(from, how.quote, static_cast<std::size_t>(last - from)));
        const auto size_up_to = static_cast<std::size_t>((pair ? pair + 1 : last) - from);
        std::memmove(to, from, size_up_to);
        to += size_up_to;
        from = pair ? pair + 2 : last;
    }
    return {begin, static_cast<std::size_t>(to - begin)};
}

/// Splits the record at hand at `ends`. `is_text`: it is in UTF-8, and so are its fields.
std::optional<bad_record> record_reader::state::take_fields(const quote_scan &quotes, bool is_text) {
    using reason = bad_record::reason;
    if (!in.is_plain()) // what is read again is not what was split
        raw = in.raw(largest_raw);
    char *const text = in.text();
    text[in.size()] = '\0';
    ends.push_back(static_cast<std::uint32_t>(in.size()));

    std::optional<bad_record> is_bad;
    if (!quotes.has_quote && is_text && is_simple) {
        split_plain(text, ends.data(), ends.size());
        return check_count();
    }
    fields.clear();
    found_ends::record = text;
    found_ends::next = ends.data();
    for (char *rest = text; rest;) {
        char *begin, *end;
        io::detail::chop_next_column<found_ends>(rest, begin, end);
        record::field f;
        if (rest)
            rest += how.delimiter.size() - 1;
        const bool quoted = quotes.has_quote && how.quote && *begin == how.quote;
        while (quoted && how.lenient && end[-1] != how.quote) // blanks
            --end;
        if (quotes.may_be_bare && !quoted && !how.lenient && !is_bad && has_bare_quote(begin, end))
            is_bad = bad(reason::quote_in_unquoted, fields.size() + 1);
        if (quoted && !quotes.may_double)
            f.text = {begin + 1, static_cast<std::size_t>(end - begin) - 2};
        else if (quotes.has_quote && (quoted || how.escape))
            f.text = unescaped(begin, end, quoted);
        else
            f.text = {begin, static_cast<std::size_t>(end - begin)};
        if (!is_text && !is_bad && !text::is_ascii(f.text) && !text::is_utf8(f.text)) {
            auto has = [&](char mark) { return f.text.find(mark) != std::string_view::npos; };
            is_bad = bad(has(too_long_mark) ? reason::line_too_long
                         : has(nul_mark)    ? reason::nul
                                            : reason::encoding,
                         fields.size() + 1);
        }
        f.is_null =
            f.text.empty() ? !quoted || how.blank_is_null : how.blank_is_null && !is_bad && text::is_blank(f.text);
        if (!quoted && !how.nulls.empty())
            f.is_null |= std::find(how.nulls.begin(), how.nulls.end(), f.text) != how.nulls.end();
        if (f.is_null)
            f.text = f.text.substr(0, 0);
        fields.push_back(f);
    }
    return is_bad ? is_bad : check_count();
}

/// Whether the record has as many fields as it must.
std::optional<bad_record> record_reader::state::check_count() {
    if (expected == 0)
        expected = fields.size();
    if (fields.size() < expected && fields.size() + optional >= expected)
        fields.resize(expected, {{in.text(), 0}, true});
    if (fields.size() == expected)
        return std::nullopt;
    bad_record wrong = bad(bad_record::reason::field_count);
    wrong.expected = expected;
    wrong.found = fields.size();
    return wrong;
}

bool record_reader::next() {
    state &s = *s_;
    for (;;) {
        if (s.take_next_columns()) {
            ++s.records;
            return true;
        }
        if (!s.in.next())
            return false;
        if (s.in.last() <= s.how.skip_lines)
            continue;
        if (!s.how.comment.empty() && std::string_view(s.in.text(), s.in.size()).starts_with(s.how.comment)) {
            s.take_stray_cr();
            if (s.records == 0)
                s.comment.assign(s.in.text() + s.how.comment.size(), s.in.size() - s.how.comment.size());
            continue;
        }
        const bool is_empty = s.in.size() == 0 && !s.takes_empty();
        const auto bad = is_empty ? s.take_stray_cr() : s.take_record();
        if (is_empty && !bad) {
            ++s.blank;
            continue;
        }
        if (bad) {
            if (on_bad)
                on_bad(*bad);
            continue;
        }
        ++s.records;
        return true;
    }
}

} // namespace barometre::csv
