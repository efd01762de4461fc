#pragma once

#include "core/record/found_type.h"

#include <optional>
#include <string>
#include <string_view>

namespace barometre::json {

/// What a token that is no text is: numeric or bigint, or text for a number for which numeric has no room, or boolean.
/// `null` is none. Nothing: it is no JSON.
std::optional<record::found_type> kind_of(std::string_view token);

/// What is wrong with a token, as a clause.
std::string describe_token(std::string_view token);

/// What is wrong with the escapes of a text between its quotes, as a clause; NUL is.
std::string describe_escapes(std::string_view raw);

} // namespace barometre::json
