#include "load/hints.h"
#include "core/text/text.h"

namespace barometre::load {

namespace {

/// The type in the words of a declaration.
std::string declared(const std::string &type) {
    const bool zoned = type.find(" with time zone") != std::string::npos;
    for (const char *name : {"timestamp", "time"})
        if (type.starts_with(name) && type.find(" time zone") != std::string::npos)
            return name + std::string(zoned ? "tz" : "");
    return type;
}

std::string entry(const planned_column &column, const std::string &type, const std::string &format = "") {
    return "- {name: " + column.name + ", type: " + type + (format.empty() ? "" : ", format: " + format) + "}";
}

std::string hint_for_form(const planned_column &column, std::string_view text) {
    const std::string type = declared(column.type);
    if (type == "date" || type.starts_with("timestamp")) {
        if (const auto formats = value::formats_for(text))
            return "If their day stands first, put this under \"columns:\" in barometre.yml:  " +
                   entry(column, type, (*formats)[0]) +
                   "  and if their month does:  " + entry(column, type, (*formats)[1]) +
                   "  or, for all dates of the project, the key  date_order: dmy  or  date_order: mdy";
        return "Dates without a format are read as 2026-03-05, and as doc/taps.md says. If they are written another "
               "way, say how under \"columns:\" in barometre.yml, for example  " +
               entry(column, type, type == "date" ? "DD/MM/YYYY" : "DD/MM/YYYY HH24:MI");
    }
    return "Dates are read as 2026-03-05, times as 10:15 or 10:15:30, and both as doc/taps.md says; if such values are "
           "right as they are, put this under \"columns:\" in barometre.yml:  " +
           entry(column, "text");
}

} // namespace

std::string clause_for(const planned_column &column, value::fault fault, value::date_order order) {
    if (column.formats.empty())
        return value::clause_of(fault, order);
    return (column.formats.size() == 1 ? " in the format " : " in any of the formats ") +
           text::join(column.formats, ", ", [](const std::string &format) { return format; });
}

std::string hint_for(const planned_column &column, value::fault fault, std::string_view text) {
    if (!column.formats.empty()) {
        const std::string another =
            text::contains(column.formats, std::string("YYYY-MM-DD")) ? "DD/MM/YYYY" : "YYYY-MM-DD";
        return "If they are written in other ways too, list all formats under \"columns:\" in barometre.yml, for "
               "example  " +
               entry(column, declared(column.type), "[" + column.formats[0] + ", " + another + "]");
    }
    switch (fault) {
    case value::fault::form:
        return hint_for_form(column, text);
    case value::fault::offset: {
        const std::string type = declared(column.type);
        return "A type that keeps the moment is put under \"columns:\" in barometre.yml:  " +
               entry(column, type == "time"                          ? "timetz"
                             : type == "date" || type == "timestamp" ? "timestamptz"
                                                                     : "text");
    }
    case value::fault::no_offset:
        return "A type without an offset is put under \"columns:\" in barometre.yml:  " +
               entry(column, declared(column.type) == "timetz" ? "time" : "text");
    case value::fault::notation:
    case value::fault::none:
        break;
    }
    return "";
}

} // namespace barometre::load
