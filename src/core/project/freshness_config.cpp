#include "core/project/freshness_config.h"
#include "core/json/writer.h"
#include "core/project/amount.h"
#include "core/project/templates.h"
#include "core/value/format.h"

#include <stdexcept>

namespace barometre::project {

namespace {

std::int64_t read_age(yaml_map &map, const std::string &key) {
    return map.has(key) && map.node()[key].IsMap() ? read_period(map, key) : read_positive_duration(map, key);
}

} // namespace

freshness_config read_freshness(yaml_map &stream) {
    yaml_map map = stream.map("freshness", "the freshness of " + stream.what());
    freshness_config f;
    if (map.has("column")) {
        f.column = map.text("column");
        if (f.column.empty())
            map.fail(map.at("column"), "key \"column\" names no column", "",
                     "Without the key, the last load that brought new data counts.");
    }
    if (map.has("format")) {
        f.format = map.text("format");
        try {
            value::time_format compiled(f.format);
        } catch (const std::invalid_argument &e) {
            map.fail(map.at("format"), "format \"" + f.format + "\" of " + map.what() + ": " + e.what());
        }
        if (f.column.empty())
            map.fail(map.at("format"), map.what() + " has a format but no column", "",
                     "Add the column that is written so.");
    }
    if (map.has("warn_after"))
        f.warn_after = read_age(map, "warn_after");
    if (map.has("error_after"))
        f.error_after = read_age(map, "error_after");
    map.finish();
    if (!f.warn_after && !f.error_after)
        map.fail(stream.at("freshness"), map.what() + " lacks the key \"warn_after\" or \"error_after\"", "",
                 "For example: warn_after: 2 days");
    if (f.error_after && f.error_after < f.warn_after)
        map.fail(map.at("error_after"), "key \"error_after\" must not be shorter than \"warn_after\"",
                 "It is " + duration_text(f.error_after) + ", and \"warn_after\" is " + duration_text(f.warn_after) +
                     ".");
    return f;
}

std::string freshness_config::text() const {
    const auto length = [](std::int64_t seconds) { return seconds ? duration_text(seconds) : ""; };
    json::object out;
    out.add_or_null("column", column).add_or_null("format", format);
    out.add_or_null("warn_after", length(warn_after)).add_or_null("error_after", length(error_after));
    return out.add_some("filter", filter).text();
}

} // namespace barometre::project
