#include "pg/name_pattern.h"
#include "core/text/ascii.h"
#include "core/text/text.h"
#include "pg/guard.h"

#include <algorithm>
#include <string_view>

namespace barometre::pg {

namespace {

bool finds(const std::string &expression, const std::string &subject) {
    const char *e = expression.c_str(), *s = subject.c_str();
    return call([&] {
        ::text *pattern = cstring_to_text(e), *in = cstring_to_text(s);
        const bool yes = RE_compile_and_execute(pattern, VARDATA(in), static_cast<int>(strlen(s)), REG_ADVANCED,
                                                C_COLLATION_OID, 0, nullptr);
        pfree(pattern);
        pfree(in);
        return yes;
    });
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), text::begins_character));
}

/// What all names begin with that an expression without options matches: letters and digits stand for themselves, but
/// for the last one, which may be optional.
std::string beginning_of(std::string_view expression) {
    if (expression.find('|') != std::string_view::npos)
        return "";
    const auto *end = std::find_if_not(expression.begin(), expression.end(),
                                       [](char c) { return text::is_letter(c) || text::is_digit(c) || c == '_'; });
    const auto plain = static_cast<std::size_t>(end - expression.begin());
    return std::string(expression.substr(0, plain == expression.size() || plain == 0 ? plain : plain - 1));
}

} // namespace

name_pattern::name_pattern(const std::string &pattern) {
    try {
        finds(pattern, ""); // by itself: what is put around it must not complete it
    } catch (error &e) {
        if (e.sqlstate == "2201B") { // invalid_regular_expression
            e.message = "pattern \"" + pattern + "\": " + e.message;
            e.hint = "Correct the key \"pattern\" of the stream: a dot stands for any character, \\. for a dot, .* "
                     "for any text.";
        }
        throw;
    }
    std::string_view rest = pattern;
    if (rest.starts_with("***="))
        literal_ = characters(rest.substr(4));
    std::size_t before = rest.starts_with("***:") ? 4 : 0; // bytes that must stay the first
    char flavor = 'a';
    bool is_expanded = false;
    if (!literal_ && rest.substr(before).starts_with("(?") && before + 2 < rest.size() &&
        text::is_letter(rest[before + 2])) {
        const std::size_t end = rest.find(')', before);
        for (const char option : rest.substr(before + 2, end - before - 2)) {
            if (option == 'b' || option == 'e' || option == 'q')
                flavor = option;
            else if (option == 'x' || option == 't')
                is_expanded = option == 'x';
        }
        before = end + 1;
    }
    const std::string first(rest.substr(0, before));
    if (first.empty() && !literal_)
        beginning_ = beginning_of(rest);
    rest.remove_prefix(before);
    const std::string last = is_expanded ? "\n" : ""; // the end of a comment
    if (flavor == 'q')
        literal_ = characters(rest);
    if (literal_)
        whole_ = pattern;
    else if (flavor == 'a') // whatever ^ and $ stand for, these are the ends
        whole_ = first + "\\A(?:" + std::string(rest) + last + ")\\Z";
    else if (flavor == 'e')
        whole_ = first + "^(" + std::string(rest) + last + ")$";
    else // basic ones have no alternatives, and count their parentheses
        whole_ = first + "^" + std::string(rest) + last + "$";
}

bool name_pattern::matches(const std::string &name) const {
    return name.starts_with(beginning_) && (!literal_ || characters(name) == *literal_) && finds(whole_, name);
}

} // namespace barometre::pg
