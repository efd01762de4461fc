#pragma once

#include <string>
#include <string_view>

namespace barometre::bytes {

/// The MD5 hash of a text, as hexadecimal digits: a name for it, and no protection of anything.
std::string md5(std::string_view text);

} // namespace barometre::bytes
