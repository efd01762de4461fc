#pragma once

#include <string>
#include <string_view>

namespace barometre::text {

/// The 128 bits of a text's XXH3, as 32 hexadecimal digits: tells versions of a text apart.
std::string hash(std::string_view text);

} // namespace barometre::text
