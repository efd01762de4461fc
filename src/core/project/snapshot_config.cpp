#include "core/project/snapshot_config.h"
#include "core/error.h"
#include "core/jinja/snapshot_blocks.h"
#include "core/project/model_config.h"
#include "core/project/read_parts.h"

#include <algorithm>

namespace barometre::project {

namespace {

using strategies = snapshot_config::strategies;
using deletes = snapshot_config::deletes;

std::vector<std::string> read_columns_of(yaml_map &map, const std::string &key) {
    const std::vector<std::string> columns = map.texts(key);
    if (columns.empty())
        map.fail(map.at(key), "key \"" + key + "\" of " + map.what() + " names no column");
    for (auto one = columns.begin(); one != columns.end(); ++one) {
        if (one->empty())
            map.fail(map.at(key), "key \"" + key + "\" of " + map.what() + " has a column without a name");
        if (std::find(columns.begin(), one, *one) != one)
            map.fail(map.at(key), "column \"" + *one + "\" is there twice in the key \"" + key + "\" of " + map.what());
    }
    return columns;
}

/// Of two keys that say the same, one.
void refuse_both(yaml_map &map, const std::string &one, const std::string &other) {
    if (!one.empty() && !other.empty())
        map.fail(map.at(other), "\"" + one + "\" and \"" + other + "\" in " + map.what() + " say the same", "",
                 "Remove \"" + other + "\", which is the old one.");
}

/// One that the snapshot says itself. What the project file says is for all, and may not be meant for this one.
bool says_itself(const model &m, const std::string &key) {
    return m.said_at.count(key) && m.at(key).file != "barometre.yml";
}

model snapshot_named(const std::string &name, const std::string &file, int line) {
    model m;
    m.name = name;
    m.file = file;
    m.line = line;
    m.materialized = materialization::snapshot;
    return m;
}

} // namespace

const std::vector<std::string> &snapshot_settings() {
    static const std::vector<std::string> settings = {"strategy",     "unique_key",   "updated_at",
                                                      "check_cols",   "hard_deletes", "invalidate_hard_deletes",
                                                      "target_schema"};
    return settings;
}

void read_snapshot_config(yaml_map &map, model &m) {
    snapshot_config &s = m.snapshot;
    if (const std::string key = said(map, m, "check_cols"); !key.empty()) {
        const bool all = map.raw(key).IsScalar() && map.text(key) == "all";
        s.check_cols = all ? std::vector<std::string>{} : read_columns_of(map, key);
    }
    const std::string hard = said(map, m, "hard_deletes"), invalidate = said(map, m, "invalidate_hard_deletes");
    refuse_both(map, hard, invalidate);
    if (!hard.empty()) {
        const std::string word = map.choice(hard, {"ignore", "invalidate", "new_record"}, "ignore");
        s.hard_deletes = word == "ignore"       ? deletes::ignore
                         : word == "invalidate" ? deletes::invalidate
                                                : deletes::new_record;
    }
    if (!invalidate.empty())
        s.hard_deletes = map.boolean(invalidate, false) ? deletes::invalidate : deletes::ignore;
    if (const std::string key = said(map, m, "strategy"); !key.empty())
        s.strategy =
            map.choice(key, {"timestamp", "check"}, "timestamp") == "check" ? strategies::check : strategies::timestamp;
    if (const std::string key = said(map, m, "target_schema"); !key.empty()) {
        refuse_both(map, map.has("+schema") ? "+schema" : map.has("schema") ? "schema" : "", key);
        m.schema = map.text(key);
        m.said_at["schema"] = map.at(key);
        check_name(map, "schema", m.schema, map.at(key));
    }
    if (const std::string key = said(map, m, "unique_key"); !key.empty())
        s.unique_key = read_columns_of(map, key);
    if (const std::string key = said(map, m, "updated_at"); !key.empty()) {
        s.updated_at = map.text(key);
        if (s.updated_at.empty())
            map.fail(map.at(key), "key \"updated_at\" of " + map.what() + " names no column");
    }
}

void check_snapshot_config(const model &m) {
    auto fail = [&](const place &where, const std::string &message, const std::string &hint) {
        throw error(sqlstate::project_invalid, where.text() + ": " + message, "", hint);
    };
    auto require = [&](const std::string &key, const std::string &hint) {
        if (!m.said_at.count(key))
            fail(m.at(key), "snapshot \"" + m.name + "\" lacks the key \"" + key + "\"", hint);
    };
    require("strategy", "Set it to timestamp, with updated_at, or to check, with check_cols.");
    require("unique_key", "Name the column that tells its rows apart, or a list of columns.");
    if (m.snapshot.strategy == strategies::check)
        require("check_cols", "Name the columns whose changes count, or write all.");
    else
        require("updated_at", "Name the column that says when a row was last changed, or take strategy check.");
    if (m.snapshot.strategy == strategies::timestamp && says_itself(m, "check_cols"))
        fail(m.at("check_cols"),
             "key \"check_cols\" of snapshot \"" + m.name +
                 "\" belongs to strategy check, but its strategy is timestamp",
             "Remove it, or take the other strategy.");
}

std::vector<model> read_snapshot_blocks(const std::string &text, const std::string &file) {
    std::vector<model> out;
    for (jinja::snapshot_block &block : jinja::snapshot_blocks(text, file)) {
        model m = snapshot_named(block.name, file, block.line);
        m.source = std::move(block.source);
        out.push_back(std::move(m));
    }
    return out;
}

model read_snapshot_entry(yaml_map &entry) {
    const std::string relation = entry.text("relation");
    const place at = entry.at("relation");
    if (!jinja::is_reference(relation))
        entry.fail(at, "key \"relation\" of " + entry.what() + " must be ref('name') or source('tap', 'stream')",
                   "It is \"" + relation + "\".",
                   "A snapshot of a query is a block {% snapshot name %} in a file of the snapshots folder.");
    model m = snapshot_named(entry.text("name"), entry.file(), entry.at().line);
    m.source = std::string(static_cast<std::size_t>(at.line - 1), '\n') + "select * from {{ " + relation + " }}";
    return m;
}

} // namespace barometre::project
