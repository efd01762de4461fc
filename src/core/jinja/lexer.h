#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barometre::jinja {

/// A place in a template, counted in characters from 1. `file` lives as long as what was parsed from it.
struct position {
    const std::string *file = nullptr;
    int line = 1, column = 1;
};

/// Throws project_invalid with the place before the message.
[[noreturn]] void fail(const position &at, const std::string &message, const std::string &hint = {});

struct token {
    enum class kind { data, open_print, close_print, open_block, close_block, name, string, integer, real, sign, end };
    kind what = kind::end;
    std::string text; ///< of a string: what it stands for
    position at;
};

/// Cuts a template into tokens, as Jinja does: comments are gone, "-" has trimmed, {% raw %} is data. With
/// `keep_lines`, newlines inside braces come as data behind them, and the newline at the template's end stays.
/// `first_line`: where in `file` the source begins, from 1. A token takes far more room than its text does: there are a
/// million at most.
std::vector<token> tokenize(const std::string &source, const std::string &file, bool keep_lines, int first_line = 1);

} // namespace barometre::jinja
