#include "core/project/dbt/sources.h"
#include "core/error.h"
#include "core/project/amount.h"
#include "core/project/read_parts.h"
#include "core/project/registered.h"
#include "core/project/templates.h"

#include <algorithm>

namespace barometre::project::dbt {

namespace {

/// Keys of sources and of their tables alike.
const std::vector<std::string> without_effect = {"quoting", "loader",     "external", "overrides",
                                                 "docs",    "event_time", "group"};

/// What a source says for all of its tables, and a table for itself.
void read_common(yaml_map &map, source_table &t) {
    read_tags(map, t.tags);
    t.enabled = map.boolean("enabled", t.enabled);
    if (map.has("meta"))
        for (const yaml_map meta = map.map("meta", "the meta of " + map.what()); const auto &one : meta.node())
            t.meta[one.first.Scalar()] = json_text(template_value(one.second));
    const bool ends = map.node()["freshness"].IsDefined() && map.node()["freshness"].IsNull(); // as dbt writes "none"
    if (map.has("loaded_at_field")) {
        if (!t.freshness)
            t.freshness.emplace();
        t.freshness->column = map.text("loaded_at_field");
    }
    if (map.has("freshness")) {
        yaml_map ages = map.map("freshness", "the freshness of " + map.what());
        if (!t.freshness)
            t.freshness.emplace();
        if (const std::int64_t after = read_period(ages, "warn_after"))
            t.freshness->warn_after = after;
        if (const std::int64_t after = read_period(ages, "error_after"))
            t.freshness->error_after = after;
        if (ages.has("filter"))
            t.freshness->filter = ages.text("filter");
        ages.finish();
    } else if (ends) {
        t.freshness.reset();
    }
    if (map.has("loaded_at_query"))
        map.fail(map.at("loaded_at_query"), "key \"loaded_at_query\" of " + map.what() + " is not supported", "",
                 "Name the column in loaded_at_field, which may be an expression.");
}

void read_with_config(yaml_map &map, source_table &t) {
    read_common(map, t);
    yaml_map config = map.map("config", "config of " + map.what());
    read_common(config, t);
    config.ignore(without_effect);
    config.finish();
    map.ignore(without_effect);
}

} // namespace

void read_source_config(yaml_map &map, source_table &t) {
    read_common(map, t);
    map.ignore(without_effect);
    map.finish();
}

namespace {

/// Adds what a table says to the stream that fills it.
void add_to_stream(stream &s, const source_table &t, findings &found) {
    if (s.description.empty())
        s.description = t.description;
    if (!s.freshness && t.freshness) {
        s.freshness = t.freshness;
        s.freshness->filter.clear();
        if (!t.freshness->filter.empty())
            found.ignored("filter", t.at, "The age of a stream is that of its newest row of all.", true);
    }
    merge_columns(s.documented, t.columns);
    s.tests.insert(s.tests.end(), t.tests.begin(), t.tests.end());
}

stream *find_stream(project &p, const std::string &schema, const std::string &table) {
    add_discovered_stream(p, schema, table);
    tap *of = p.taps.find(schema);
    return of ? of->streams.find(table) : nullptr;
}

void add_table(project &p, source_table t) {
    if (t.freshness && !t.freshness->warn_after && !t.freshness->error_after)
        t.freshness.reset(); // a column alone says nothing
    if (!t.enabled)
        return;
    const auto refuse_second = [&](const place &other) {
        throw error(sqlstate::project_invalid,
                    t.at.text() + ": table \"" + t.name + "\" of source \"" + t.source + "\" is declared twice",
                    "It was declared before in " + other.text() + ".", "Put all into one of them.");
    };
    if (stream *s = find_stream(p, t.schema, t.identifier)) {
        const std::string node = t.schema + "." + t.identifier;
        if (t.node() != node)
            p.source_nodes[t.node()] = node;
        if (const auto [known, is_new] = p.declared_sources.emplace(t.node(), t.at); !is_new)
            refuse_second(known->second);
        add_to_stream(*s, t, *p.found);
        return;
    }
    if (t.freshness && t.freshness->column.empty()) // dbt asks the catalogs of other databases; PostgreSQL's can't tell
        p.found->ignored("freshness", t.at, "It is not measured: say in loaded_at_field which column tells the age.");
    if (const auto [known, is_new] = p.declared_sources.emplace(t.node(), t.at); !is_new)
        refuse_second(known->second);
    p.sources.push_back(std::move(t));
}

} // namespace

void read_source(yaml_map &entry, project &p, const test_rules &rules,
                 const std::function<void(source_table &)> &preset, const one_by_one &attempt) {
    source_table common;
    common.source = entry.text("name");
    common.schema = entry.text("schema", common.source);
    entry.text("description", "");
    read_with_config(entry, common);
    if (entry.has("database"))
        if (const std::string database = entry.text("database"); !p.database.empty() && database != p.database)
            entry.fail(entry.at("database"), entry.what() + " is in database \"" + database + "\"",
                       "This is database \"" + p.database + "\".",
                       "Make a foreign table of it here (postgres_fdw), and remove the key \"database\".");
    entry.has("tests");
    entry.has("data_tests");
    for (const YAML::Node &item : entry.items("tables")) {
        attempt("source", common.source, entry.at(item), [&] {
            yaml_map map = entry.named(item, "table");
            source_table t;
            t.source = common.source;
            t.schema = common.schema;
            t.name = map.text("name");
            preset(t);
            read_with_config(entry, t);
            t.at = map.at();
            map.rename("table \"" + t.name + "\" of source \"" + t.source + "\"");
            attempt("source", t.node(), t.at, [&] {
                t.identifier = map.text("identifier", t.name);
                t.description = map.text("description", "");
                read_with_config(map, t);
                t.columns = read_columns(map, false, rules);
                t.tests = read_tests(map, "", rules);
                map.finish();
                add_table(p, std::move(t));
            });
        });
    }
    entry.finish();
}

} // namespace barometre::project::dbt
