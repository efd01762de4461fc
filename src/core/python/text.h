#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Texts as Python sees them: sequences of characters, not of bytes. A byte that is no UTF-8 counts as a character.
namespace barometre::python {

std::size_t length(std::string_view s);
/// Steps that looking for `what` in `s` may cost.
inline std::uint64_t search_cost(const std::string &s, const std::string &what) {
    return s.size() / 32 + s.size() * std::uint64_t{what.size()} / 1024;
}
std::vector<std::string> characters(std::string_view s);
/// The character at `at`, which moves behind it. A byte that is no UTF-8 gives 0xFFFD.
char32_t next(std::string_view s, std::size_t &at);
void append(std::string &to, char32_t character);
bool is_letter(char32_t character); ///< may be in a name; not the digits
bool is_space(char c);

std::string upper(const std::string &s);
std::string lower(const std::string &s);
std::string capitalized(const std::string &s); ///< the first character in upper case, the others in lower case
std::string title(const std::string &s);
std::string stripped(std::string_view s, bool left, bool right, const std::string *characters = nullptr);
std::string replaced(const std::string &s, const std::string &from, const std::string &to, std::int64_t times);
/// Without a separator at white space, as Python does. `times` below 0: without limit.
std::vector<std::string> split(const std::string &s, const std::string *separator, std::int64_t times);
std::string quoted(const std::string &s); ///< Python's repr()
std::string number(double d);             ///< Python's repr()

} // namespace barometre::python
