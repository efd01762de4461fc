#pragma once

#include "core/csv/dialect.h"
#include "core/csv/record_reader.h" // only for bad_record::reason

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

/// A CSV reader that is slow and plain: over a whole text, byte by byte. What record_reader gives is compared
/// with it. They have no code in common, only these rules:
///
/// - LF, CR LF and a CR alone end a physical line; a last line without end counts. Where the text's first line does
///   not end in a CR alone, a CR alone ends no record, comment or empty line: what follows belongs to it, and outside
///   quotes the record is bad (stray_cr, before anything else but what says that its extent is not known). Byte order
///   marks at the file's beginning, one or several, are dropped.
/// - The first `skip_lines` physical lines are passed over. So are lines that begin with the comment character, and
///   empty ones unless records have one field (known or, when 0 is given, once there was a good record); neither
///   where a quote is open.
/// - A field that begins with the quote is quoted: it holds delimiters and line ends, byte for byte; a doubled quote is
///   a quote; after the closing one only a delimiter or the record's end may follow, or, if lenient, blanks and tabs
///   before these.
/// - An escape before a quote, a delimiter (all of it) or another escape is dropped, and they are text, in quoted and
///   unquoted fields; before anything else it is text. An escaped quote begins no quoted field.
/// - Without a quote character there are no quoted fields; without an escape none.
/// - text_after_quote and unclosed_quote say that the record's extent is not known: they come before anything else
///   there is in it, only its first physical line is bad, and reading goes on at the next one.
/// - Else the whole record is bad by its first field that has, in this order: an unescaped quote though it is unquoted
///   (quote_in_unquoted, unless lenient), a NUL (nul), or is no UTF-8 (encoding). Else by its number of fields
///   (field_count), which must be `expected`, or up to `optional` less, which adds NULLs; when 0 is given,
///   that of the first record that is not bad.
/// - NULL is: unquoted empty; an unquoted text that is one of `nulls`; with blank_is_null, white space or nothing.
/// - A physical line that has, with its end, more than 16 MiB is line_too_long where a record begins with it. (What
///   there is in one where a quote is open is not compared, nor how long exactly a line may be.)
namespace reference {

using barometre::csv::dialect;
using reason = barometre::csv::bad_record::reason;

constexpr std::size_t longest_line = std::size_t{1} << 24;

/// One record, good or bad.
struct row {
    std::optional<reason> why;
    std::size_t column = 0, expected = 0, found = 0;
    std::uint64_t line = 0, last_line = 0, offset = 0;
    std::string raw; ///< its first 1024 bytes in the file, without the last line end
    std::vector<std::optional<std::string>> fields;
    bool operator==(const row &) const = default;
};

/// Length of the UTF-8 sequence at s[i], and its code point; 0: there is none.
inline std::size_t sequence(const std::string &s, std::size_t i, std::uint32_t &code) {
    const auto byte = [&](std::size_t k) -> std::uint32_t {
        return k < s.size() ? static_cast<unsigned char>(s[k]) : 0;
    };
    const std::uint32_t first = byte(i);
    const std::size_t n = first < 0x80   ? 1
                          : first < 0xC0 ? 0
                          : first < 0xE0 ? 2
                          : first < 0xF0 ? 3
                          : first < 0xF8 ? 4
                                         : 0;
    if (n == 0)
        return 0;
    code = n == 1 ? first : first & (0xFFu >> (n + 1));
    for (std::size_t k = 1; k < n; ++k) {
        if (byte(i + k) < 0x80 || byte(i + k) > 0xBF)
            return 0;
        code = code << 6 | (byte(i + k) & 0x3F);
    }
    const std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? 0 : n;
}

inline bool is_utf8(const std::string &s) {
    std::uint32_t code;
    for (std::size_t i = 0, n; i < s.size(); i += n)
        if ((n = sequence(s, i, code)) == 0)
            return false;
    return true;
}

inline bool is_blank(const std::string &s) {
    std::uint32_t c = 0;
    for (std::size_t i = 0, n; i < s.size(); i += n) {
        if ((n = sequence(s, i, c)) == 0)
            return false;
        const bool space = (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
                           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
                           c == 0x3000;
        if (!space)
            return false;
    }
    return true;
}

class reader {
public:
    std::vector<row> rows;
    std::uint64_t blank = 0;

    /// Reads `text` from `from` on, which is the beginning of the physical line that comes after `before` others.
    reader(const std::string &text, const dialect &how, std::size_t expected, std::size_t optional,
           std::size_t from = 0, std::uint64_t before = 0)
        : text_(text), how_(how), expected_(expected), optional_(optional) {
        std::size_t at = from;
        while (from == 0 && text.compare(at, 3, "\xEF\xBB\xBF") == 0)
            at += 3;
        for (std::uint64_t line = before + 1; at < text.size(); ++line) {
            std::size_t end = line_end(at);
            if (line <= how.skip_lines) {
                // passed over
            } else if (!how.comment.empty() && text.compare(at, how.comment.size(), how.comment) == 0) {
                for (; is_stray(end); ++line)
                    end = line_end(end + 1);
            } else if (at == end && expected_ != 1 && !(expected_ > 0 && optional_ >= expected_) && !is_stray(end)) {
                ++blank;
            } else {
                row r;
                r.line = line;
                r.offset = at;
                const bool too_long = end + end_size(end) - at > longest_line;
                if (too_long)
                    r.why = reason::line_too_long;
                const std::size_t after = too_long ? end : read_record(at, r);
                for (; end < after; ++line)
                    end = line_end(end + end_size(end));
                r.last_line = line;
                r.raw = text.substr(at, std::min<std::size_t>(end - at, 1024));
                rows.push_back(std::move(r));
            }
            at = end + end_size(end);
        }
    }

private:
    const std::string &text_;
    const dialect &how_;
    std::size_t expected_;
    std::size_t optional_;

    bool at_line_end(std::size_t i) const { return i >= text_.size() || text_[i] == '\n' || text_[i] == '\r'; }
    std::size_t line_end(std::size_t i) const {
        while (!at_line_end(i))
            ++i;
        return i;
    }
    std::size_t end_size(std::size_t i) const {
        return i >= text_.size() ? 0 : text_.compare(i, 2, "\r\n") == 0 ? 2 : 1;
    }
    /// A CR that ends no line, though physical lines are counted by it.
    bool is_stray(std::size_t i) const {
        const std::size_t first = text_.find_first_of("\r\n");
        return i + 1 < text_.size() && text_[i] == '\r' && text_[i + 1] != '\n' &&
               (text_[first] == '\n' || end_size(first) == 2);
    }
    bool at_delimiter(std::size_t i) const { return text_.compare(i, how_.delimiter.size(), how_.delimiter) == 0; }
    bool at_quote(std::size_t i) const { return how_.quote && i < text_.size() && text_[i] == how_.quote; }

    /// Bytes that are text by the escape at `i`; 0: none, or there is no escape.
    std::size_t escaped(std::size_t i) const {
        if (!how_.escape || text_[i] != how_.escape || i + 1 >= text_.size())
            return 0;
        return text_[i + 1] == how_.escape || at_quote(i + 1) ? 1 : at_delimiter(i + 1) ? how_.delimiter.size() : 0;
    }

    /// Reads the record at `at` into `r`, and gives where it ends, before its last line end; where its extent is not
    /// known, where its first line ends.
    std::size_t read_record(std::size_t at, row &r) {
        const std::size_t first_end = line_end(at);
        auto bad = [&](reason why, std::size_t column) {
            if (!r.why) {
                r.why = why;
                r.column = column;
            }
        };
        auto lost = [&](reason why) {
            r.why = why;
            r.column = 0;
            r.fields.clear();
            return first_end;
        };
        for (std::size_t i = at;; i += how_.delimiter.size()) {
            std::string value;
            const bool quoted = at_quote(i);
            bool bare_quote = false;
            i += quoted;
            for (bool open = true; open;) {
                if (quoted && i >= text_.size())
                    return lost(reason::unclosed_quote);
                if (!quoted && (at_line_end(i) || at_delimiter(i))) {
                    open = false;
                } else if (const std::size_t n = escaped(i)) {
                    value += text_.substr(i + 1, n);
                    i += 1 + n;
                } else if (quoted && at_quote(i)) {
                    open = at_quote(i + 1);
                    if (open)
                        value += text_[i];
                    i += open ? 2 : 1;
                } else {
                    bare_quote |= at_quote(i);
                    value += text_[i++];
                }
            }
            while (quoted && how_.lenient && i < text_.size() && !at_delimiter(i) &&
                   (text_[i] == ' ' || text_[i] == '\t'))
                ++i;
            const bool at_end = at_line_end(i);
            if (quoted && !at_end && !at_delimiter(i))
                return lost(reason::text_after_quote);

            const std::size_t column = r.fields.size() + 1;
            if (bare_quote && !how_.lenient)
                bad(reason::quote_in_unquoted, column);
            if (value.find('\0') != value.npos)
                bad(reason::nul, column);
            if (!is_utf8(value))
                bad(reason::encoding, column);
            const bool null = (!quoted && value.empty()) || (how_.blank_is_null && is_blank(value)) ||
                              (!quoted && std::count(how_.nulls.begin(), how_.nulls.end(), value) > 0);
            r.fields.push_back(null ? std::nullopt : std::optional(value));
            if (!at_end)
                continue;
            if (is_stray(i)) {
                lost(reason::stray_cr);
                while (is_stray(i))
                    i = line_end(i + 1);
                return i;
            }

            if (!r.why && expected_ == 0)
                expected_ = r.fields.size();
            if (!r.why && r.fields.size() < expected_ && expected_ - r.fields.size() <= optional_)
                r.fields.resize(expected_);
            if (!r.why && r.fields.size() != expected_) {
                r.expected = expected_;
                r.found = r.fields.size();
                bad(reason::field_count, 0);
            }
            if (r.why)
                r.fields.clear();
            return i;
        }
    }
};

} // namespace reference
