#include "tap/stream.h"
#include "core/text/text.h"
#include "load/csv_format.h"
#include "load/json_format.h"
#include "load/singer_format.h"
#include "pg/spi.h"

#include <algorithm>

namespace barometre::tap {

std::string name_of(const project::stream &stream) { return stream.tap + "." + stream.name; }

project::stream all_of(const project::tap &tap) {
    project::stream all = tap.settings;
    all.name = all_streams;
    return all;
}

std::string shown(const project::stream &stream) {
    return stream.name == all_streams ? "tap \"" + stream.tap + "\"" : "stream \"" + name_of(stream) + "\"";
}

std::string table_of(const project::stream &stream) { return pg::qualified(stream.tap, stream.name); }

std::vector<pg::cell> names_as_arrays(const std::vector<const project::stream *> &streams) {
    std::vector<std::string> taps, names;
    for (const project::stream *s : streams) {
        taps.push_back(s->tap);
        names.push_back(s->name);
    }
    return {pg::array_literal(taps), pg::array_literal(names)};
}

bool hides_values(const project::stream &stream) {
    return !stream.map_keeps_rest || std::any_of(stream.map.begin(), stream.map.end(),
                                                 [](const project::mapping &m) { return m.md5 || m.source.empty(); });
}

namespace {

std::shared_ptr<load::file_format> made_for(const project::stream &stream) {
    switch (stream.format) {
    case project::record_format::csv: {
        auto csv = std::make_shared<load::csv_format>();
        csv->dialect = stream.csv;
        csv->dialect.blank_is_null = stream.blank_is_null;
        csv->dialect.coding.most = stream.max_decompressed_size;
        csv->field_names = stream.field_names;
        return csv;
    }
    case project::record_format::singer:
        return std::make_shared<load::singer_format>(singer_format_of(stream));
    default: {
        auto json = std::make_shared<load::json_format>();
        json->dialect = stream.json;
        json->dialect.lines = stream.format == project::record_format::jsonl;
        json->dialect.blank_is_null = stream.blank_is_null;
        json->dialect.coding.most = stream.max_decompressed_size;
        return json;
    }
    }
}

void say_common(const project::stream &stream, load::file_format &format) {
    format.what = shown(stream);
    format.encodings = stream.encodings;
    format.date_order = stream.date_order;
    format.hides_values = hides_values(stream);
}

} // namespace

std::shared_ptr<const load::file_format> format_of(const project::stream &stream) {
    const std::shared_ptr<load::file_format> format = made_for(stream);
    say_common(stream, *format);
    return format;
}

load::singer_format singer_format_of(const project::stream &stream) {
    load::singer_format singer;
    singer.select = stream.singer.select;
    singer.hard_delete = stream.singer.hard_delete;
    singer.add_metadata_columns = stream.singer.add_metadata_columns;
    singer.flatten = stream.json.flatten;
    singer.blank_is_null = stream.blank_is_null;
    singer.most = stream.max_decompressed_size;
    say_common(stream, singer);
    return singer;
}

std::string hashed_columns(const project::stream &stream) {
    std::string list;
    for (const project::mapping &m : stream.map)
        if (m.md5)
            text::append(list, pg::quote_identifier(m.target));
    return list;
}

} // namespace barometre::tap
