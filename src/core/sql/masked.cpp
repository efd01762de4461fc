#include "core/sql/masked.h"
#include "core/text/ascii.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace barometre::sql {

namespace {

constexpr const char *veil = "…";

bool begins_word(char c) {
    return c == '_' || static_cast<signed char>(c) < 0 || text::is_letter(c);
} // below 0: of another language's letters
bool in_word(char c) { return begins_word(c) || text::is_digit(c) || c == '$'; }

/// Goes through a text once, from piece to piece.
class masking {
public:
    explicit masking(std::string_view text) : text_(text) {}

    std::string all() {
        while (at_ < text_.size())
            sql_piece();
        return std::move(out_);
    }

private:
    bool is(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
    char here() const { return text_[at_]; }
    bool follows_word() const { return at_ > 0 && in_word(text_[at_ - 1]); }

    void keep(std::size_t end) {
        out_ += text_.substr(at_, end - at_);
        at_ = end;
    }
    /// The place behind what ends something; the text's end where nothing does.
    std::size_t behind(std::string_view what, std::size_t from) const {
        const std::size_t found = text_.find(what, from);
        return found == std::string_view::npos ? text_.size() : found + what.size();
    }

    void sql_piece() {
        if (is("{#"))
            return comment(behind("#}", at_ + 2));
        if (is("{{") || is("{%"))
            return braces();
        if (is("--"))
            return comment(std::min(text_.find('\n', at_), text_.size()));
        if (is("/*"))
            return comment(end_of_block());
        if (here() == '\'')
            return string(end_of_string());
        if (here() == '"')
            return keep(behind("\"", at_ + 1));
        if (here() == '$' && !follows_word() && dollar_string())
            return;
        plain();
    }

    /// A word, a number or a sign.
    void plain() {
        if (begins_word(here())) {
            std::size_t end = at_ + 1;
            while (end < text_.size() && in_word(text_[end]))
                ++end;
            return keep(end);
        }
        if (text::is_digit(here()) && !follows_word())
            return number();
        keep(at_ + 1);
    }

    void number() {
        std::size_t end = at_, digits = 0;
        while (end < text_.size() &&
               (in_word(text_[end]) || (text_[end] == '.' && end + 1 < text_.size() && text::is_digit(text_[end + 1]))))
            digits += text::is_digit(text_[end++]);
        if (digits < 3)
            return keep(end);
        out_ += veil;
        at_ = end;
    }

    /// Comments of SQL may have others in them.
    std::size_t end_of_block() const {
        std::size_t depth = 0, end = at_;
        do {
            const std::string_view two = text_.substr(end, 2);
            depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
            end += two == "/*" || two == "*/" ? 2 : 1;
        } while (depth > 0 && end < text_.size());
        return std::min(end, text_.size());
    }

    /// What is quoted in a comment may be SQL that somebody took out; an apostrophe in a word quotes nothing.
    void comment(std::size_t end) {
        while (at_ < end) {
            const char c = here();
            const std::size_t close = (c == '\'' && !follows_word()) || c == '"' ? text_.find(c, at_ + 1) : end;
            const bool is_quoted = close < end && text_.substr(at_, close - at_).find('\n') == std::string_view::npos;
            if (is_quoted && close > at_ + 1) {
                (out_ += c) += veil;
                out_ += c;
                at_ = close + 1;
            } else {
                plain();
            }
        }
    }

    /// Behind the string that begins here. What a template prints in it is part of it.
    std::size_t end_of_string() const {
        const bool escapes =
            at_ > 0 && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') && (at_ == 1 || !in_word(text_[at_ - 2]));
        std::size_t end = at_ + 1;
        while (end < text_.size()) {
            const std::string_view two = text_.substr(end, 2);
            if (two == "{{" || two == "{%")
                end = behind(two == "{{" ? "}}" : "%}", end + 2);
            else if (two == "''" || (escapes && two.size() == 2 && two[0] == '\\'))
                end += 2;
            else if (text_[end++] == '\'')
                return end;
        }
        return text_.size();
    }

    void string(std::size_t end) {
        if (end - at_ > 2) {
            out_ += '\'';
            out_ += veil;
            out_ += '\'';
        } else {
            out_ += text_.substr(at_, end - at_);
        }
        at_ = end;
    }

    bool dollar_string() {
        std::size_t tag = at_ + 1;
        while (tag < text_.size() && text_[tag] != '$' && in_word(text_[tag]))
            ++tag;
        if (tag >= text_.size() || text_[tag] != '$' || (tag > at_ + 1 && text::is_digit(text_[at_ + 1])))
            return false;
        const std::string_view delimiter = text_.substr(at_, tag + 1 - at_);
        const std::size_t end = behind(delimiter, tag + 1);
        ((out_ += delimiter) += veil) += delimiter;
        at_ = end;
        return true;
    }

    /// What stands between braces, with its calls.
    void braces() {
        const std::string_view close = is("{{") ? "}}" : "%}";
        std::vector<std::string_view> calls;
        std::size_t word = at_, behind_word = at_; // the last one
        keep(at_ + 2);
        while (at_ < text_.size() && !is(close)) {
            const char c = here();
            if (c == '\'' || c == '"') {
                argument(calls);
            } else if (begins_word(c)) {
                word = at_;
                plain();
                behind_word = at_;
            } else if (c == '(') {
                const bool is_call =
                    text_.substr(behind_word, at_ - behind_word).find_first_not_of(" \t\r\n") == std::string_view::npos;
                calls.push_back(is_call ? text_.substr(word, behind_word - word) : std::string_view());
                keep(at_ + 1);
            } else {
                if (c == ')' && !calls.empty())
                    calls.pop_back();
                if (text::is_digit(c))
                    number();
                else
                    keep(at_ + 1);
            }
        }
        keep(std::min(at_ + 2, text_.size()));
    }

    /// A string of a template: names are kept.
    void argument(const std::vector<std::string_view> &calls) {
        const char quote = here();
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote)
            end += text_[end] == '\\' ? 2 : 1;
        end = std::min(end + 1, text_.size());
        const std::string_view inner = text_.substr(at_ + 1, end - at_ - std::min<std::size_t>(end - at_, 2));
        const std::string_view call = calls.empty() ? std::string_view() : calls.back();
        const std::size_t before = out_.find_last_not_of(" \t\r\n");
        const bool is_first = before != std::string::npos && out_[before] == '(';
        const bool in_config = std::find(calls.begin(), calls.end(), "config") != calls.end();
        if (inner.empty() || call == "ref" || call == "source" || (call == "var" && is_first) ||
            (in_config && is_name(inner)))
            return keep(end);
        ((out_ += quote) += veil) += quote;
        at_ = end;
    }
    static bool is_name(std::string_view text) {
        return std::all_of(text.begin(), text.end(),
                           [](char c) { return in_word(c) || c == '.' || c == '+' || c == '-' || c == ':'; });
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

} // namespace

std::string masked(const std::string &text) { return masking(text).all(); }

} // namespace barometre::sql
