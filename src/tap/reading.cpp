#include "tap/reading.h"
#include "core/text/parts.h"
#include "pg/relations.h"
#include "tap/columns.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

/// What a value of the type depends on beside its text.
struct dependence {
    bool zone, order, decimal;
};

dependence dependence_of(const std::string &type) {
    const std::string_view name = std::string_view(type).substr(0, type.find_first_of("(["));
    for (const char *number : {"bigint", "integer", "smallint", "numeric", "real", "double precision"})
        if (name == number)
            return {false, false, true};
    for (const char *plain : {"text", "character varying", "character", "boolean", "uuid", "json", "jsonb", "bytea"})
        if (name == plain)
            return {false, false, false};
    if (name == "date" || type.ends_with("without time zone"))
        return {false, true, false};
    return {true, true, true}; // it may hold any of them
}

std::vector<std::string> sorted(std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    return list;
}

} // namespace

reading::reading(const project::stream &stream) {
    const auto format = format_of(stream);
    delimiter_ = format->delimiter();
    text::parts all;
    format->add_to(all);

    std::vector<std::string> map;
    for (const project::mapping &m : stream.map)
        map.push_back((text::parts() << m.target << m.source << (m.md5 ? "md5" : "")).hash());
    all << sorted(map) << (stream.map_keeps_rest ? "" : "drops");

    std::vector<std::string> columns;
    for (const project::column &c : stream.columns) {
        if (c.type.empty() && c.formats.empty())
            continue;
        const std::string type = c.type.empty() ? "" : pg::canonical_type(c.type, c.at.text());
        const dependence on = type.empty() ? dependence{false, false, false} : dependence_of(type);
        text::parts column;
        column << c.name << type << c.formats;
        if (on.decimal)
            column << std::string(1, decimal_of(stream, c));
        if (on.zone)
            column << stream.timezone;
        if (on.order && c.formats.empty() && stream.date_order != value::date_order::none)
            column << value::date_style(stream.date_order);
        columns.push_back(column.hash());
    }
    all << sorted(columns);
    rest_ = all.hash();
}

std::string reading::of(const std::string &delimiter) const {
    return (text::parts() << rest_ << (delimiter_.empty() ? delimiter : delimiter_)).hash();
}

} // namespace barometre::tap
