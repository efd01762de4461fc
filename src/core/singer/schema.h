#pragma once

#include "core/json/tree.h"

#include <string>
#include <vector>

/// Singer messages, which taps that read APIs write: what the lines of a file say, and what they hold of each stream.
namespace barometre::singer {

/// A field of a stream's records, as its SCHEMA says it.
struct property {
    std::string name; ///< its key; of one in objects that are flattened a__b
    std::string type; ///< as the server writes it: bigint, numeric, boolean, text, jsonb, uuid, or of dates and times
    bool operator==(const property &) const = default;
};

/// The type of a column for values that a JSON Schema allows: of anyOf, oneOf and allOf that of all branches together.
/// What may be an object or an array is jsonb, what has no single other type text.
std::string sql_type(const json::tree &schema);

/// The type that holds what columns of both types hold.
std::string widened(const std::string &one, const std::string &other);

/// A property's type where another SCHEMA says another one: numbers become wider, and else what was said first stays.
std::string continued(const std::string &first, const std::string &later);

/// A number of JSON with a fraction of zeros or an exponent, as the whole number that it is: 2.0, 1e2. Nothing: it is
/// none, or of more than 1000 digits.
std::optional<std::string> whole_number(std::string_view number);

/// The properties of an object's schema, in order, each once; objects that say theirs are taken apart so many levels
/// deep.
std::vector<property> properties_of(const json::tree &schema, std::size_t flatten);

} // namespace barometre::singer
