#include "tap/stream.h"
#include "core/text/text.h"
#include "pg/spi.h"

#include <algorithm>

namespace barometre::tap {

std::string name_of(const project::stream &stream) { return stream.tap + "." + stream.name; }

std::string shown(const project::stream &stream) { return "stream \"" + name_of(stream) + "\""; }

std::string table_of(const project::stream &stream) { return pg::qualified(stream.tap, stream.name); }

bool hides_values(const project::stream &stream) {
    return !stream.map_keeps_rest || std::any_of(stream.map.begin(), stream.map.end(),
                                                 [](const project::mapping &m) { return m.md5 || m.source.empty(); });
}

load::csv_format format_of(const project::stream &stream) {
    load::csv_format format;
    format.what = shown(stream);
    format.dialect = stream.dialect;
    format.encodings = stream.encodings;
    format.field_names = stream.field_names;
    format.date_order = stream.date_order;
    format.hides_values = hides_values(stream);
    return format;
}

std::string hashed_columns(const project::stream &stream) {
    std::string list;
    for (const project::mapping &m : stream.map)
        if (m.md5)
            text::append(list, pg::quote_identifier(m.target));
    return list;
}

} // namespace barometre::tap
