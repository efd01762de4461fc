#include "tap/reading.h"
#include "core/csv/encoding.h"
#include "core/text/hash.h"
#include "pg/relations.h"
#include "tap/columns.h"

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

/// Texts of a hash, so that none can be taken for two others.
class parts {
public:
    parts &operator<<(std::string_view part) {
        all_ += std::to_string(part.size()) + ":";
        all_ += part;
        return *this;
    }
    parts &operator<<(const std::vector<std::string> &list) {
        *this << std::to_string(list.size());
        for (const std::string &one : list)
            *this << one;
        return *this;
    }
    std::string hash() const { return text::hash(all_); }

private:
    std::string all_;
};

std::vector<std::string> sorted(std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    return list;
}

} // namespace

reading::reading(const project::stream &stream) : delimiter_(stream.dialect.delimiter) {
    const csv::dialect &d = stream.dialect;
    parts all;
    std::vector<std::string> encodings;
    for (const std::string &name : stream.encodings)
        encodings.push_back(csv::folded_name(name));
    all << std::string{d.quote, d.escape} << d.comment << (d.lenient ? "lenient" : "")
        << (d.blank_is_null ? "blank" : "") << sorted(d.nulls) << std::to_string(d.skip_lines) << encodings
        << stream.field_names;

    std::vector<std::string> map;
    for (const project::mapping &m : stream.map)
        map.push_back((parts() << m.target << m.source << (m.md5 ? "md5" : "")).hash());
    all << sorted(map) << (stream.map_keeps_rest ? "" : "drops");

    std::vector<std::string> columns;
    for (const project::column &c : stream.columns) {
        if (c.type.empty() && c.formats.empty())
            continue;
        const std::string type = c.type.empty() ? "" : pg::canonical_type(c.type, c.at.text());
        const dependence on = type.empty() ? dependence{false, false, false} : dependence_of(type);
        parts column;
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
    return (parts() << rest_ << (delimiter_.empty() ? delimiter : delimiter_)).hash();
}

} // namespace barometre::tap
