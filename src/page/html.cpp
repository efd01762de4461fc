#include "core/text/text.h"
#include "page/data.h"
#include "page/page.h"
#include "page_shell.h"

namespace barometre::page {

namespace {

/// JSON without blanks between its values, in which nothing can end the element that it stands in: "<" is in its
/// strings alone.
std::string embedded(const std::string &json) {
    std::string out;
    out.reserve(json.size() + json.size() / 16);
    bool in_string = false, is_escaped = false;
    for (const char c : json) {
        if (c == '<')
            out += "\\u003c";
        else if (in_string || c != ' ')
            out += c;
        if (c == '"' && !is_escaped)
            in_string = !in_string;
        is_escaped = c == '\\' && !is_escaped;
    }
    return out;
}

/// Appends what comes before a token of the shell, and what takes its place.
void fill(std::string &out, std::string_view &shell, std::string_view token, std::string_view with) {
    const std::size_t at = shell.find(token);
    if (at == std::string_view::npos)
        throw error(sqlstate::internal, "the page's shell lacks " + std::string(token));
    (out += shell.substr(0, at)) += with;
    shell.remove_prefix(at + token.size());
}

} // namespace

std::string html(const subject &of, const request &what) {
    const parts made = make(of, what, true);
    std::string_view shell = shell_html;
    std::string out;
    out.reserve(shell.size() + made.state.size() + made.data.size() * 17 / 16);
    fill(out, shell, "__BAROMETRE_LANG__", what.lang);
    fill(out, shell, "__BAROMETRE_TITLE__", made.title);
    fill(out, shell, "__BAROMETRE_STATE__", made.state);
    fill(out, shell, "__BAROMETRE_DATA__", embedded(made.data));
    return out += shell;
}

} // namespace barometre::page
