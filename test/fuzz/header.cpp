// Whatever a header says, its columns have names that PostgreSQL takes, and keep them when they are found again.

#include "targets.h"

#include "core/name/column_name.h"
#include "core/name/header.h"
#include "core/name/nearest.h"
#include "core/text/utf8.h"

#include <set>

namespace barometre::fuzz {

void header(std::string_view input) {
    if (!text::is_utf8(input) || input.find('\0') != input.npos)
        return;
    std::vector<std::string> cells;
    for (std::size_t at = 0; at <= input.size();) {
        const std::size_t end = std::min(input.find('\n', at), input.size());
        cells.emplace_back(input.substr(at, end - at));
        at = end + 1;
    }
    const std::vector<std::string> reserved = {"_baro_file", "_baro_line", "xmin", "ctid"};
    const auto named = name::name_fields(cells, {}, reserved);
    require(named.names.size() == cells.size(), "not every field has a name");
    std::set<std::string> taken(reserved.begin(), reserved.end());
    for (const std::string &name : named.names) {
        require(!name.empty() && name.size() <= name::longest_name,
                "a name of " + std::to_string(name.size()) + " bytes");
        require(text::is_utf8(name), "no text: " + shown(name));
        require(taken.insert(name).second, "two fields are called " + shown(name));
    }
    const auto again = name::name_fields(cells, named.fields, reserved);
    require(again.names == named.names && !again.doubt, "the same header is named otherwise when it comes again");
    name::names_by_place(cells, reserved);
    name::nearest(cells.front(), named.names);
}

} // namespace barometre::fuzz
