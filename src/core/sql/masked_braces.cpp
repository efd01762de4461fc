#include "core/sql/masked_braces.h"
#include "core/text/ascii.h"

#include <algorithm>
#include <vector>

namespace barometre::sql {

namespace {

constexpr std::string_view spaces = " \t\r\n";

bool is_setting(std::string_view text) {
    return !text.empty() && (begins_word(text[0]) || text[0] == '+') &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return in_word(c) || c == '.' || c == '+' || c == '-' || c == ':'; });
}

/// Goes through what stands between braces.
class between {
public:
    between(std::string_view text, std::size_t at) : text_(text), at_(at), close_(text[at + 1] == '{' ? "}}" : "%}") {
        keep(at_ + 2);
    }

    masked_words all() {
        while (at_ < text_.size() && (!open_.empty() || text_.substr(at_, 2) != close_))
            piece();
        made_.prints_a_quote = quotes_ % 2 != 0 || at_ >= text_.size();
        keep(std::min(at_ + 2, text_.size()));
        made_.end = at_;
        return std::move(made_);
    }

private:
    void keep(std::size_t end) {
        made_.shown += text_.substr(at_, end - at_);
        at_ = end;
    }

    void piece() {
        const char c = text_[at_];
        if (c == '\'' || c == '"')
            return argument();
        if (begins_word(c)) {
            std::size_t end = at_ + 1;
            while (end < text_.size() && in_word(text_[end]))
                ++end;
            word_ = text_.substr(at_, end - at_);
            behind_word_ = end;
            if (made_.word.empty())
                made_.word = word_;
            return keep(end);
        }
        if (text::is_digit(c)) {
            const std::size_t end = end_of_number(text_, at_);
            if (!is_long_number(text_.substr(at_, end - at_)))
                return keep(end);
            made_.shown += "…";
            at_ = end;
            return;
        }
        if (c == '(' || c == '[' || c == '{') {
            const bool is_call = c == '(' && text_.substr(behind_word_, at_ - behind_word_).find_first_not_of(spaces) ==
                                                 std::string_view::npos;
            open_.push_back(is_call ? word_ : std::string_view());
        } else if ((c == ')' || c == ']' || c == '}') && !open_.empty()) {
            open_.pop_back();
        } else if (c == '=' && open_.empty()) {
            made_.assigns = true;
        }
        keep(at_ + 1);
    }

    /// A string of a template: names are kept.
    void argument() {
        const char quote = text_[at_];
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote)
            end += text_[end] == '\\' ? 2 : 1;
        end = std::min(end + 1, text_.size());
        const std::string_view inner = text_.substr(at_ + 1, end - at_ - std::min<std::size_t>(end - at_, 2));
        const std::string_view call = open_.empty() ? std::string_view() : open_.back();
        const std::size_t before = made_.shown.find_last_not_of(spaces);
        const bool is_first = before != std::string::npos && made_.shown[before] == '(';
        const bool in_config = std::find(open_.begin(), open_.end(), "config") != open_.end();
        if (call != "replace" && !in_config) // which prints nothing
            quotes_ += static_cast<std::size_t>(std::count(inner.begin(), inner.end(), '\''));
        if (inner.empty() || call == "ref" || call == "source" || (call == "var" && is_first) ||
            (in_config && is_setting(inner)))
            return keep(end);
        ((made_.shown += quote) += "…") += quote;
        at_ = end;
    }

    std::string_view text_;
    std::size_t at_;
    std::string_view close_;
    std::vector<std::string_view> open_; ///< for each bracket what it calls
    std::string_view word_;              ///< the last one
    std::size_t behind_word_ = 0;
    std::size_t quotes_ = 0;
    masked_words made_;
};

/// Behind what ends something; the text's end where nothing does.
std::size_t behind(std::string_view text, std::string_view what, std::size_t from) {
    const std::size_t found = text.find(what, std::min(from, text.size()));
    return found == std::string_view::npos ? text.size() : found + what.size();
}

} // namespace

bool begins_word(char c) { return c == '_' || static_cast<signed char>(c) < 0 || text::is_letter(c); }
bool in_word(char c) { return begins_word(c) || text::is_digit(c) || c == '$'; }

std::size_t end_of_number(std::string_view text, std::size_t at) {
    while (at < text.size() &&
           (in_word(text[at]) || (text[at] == '.' && at + 1 < text.size() && text::is_digit(text[at + 1]))))
        ++at;
    return at;
}

bool is_long_number(std::string_view number) {
    return std::count_if(number.begin(), number.end(), text::is_digit) >= 3;
}

masked_words mask_braces(std::string_view text, std::size_t at) { return between(text, at).all(); }

std::size_t behind_comment(std::string_view text, std::size_t at) { return behind(text, "#}", at + 2); }

std::size_t behind_raw(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        at = behind(text, "{%", at);
        std::size_t word = std::min(text.find_first_not_of(" \t\r\n-+", at), text.size());
        if (text.substr(word).starts_with("endraw"))
            return behind(text, "%}", word);
    }
    return at;
}

bool begins_as_query(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::string_view two = text.substr(at, 2);
        if (two == "{{" || two == "{%")
            at = mask_braces(text, at).end;
        else if (two == "{#")
            at = behind_comment(text, at);
        else if (two == "--")
            at = behind(text, "\n", at);
        else if (two == "/*")
            at = behind(text, "*/", at);
        else if (text::is_space(text[at]) || text[at] == '(')
            ++at;
        else
            break;
    }
    std::string word;
    for (; at < text.size() && in_word(text[at]); ++at)
        word += text::lower(text[at]);
    return word == "select" || word == "with" || word == "insert" || word == "update" || word == "delete";
}

} // namespace barometre::sql
