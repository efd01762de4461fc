#include "tap/spread.h"
#include "core/text/text.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/spreading.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

void check_spread(const project::stream &stream) {
    const project::distribution &wanted = stream.spread;
    registry::check_distribution(shown(stream), wanted);
    // Files may say the key.
    if (!wanted.by.empty() && !stream.key_properties.empty() && !text::contains(stream.key_properties, wanted.by))
        throw error(sqlstate::contract,
                    wanted.at.text() + ": " + shown(stream) + " is to be distributed by " + text::quoted(wanted.by) +
                        ", which is no part of its key",
                    "Its key is " + text::join(stream.key_properties, ", ") +
                        ". Each node can see to it alone that a key is there once only if the column is part of it.",
                    "Distribute it by a column of its key.");
}

std::string spread_by(const project::stream &stream) { return stream.key_properties.empty() ? stream.spread.by : ""; }

bool is_required(const project::stream &stream, const std::string &column) {
    return text::contains(stream.key_properties, column) || (!column.empty() && column == spread_by(stream));
}

std::vector<std::string> prepare_table(const project::stream &stream, const purpose &why) {
    std::vector<std::string> out;
    if (!stream.key_properties.empty()) {
        out.push_back("ALTER TABLE " + table_of(stream) + " ADD PRIMARY KEY (" +
                      pg::column_list(stream.key_properties) + ")");
        pg::project_script(out.back());
    }
    const project::distribution &wanted = stream.spread;
    const bool is_alone =
        !wanted.beside_relation.empty() && !pg::relation_exists(wanted.beside_schema, wanted.beside_relation);
    out.push_back(why.is_trial() && is_alone ? registry::spreading_statement(wanted, stream.tap, stream.name)
                                             : registry::spread_table(shown(stream), wanted, stream.tap, stream.name));
    return out;
}

std::size_t depth_of(const project::stream &stream, const std::vector<const project::stream *> &among) {
    std::size_t depth = 0;
    const project::stream *at = &stream;
    while (!at->spread.beside.empty() && depth <= among.size()) { // a circle is told when one of them is loaded
        const auto next = std::find_if(among.begin(), among.end(),
                                       [&](const project::stream *s) { return name_of(*s) == at->spread.beside; });
        if (next == among.end())
            break;
        at = *next;
        ++depth;
    }
    return depth;
}

} // namespace barometre::tap
