#pragma once

#include "core/json/dialect.h"
#include "core/json/fault.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barometre::json {

/// Where a record is in the text of a value: it is a part of that.
struct record_place {
    static constexpr std::uint32_t no_element = static_cast<std::uint32_t>(-1);

    // simdjson parses no text of 4 GiB; there may be many millions of places.
    std::uint32_t begin, size;
    std::uint32_t list = 0;             ///< the number in value_records::lists of what it is in
    std::uint32_t element = no_element; ///< its number there; none: it is that itself, or a member of it
    std::uint32_t key = 0;              ///< where the text after the first quote of its key begins; 0: it has none
};
struct value_records {
    std::vector<record_place> places;
    std::vector<std::string> lists; ///< their paths
};

/// Finds the records of values, by the dialect's records_path. Of one that is unpivoted they are the members of the
/// object there.
class place_finder {
public:
    explicit place_finder(const dialect &how);
    ~place_finder();
    place_finder(const place_finder &) = delete;
    place_finder &operator=(const place_finder &) = delete;

    /// The records of one value, whose text has padding; its other parts are looked through. A fault: of all of it.
    std::optional<fault> find(std::string_view text, value_records &to);

private:
    const std::vector<step> steps_;
    const bool has_levels_;
    std::unique_ptr<struct parsing> s_;
};

} // namespace barometre::json
