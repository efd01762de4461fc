#include "core/project/seed_config.h"
#include "core/name/column_name.h"
#include "core/project/model_config.h"
#include "core/project/read_parts.h"

#include <algorithm>

namespace barometre::project {

namespace {

/// What dbt knows of seeds, and what changes nothing here.
constexpr const char *known_of_seeds[] = {"quote_columns", "docs",         "group",
                                          "full_refresh",  "persist_docs", "event_time"};

/// dbt's key for the types of columns, which it names as the header does.
void read_column_types(yaml_map &map, seed &s) {
    const std::string key = said(map, s, "column_types");
    if (key.empty())
        return;
    yaml_map types = map.map(key, "column_types of " + map.what());
    for (const auto &entry : types.node()) {
        const std::string name = entry.first.Scalar();
        const std::string type = types.text(name);
        column one{name::column_name(name), type, "", {}, types.at(name)};
        if (type.empty() || one.name.empty())
            types.fail(one.at, "the type of column \"" + name + "\" is empty");
        for (const column &other : s.columns)
            if (other.name == one.name && !other.type.empty() && other.type != type)
                types.fail(one.at, "column \"" + one.name + "\" has two types",
                           "It was declared before in " + other.at.text() + ".", "Remove one of them.");
        merge_columns(s.columns, {one});
    }
}

} // namespace

void read_seed_config(yaml_map &map, seed &s) {
    read_relation_config(map, s);
    if (const std::string key = said(map, s, "delimiter"); !key.empty())
        s.delimiter = read_delimiter(map, key);
    if (map.has("decimal"))
        s.decimal = read_decimal(map);
    read_column_types(map, s);
    for (const char *key : known_of_seeds)
        said(map, s, key);
}

void read_seed(yaml_map &map, seed &known, const test_rules &rules) {
    known.description = read_description(map, rules, known.description);
    merge_columns(known.columns, read_columns(map, true, rules));
    for (const generic_test &t : read_tests(map, "", rules))
        known.tests.push_back(t);
    read_seed_config(map, known);
    yaml_map config = map.map("config", "config of " + map.what());
    read_seed_config(config, known);
    config.finish();
    map.finish();
}

} // namespace barometre::project
