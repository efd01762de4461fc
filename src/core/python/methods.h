#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What methods of Python's texts do, beside those of text.h. Who calls pays for what they make.
namespace barometre::python {

std::vector<std::string> lines(const std::string &s, bool with_ends); ///< splitlines()
/// Without a separator at white space. `times` below 0: without limit.
std::vector<std::string> split_from_right(const std::string &s, const std::string *separator, std::int64_t times);

/// So many more characters on its left and right that it has `width`; `fill` is one character.
std::string left_of(const std::string &s, std::size_t width, const std::string &fill);            ///< ljust()
std::string right_of(const std::string &s, std::size_t width, const std::string &fill);           ///< rjust()
std::string centered(const std::string &s, std::size_t width, const std::string &fill);           ///< center()
std::string centered_as_format(const std::string &s, std::size_t width, const std::string &fill); ///< "^" of format()
std::string with_zeros(const std::string &s, std::size_t width);                                  ///< zfill()
std::string without_tabs(const std::string &s, std::size_t columns);                              ///< expandtabs()

std::string with_other_case(const std::string &s); ///< swapcase()
std::string folded(const std::string &s);          ///< casefold()

bool is_space_character(char32_t c);
bool is_word_character(char32_t c); ///< of \w in a regular expression
/// isalpha, isalnum, isdigit, isdecimal, isnumeric, isspace, islower, isupper, istitle, isascii, isidentifier; nothing
/// else.
bool has_kind(const std::string &s, std::string_view method);

} // namespace barometre::python
