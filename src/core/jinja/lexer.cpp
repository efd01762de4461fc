#include "core/jinja/lexer.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/python/text.h"
#include "core/text/ascii.h"

#include <algorithm>

namespace barometre::jinja {

void fail(const position &at, const std::string &message, const std::string &hint) {
    throw error(sqlstate::project_invalid,
                *at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + message, "", hint);
}

namespace {

/// Jinja knows one newline.
std::string with_plain_newlines(const std::string &source) {
    std::string out;
    out.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n')
            continue;
        out += source[i] == '\r' ? '\n' : source[i];
    }
    return out;
}

constexpr std::size_t most_tokens = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class lexer {
public:
    lexer(const std::string &source, const std::string &file, bool keep_lines, int first_line)
        : source_(with_plain_newlines(source)), keep_lines_(keep_lines), here_{&file, first_line} {
        if (!keep_lines && source_.ends_with('\n'))
            source_.pop_back();
    }

    std::vector<token> run() {
        while (at_ < source_.size()) {
            data();
            if (at("{#"))
                comment();
            else if (at("{%") && !raw())
                tag(token::kind::open_block, token::kind::close_block, "%}");
            else if (at("{{"))
                tag(token::kind::open_print, token::kind::close_print, "}}");
        }
        add(token::kind::end, "", here_);
        return std::move(tokens_);
    }

private:
    bool at(std::string_view s) const { return source_.compare(at_, s.size(), s) == 0; }
    char peek(std::size_t n = 0) const { return at_ + n < source_.size() ? source_[at_ + n] : '\0'; }
    void add(token::kind what, std::string text, const position &where) {
        check_interrupts();
        if (tokens_.size() >= most_tokens)
            fail(where, "the template has too many parts", "Put what it has of data into seeds.");
        tokens_.push_back({what, std::move(text), where});
    }
    void pass(std::size_t bytes) {
        for (const std::size_t end = at_ + bytes; at_ < end; ++at_) {
            if (source_[at_] == '\n') {
                ++here_.line;
                here_.column = 1;
            } else if ((static_cast<unsigned char>(source_[at_]) & 0xC0) != 0x80) {
                ++here_.column;
            }
        }
    }
    void pass_space() {
        while (at_ < source_.size() && python::is_space(source_[at_]))
            pass(1);
    }
    /// Behind a tag: what was trimmed and what lines the tag had.
    void leave(const position &start, bool trims) {
        if (keep_lines_ && here_.line > start.line)
            add(token::kind::data, std::string(static_cast<std::size_t>(here_.line - start.line), '\n'), start);
        if (trims)
            pass_space();
    }
    static bool is_sign(char c) { return c == '-' || c == '+'; }

    /// Text up to what opens next.
    void data() {
        const position start = here_;
        std::size_t end = at_;
        while ((end = source_.find('{', end)) != std::string::npos && end + 1 < source_.size() &&
               source_[end + 1] != '{' && source_[end + 1] != '%' && source_[end + 1] != '#')
            ++end;
        if (end == std::string::npos || end + 1 >= source_.size())
            end = source_.size();
        std::string text = source_.substr(at_, end - at_);
        if (end + 2 < source_.size() && source_[end + 2] == '-')
            trim_end(text);
        if (!text.empty())
            add(token::kind::data, std::move(text), start);
        pass(end - at_);
    }
    static void trim_end(std::string &text) {
        while (!text.empty() && python::is_space(text.back()))
            text.pop_back();
    }

    void comment() {
        const position start = here_;
        const std::size_t inside = at_ + (is_sign(peek(2)) ? 3 : 2);
        const std::size_t end = source_.find("#}", inside);
        if (end == std::string::npos)
            fail(start, "the comment \"{#\" is never closed", "Close it with \"#}\".");
        pass(end + 2 - at_);
        leave(start, end > inside && source_[end - 1] == '-');
    }

    /// The tag {% word %} at `from`, if it is there: where it ends, and whether it trims what is before and behind.
    bool word_tag(std::size_t from, std::string_view word, std::size_t &end, bool &before, bool &behind) const {
        std::size_t i = from + 2;
        auto space = [&] {
            while (i < source_.size() && python::is_space(source_[i]))
                ++i;
        };
        before = i < source_.size() && source_[i] == '-';
        i += i < source_.size() && is_sign(source_[i]);
        space();
        if (source_.compare(i, word.size(), word) != 0)
            return false;
        i += word.size();
        space();
        behind = i < source_.size() && source_[i] == '-';
        i += i < source_.size() && is_sign(source_[i]);
        if (source_.compare(i, 2, "%}") != 0)
            return false;
        end = i + 2;
        return true;
    }

    bool raw() {
        const position start = here_;
        std::size_t end = 0;
        bool before = false, behind = false;
        if (!word_tag(at_, "raw", end, before, behind))
            return false;
        pass(end - at_);
        leave(start, behind);
        const position inside = here_;
        for (std::size_t close = at_; (close = source_.find("{%", close)) != std::string::npos; ++close) {
            if (!word_tag(close, "endraw", end, before, behind))
                continue;
            std::string text = source_.substr(at_, close - at_);
            if (before)
                trim_end(text);
            if (!text.empty())
                add(token::kind::data, std::move(text), inside);
            pass(close - at_);
            const position closing = here_;
            pass(end - at_);
            leave(closing, behind);
            return true;
        }
        fail(start, "\"{% raw %}\" is never closed", "Close it with \"{% endraw %}\".");
    }

    void tag(token::kind open, token::kind close, std::string_view end) {
        const position start = here_;
        add(open, source_.substr(at_, 2), start);
        pass(is_sign(peek(2)) ? 3 : 2);
        brackets_.clear();
        for (;;) {
            pass_space();
            if (at_ >= source_.size())
                unclosed(start, end);
            const bool trims = peek() == '-', plus = close == token::kind::close_block && peek() == '+';
            if (brackets_.empty() && source_.compare(at_ + (trims || plus), 2, end) == 0) {
                add(close, std::string(end), here_);
                pass(trims || plus ? 3 : 2);
                leave(start, trims);
                return;
            }
            one_token(start, end);
        }
    }

    [[noreturn]] void unclosed(const position &start, std::string_view end) const {
        if (brackets_.empty())
            fail(start, "\"" + source_of(end) + "\" is never closed", "Close it with \"" + std::string(end) + "\".");
        const auto &[bracket, where] = brackets_.back();
        fail(where, std::string("\"") + bracket + "\" is never closed",
             std::string("Close it with \"") + closing(bracket) + "\".");
    }
    static std::string source_of(std::string_view end) { return end == "}}" ? "{{" : "{%"; }
    static char closing(char open) { return open == '(' ? ')' : open == '[' ? ']' : '}'; }

    void one_token(const position &start, std::string_view end) {
        const position where = here_;
        const char c = peek();
        if (c == '\'' || c == '"')
            return string();
        if (is_digit(c))
            return number();
        std::size_t i = at_;
        for (std::size_t before = i; i < source_.size(); before = i) {
            const char32_t letter = python::next(source_, i);
            if (!python::is_letter(letter) && !(letter < 0x80 && is_digit(static_cast<char>(letter)) && before > at_)) {
                i = before;
                break;
            }
        }
        if (i > at_) {
            add(token::kind::name, source_.substr(at_, i - at_), where);
            return pass(i - at_);
        }
        std::size_t size = 1;
        for (const char *two : {"//", "**", "==", "!=", ">=", "<="})
            if (at(two))
                size = 2;
        if (size == 1 && std::string_view("+-/*%~[](){}<>=.:|,;").find(c) == std::string_view::npos) {
            std::size_t next = at_;
            python::next(source_, next);
            fail(where, "\"" + source_.substr(at_, next - at_) + "\" is not expected here");
        }
        if (c == '(' || c == '[' || c == '{') {
            brackets_.emplace_back(c, where);
        } else if (c == ')' || c == ']' || c == '}') {
            if (brackets_.empty())
                fail(where, std::string("\"") + c + "\" closes nothing");
            if (closing(brackets_.back().first) != c)
                unclosed(start, end);
            brackets_.pop_back();
        }
        add(token::kind::sign, source_.substr(at_, size), where);
        pass(size);
    }

    /// 0x1f, 0o17, 0b11: in decimal.
    bool number_with_base() {
        static constexpr std::string_view letters = "box", all = "0123456789abcdef";
        const char letter = peek() == '0' ? text::lower(peek(1)) : '\0';
        const std::size_t which = letters.find(letter);
        if (letter == '\0' || which == letters.npos)
            return false;
        const std::size_t base = which == 0 ? 2 : which == 1 ? 8 : 16;
        const std::string_view known = all.substr(0, base);
        std::size_t i = at_ + 2;
        std::uint64_t whole = 0;
        const auto digit = [&](std::size_t k) {
            return k < source_.size() ? known.find(text::lower(source_[k])) : known.npos;
        };
        for (;; ++i) {
            i += i < source_.size() && source_[i] == '_' && digit(i + 1) != known.npos;
            const std::size_t next = digit(i);
            if (next == known.npos)
                break;
            if (whole > (INT64_MAX - next) / base)
                fail(here_, "the number is too large");
            whole = whole * base + next;
        }
        if (i == at_ + 2)
            return false;
        add(token::kind::integer, std::to_string(whole), here_);
        pass(i - at_);
        return true;
    }

    void number() {
        if (number_with_base())
            return;
        const position where = here_;
        std::size_t i = at_;
        auto digits = [&] {
            while (i < source_.size() &&
                   (is_digit(source_[i]) || (source_[i] == '_' && i + 1 < source_.size() && is_digit(source_[i + 1]))))
                ++i;
        };
        auto digit_at = [&](std::size_t k) { return k < source_.size() && is_digit(source_[k]); };
        digits();
        token::kind what = token::kind::integer;
        const bool after_dot =
            !tokens_.empty() && tokens_.back().what == token::kind::sign && tokens_.back().text == ".";
        if (!after_dot && i < source_.size() && source_[i] == '.' && digit_at(i + 1)) {
            ++i;
            digits();
            what = token::kind::real;
        }
        if (!after_dot && i < source_.size() && (source_[i] == 'e' || source_[i] == 'E')) {
            const std::size_t sign = i + 1 < source_.size() && is_sign(source_[i + 1]);
            if (digit_at(i + 1 + sign)) {
                i += 1 + sign;
                digits();
                what = token::kind::real;
            }
        }
        std::string text = source_.substr(at_, i - at_);
        std::erase(text, '_');
        add(what, std::move(text), where);
        pass(i - at_);
    }

    void string() {
        const position where = here_;
        const char quote = peek();
        std::size_t end = at_ + 1;
        while (end < source_.size() && source_[end] != quote)
            end += source_[end] == '\\' ? 2 : 1;
        if (end >= source_.size())
            fail(where, "the quoted text is never closed");
        add(token::kind::string, unescaped(at_ + 1, end, where), where);
        pass(end + 1 - at_);
    }

    /// As in a Python string: an escape that is not known stays as it is.
    std::string unescaped(std::size_t from, std::size_t to, const position &where) const {
        std::string out;
        auto code = [&](std::size_t &i, std::size_t least, std::size_t most, int base) {
            char32_t c = 0;
            std::size_t n = 0;
            for (; n < most && i < to; ++n, ++i) {
                const char h = source_[i];
                const int digit = is_digit(h)            ? h - '0'
                                  : h >= 'a' && h <= 'f' ? h - 'a' + 10
                                  : h >= 'A' && h <= 'F' ? h - 'A' + 10
                                                         : 99;
                if (digit >= base)
                    break;
                c = c * static_cast<char32_t>(base) + static_cast<char32_t>(digit);
            }
            if (n < least || c > 0x10FFFF)
                fail(where, "the text has an escape without its digits", "A backslash is written as \"\\\\\".");
            if (c == 0)
                fail(where, "the text has a NUL character");
            python::append(out, c);
        };
        for (std::size_t i = from; i < to;) {
            if (source_[i] != '\\' || i + 1 >= to) {
                out += source_[i++];
                continue;
            }
            static constexpr std::string_view letters = "abfnrtv\\'\"", meant = "\a\b\f\n\r\t\v\\'\"";
            const char c = source_[i + 1];
            i += 2;
            if (const std::size_t known = letters.find(c); known != letters.npos) {
                out += meant[known];
            } else if (c == 'x' || c == 'u' || c == 'U') {
                const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
                code(i, digits, digits, 16);
            } else if (c >= '0' && c <= '7') {
                code(--i, 1, 3, 8);
            } else if (c != '\n') { // an escaped newline is nothing
                out += '\\';
                out += c;
            }
        }
        return out;
    }

    std::string source_;
    bool keep_lines_;
    std::size_t at_ = 0;
    position here_;
    std::vector<std::pair<char, position>> brackets_;
    std::vector<token> tokens_;
};

} // namespace

std::vector<token> tokenize(const std::string &source, const std::string &file, bool keep_lines, int first_line) {
    return lexer(source, file, keep_lines, first_line).run();
}

} // namespace barometre::jinja
