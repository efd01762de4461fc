#pragma once

#include "core/bytes/decoder.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace barometre::json {

/// A step of the way from a value to the records in it: to a member of an object, or to each element of an array.
struct step {
    std::string key;
    bool each = false; ///< then there is no key
};

/// How one file of JSON becomes records.
struct dialect {
    bool lines = false;                ///< a value each line; else values one after another, over lines as they are
    std::vector<step> records_path{};  ///< empty: the value itself
    std::vector<std::string> levels{}; ///< not empty: one record for each leaf of objects that are nested so deep;
    std::string leaf{};                ///< these are the names of its keys, and of itself
    std::size_t flatten = 0;           ///< levels of objects whose members become fields
    bool blank_is_null = false;        ///< a text of nothing but white space is NULL
    std::uint64_t most = 256ull << 20; ///< bytes of a file that is held whole; `lines`: does not count

    bytes::coding coding{};
};

/// Of steps of a path, and of levels that are unpivoted: one call goes into another for each.
inline constexpr std::size_t most_levels = 100;

/// The steps of a path as JSONPath writes them: data, DataFeed.Rows, $.data[*], pages[*].items, ['a.b']. An [*] at the
/// end says what is so anyway, that each element is a record. Nothing: it is none, or of more than most_levels.
std::optional<std::vector<step>> read_path(std::string_view path);

/// A path as messages show it: data[*].items
std::string shown(const std::vector<step> &path);

/// The same of one key: .name, or ["a b"].
std::string shown_key(std::string_view key, bool is_first);

} // namespace barometre::json
