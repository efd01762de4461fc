#include "core/sql/masked.h"
#include "core/sql/masked_braces.h"
#include "core/text/ascii.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace barometre::sql {

namespace {

constexpr std::string_view veil = "…";
constexpr std::size_t no_end = 1U << 30; ///< the depth of a comment that nothing in it ends

/// What a place of the text is in.
struct piece {
    enum class kind { sql, string, escaped_string, dollar_string, name, line_comment, block_comment };
    kind is = kind::sql;
    std::string_view tag{}; ///< of a dollar string, with its signs
    std::size_t depth = 0;  ///< of comments in comments

    bool operator==(const piece &) const = default;
    bool is_hidden() const { return is == kind::string || is == kind::escaped_string || is == kind::dollar_string; }
};
using kinds = piece::kind;

/// A block of a template that is open: {% if %}, {% set x %}.
struct block {
    std::string_view word;
    piece around;      ///< what it begins in, and must end in
    std::size_t text;  ///< where what it holds begins
    std::size_t shown; ///< the same place in what is shown
    std::size_t tag;   ///< where its tag begins there
};

constexpr std::string_view block_words[] = {"if",    "for",       "macro", "call", "filter",          "snapshot",
                                            "test",  "docs",      "block", "with", "materialization", "data_test",
                                            "trans", "autoescape"};

/// Goes through a text once, from piece to piece.
class masking {
public:
    masking(std::string_view text, bool is_template, piece in = {}) : text_(text), template_(is_template), in_(in) {}

    std::string all() {
        while (at_ < text_.size() && !given_up_)
            step();
        if (in_.is_hidden() && !given_up_)
            end_string(text_.size());
        return std::move(out_);
    }

private:
    bool is(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
    char here() const { return text_[at_]; }
    bool follows_word() const { return at_ > 0 && in_word(text_[at_ - 1]); }

    /// Goes on, and shows what it leaves behind unless it is in a string.
    void pass(std::size_t end) {
        end = std::min(end, text_.size());
        if (!in_.is_hidden())
            out_ += text_.substr(at_, end - at_);
        at_ = end;
    }
    /// Nothing is shown of what comes behind a place of what is shown.
    void give_up(std::size_t shown) {
        out_.resize(std::min(shown, out_.size()));
        out_ += veil;
        given_up_ = true;
    }

    void step() {
        if (template_ && (is("{{") || is("{%") || is("{#")))
            return braces();
        switch (in_.is) {
        case kinds::sql:
            return sql_piece();
        case kinds::string:
        case kinds::escaped_string:
            return string_piece();
        case kinds::dollar_string:
            if (is(in_.tag)) {
                const std::string_view tag = in_.tag;
                end_string(at_ + tag.size());
                return;
            }
            return pass(at_ + 1);
        case kinds::name:
            if (here() == '"')
                in_ = {};
            return pass(at_ + 1);
        case kinds::line_comment:
            if (here() == '\n') {
                in_ = {};
                return pass(at_ + 1);
            }
            return comment_piece();
        case kinds::block_comment:
            if (is("/*") || is("*/")) {
                in_.depth += is("/*") ? 1 : -1;
                if (in_.depth == 0)
                    in_ = {};
                return pass(at_ + 2);
            }
            return comment_piece();
        }
    }

    void sql_piece() {
        const char c = here();
        if (is("--")) {
            in_ = {kinds::line_comment};
            return pass(at_ + 2);
        }
        if (is("/*")) {
            in_ = {kinds::block_comment, {}, 1};
            return pass(at_ + 2);
        }
        if (c == '\'')
            return begin_string({has_escape_sign() || goes_on_ ? kinds::escaped_string : kinds::string}, at_ + 1);
        if (c == '$' && !follows_word())
            if (const auto tag = dollar_tag())
                return begin_string({kinds::dollar_string, *tag}, at_ + tag->size());
        if (!text::is_space(c))
            goes_on_ = false;
        if (c == '"') {
            in_ = {kinds::name};
            return pass(at_ + 1);
        }
        plain();
    }

    /// A word, a number or a sign.
    void plain() {
        if (begins_word(here())) {
            std::size_t end = at_ + 1;
            while (end < text_.size() && in_word(text_[end]))
                ++end;
            return pass(end);
        }
        if (!text::is_digit(here()) || follows_word())
            return pass(at_ + 1);
        const std::size_t end = end_of_number(text_, at_);
        if (!is_long_number(text_.substr(at_, end - at_)))
            return pass(end);
        out_ += veil;
        at_ = end;
    }

    /// E'...', also in a comment, where an apostrophe in a word is none.
    bool has_escape_sign() const {
        return at_ > 0 && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') && (at_ == 1 || !in_word(text_[at_ - 2]));
    }

    void begin_string(piece what, std::size_t behind) {
        pass(behind);
        in_ = what;
        string_text_ = behind;
    }
    void string_piece() {
        if (is("''") || (in_.is == kinds::escaped_string && here() == '\\'))
            return pass(at_ + 2);
        if (here() == '\'')
            return end_string(at_ + 1);
        pass(at_ + 1);
    }
    /// The string ends before `behind`, with its delimiter if the text is that long.
    void end_string(std::size_t behind) {
        const std::string_view sign = in_.is == kinds::dollar_string ? in_.tag : "'";
        if (behind > string_text_ + (at_ < text_.size() ? sign.size() : 0) || in_.is == kinds::dollar_string)
            out_ += veil;
        if (at_ < text_.size() || behind > string_text_ || in_.is == kinds::dollar_string)
            out_ += sign;
        goes_on_ = in_.is == kinds::escaped_string; // on the next line another piece of it may begin
        in_ = {};
        at_ = behind;
    }

    std::optional<std::string_view> dollar_tag() const {
        std::size_t tag = at_ + 1;
        while (tag < text_.size() && text_[tag] != '$' && in_word(text_[tag]))
            ++tag;
        if (tag >= text_.size() || text_[tag] != '$' || (tag > at_ + 1 && text::is_digit(text_[at_ + 1])))
            return std::nullopt;
        return text_.substr(at_, tag + 1 - at_);
    }

    /// What is quoted in a comment may be SQL that somebody took out; an apostrophe in a word quotes nothing.
    void comment_piece() {
        const char c = here();
        const auto tag = c == '$' && !follows_word() ? dollar_tag() : std::nullopt;
        if (tag || c == '"' || (c == '\'' && (!follows_word() || has_escape_sign()))) {
            const std::string_view sign = tag ? *tag : text_.substr(at_, 1);
            const std::size_t end = end_of_comment(), begin = at_ + sign.size();
            const std::size_t close = text_.substr(0, end).find(sign, begin);
            if (begin >= end)
                return pass(begin);
            out_ += sign;
            if (close == std::string_view::npos) { // in the next line, perhaps, which is one of its own
                out_ += veil;
                at_ = end;
            } else {
                if (close > begin)
                    out_ += veil;
                out_ += sign;
                at_ = close + sign.size();
            }
            return;
        }
        plain();
    }
    /// Where the comment that this place is in ends, or a template has the word in it.
    std::size_t end_of_comment() const {
        std::size_t end = at_;
        while (end < text_.size()) {
            const std::string_view two = text_.substr(end, 2);
            if (in_.is == kinds::line_comment ? two[0] == '\n' : two == "*/" || two == "/*")
                break;
            if (template_ && (two == "{{" || two == "{%" || two == "{#"))
                break;
            ++end;
        }
        return end;
    }

    /// {{ what is printed }}, {% a tag %} or {# a comment #}.
    void braces() {
        if (is("{#")) {
            const std::size_t end = behind_comment(text_, at_);
            if (!in_.is_hidden())
                out_ += masking(text_.substr(at_, end - at_), false, {kinds::block_comment, {}, no_end}).all();
            at_ = end;
            return;
        }
        const bool is_tag = is("{%");
        const std::size_t before = out_.size();
        const masked_words words = mask_braces(text_, at_);
        if (!in_.is_hidden())
            out_ += words.shown;
        at_ = words.end;
        if (words.prints_a_quote)
            return give_up(in_.is_hidden() ? out_.size() : before);
        if (is_tag)
            tag(words, before);
    }

    void tag(const masked_words &words, std::size_t before) {
        const std::string_view word = words.word;
        if (word == "raw")
            return raw();
        const bool collects = word == "set" && !words.assigns;
        if (collects || std::find(std::begin(block_words), std::end(block_words), word) != std::end(block_words)) {
            blocks_.push_back({word, in_, at_, out_.size(), before});
            return;
        }
        if (word == "else" || word == "elif") {
            if (!blocks_.empty() && blocks_.back().around != in_)
                give_up(blocks_.back().tag);
            return;
        }
        if (!word.starts_with("end") || blocks_.empty())
            return;
        const block ended = blocks_.back();
        blocks_.pop_back();
        if (ended.around != in_ || ended.word != word.substr(3))
            return give_up(ended.tag);
        if (in_.is_hidden() || (ended.word != "set" && ended.word != "macro" && ended.word != "call"))
            return;
        const std::size_t begin = ended.shown, end = before;
        const std::string_view held = std::string_view(out_).substr(begin, end - begin);
        if (held.find_first_not_of(" \t\r\n") != std::string_view::npos && !begins_as_query(held))
            out_.replace(begin, end - begin, veil);
    }

    /// {% raw %}: what looks like a template in it is none.
    void raw() {
        const std::size_t end = behind_raw(text_, at_);
        const std::string_view whole = text_;
        text_ = whole.substr(0, end);
        template_ = false;
        while (at_ < text_.size())
            step();
        text_ = whole;
        template_ = true;
    }

    std::string_view text_;
    bool template_;
    piece in_;
    std::size_t at_ = 0;
    std::string out_;
    std::size_t string_text_ = 0; ///< where the text of the string that this place is in begins
    bool goes_on_ = false;        ///< nothing but space stands between this place and the end of an E'...'
    std::vector<block> blocks_;
    bool given_up_ = false;
};

} // namespace

std::string masked(const std::string &text) { return masking(text, false).all(); }

std::string masked_template(const std::string &text) { return masking(text, true).all(); }

} // namespace barometre::sql
