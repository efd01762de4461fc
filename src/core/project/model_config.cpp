#include "core/project/model_config.h"
#include "core/error.h"
#include "core/name/nearest.h"
#include "core/project/amount.h"
#include "core/project/distribution_config.h"
#include "core/project/read_parts.h"
#include "core/project/snapshot_config.h"
#include "core/project/templates.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::project {

namespace {

const std::vector<std::string> settings = {"alias",
                                           "contract",
                                           "enabled",
                                           "grants",
                                           "incremental_strategy",
                                           "colocate_with",
                                           "distributed_by",
                                           "reference",
                                           "indexes",
                                           "materialized",
                                           "max_deletes",
                                           "meta",
                                           "on_schema_change",
                                           "post_hook",
                                           "pre_hook",
                                           "publish",
                                           "schema",
                                           "tags",
                                           "unique_key",
                                           "volatile",
                                           "full_refresh"};
/// What dbt knows and means nothing in PostgreSQL, or nothing here.
const std::vector<std::string> without_effect = {"bind",
                                                 "sort",
                                                 "sort_type",
                                                 "dist",
                                                 "cluster_by",
                                                 "partition_by",
                                                 "transient",
                                                 "persist_docs",
                                                 "docs",
                                                 "group",
                                                 "access",
                                                 "sql_header",
                                                 "unlogged",
                                                 "quote_columns",
                                                 "quoting",
                                                 "event_time",
                                                 "constraints",
                                                 "store_failures",
                                                 "on_configuration_change",
                                                 "static_analysis",
                                                 "freshness",
                                                 "node_color",
                                                 "auto_refresh",
                                                 "backup",
                                                 "packages"};
const std::vector<std::string> privileges = {"select",   "insert",     "update", "delete",
                                             "truncate", "references", "trigger"};
const std::vector<std::string> index_types = {"btree", "hash", "gin", "gist", "brin", "spgist"};

/// What dbt knows, and would change what is built.
const std::vector<std::string> of_other_results = {"dbt_valid_to_current",
                                                   "snapshot_meta_column_names",
                                                   "incremental_predicates",
                                                   "predicates",
                                                   "merge_update_columns",
                                                   "merge_exclude_columns",
                                                   "batch_size",
                                                   "begin",
                                                   "lookback"};

std::string near_or(const std::string &name, const std::vector<std::string> &known, const std::string &otherwise) {
    const std::string near = name::nearest(name, known);
    return near.empty() ? otherwise : "Did you mean \"" + near + "\"?";
}

/// The setting that a key is: dbt also writes +tags and pre-hook. Another key is itself.
std::string plain(std::string key) {
    if (key.starts_with('+'))
        key.erase(0, 1);
    return key == "pre-hook" ? "pre_hook" : key == "post-hook" ? "post_hook" : key;
}

std::vector<index_config> read_indexes(yaml_map &map, const std::string &key) {
    std::vector<index_config> out;
    const YAML::Node list = map.raw(key);
    if (!list.IsSequence())
        map.fail(map.at(key), "key \"" + key + "\" must be a list of mappings", "",
                 "For example: - {columns: [a, b], unique: true}");
    for (const auto &item : list) {
        yaml_map one(item, map.file(), "an index of " + map.what(), map.at().line); // a key less is another index
        index_config index;
        index.at = one.at();
        if (!one.has("columns"))
            one.fail(one.at(), one.what() + " lacks the key \"columns\"");
        index.columns = one.texts("columns");
        if (index.columns.empty() || text::contains(index.columns, ""))
            one.fail(one.at("columns"),
                     one.what() + (index.columns.empty() ? " has no column" : " has a column without a name"));
        index.unique = one.boolean("unique", false);
        index.type = one.choice("type", index_types, index.type);
        one.finish();
        if (index.unique && index.type != "btree")
            one.fail(one.at("unique"), "an index of type " + index.type + " can't be unique", "",
                     "Only one of type btree can.");
        if (index.columns.size() > 1 && (index.type == "hash" || index.type == "spgist"))
            one.fail(one.at("columns"), "an index of type " + index.type + " can't have more than one column");
        if (std::find(out.begin(), out.end(), index) == out.end()) // dbt makes it twice
            out.push_back(std::move(index));
    }
    return out;
}

void read_grants(yaml_map &owner, const std::string &key, std::map<std::string, std::vector<std::string>> &grants) {
    yaml_map map = owner.map(key, "the grants of " + owner.what());
    std::set<std::string> seen;
    for (const auto &entry : map.node()) {
        const std::string word = entry.first.Scalar();
        const bool adds = word.starts_with('+');
        std::string privilege = word.substr(adds);
        for (char &c : privilege)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (!text::contains(privileges, privilege))
            map.fail(map.at(word), "unknown privilege \"" + word + "\" in " + map.what(), "",
                     near_or(privilege, privileges, "Privileges of tables are " + joined(privileges) + "."));
        if (!seen.insert(privilege).second)
            map.fail(map.at(word), "privilege \"" + privilege + "\" in " + map.what() + " is given twice", "",
                     "Remove one of them.");
        std::vector<std::string> &roles = grants[privilege];
        if (!adds)
            roles.clear();
        for (const std::string &role : map.texts(word)) {
            if (role.empty() || role.size() > 63)
                map.fail(map.at(word), "role \"" + role + "\" in " + map.what() + " must have 1 to 63 bytes");
            add_tags(roles, {role});
        }
    }
}

void read_incremental(yaml_map &map, model &m) {
    if (const std::string key = said(map, m, "incremental_strategy"); !key.empty()) {
        const std::string word = map.choice(key, {"append", "delete+insert", "merge"}, "append");
        m.incremental.strategy = word == "append"  ? incremental_strategy::append
                                 : word == "merge" ? incremental_strategy::merge
                                                   : incremental_strategy::delete_insert;
    }
    if (const std::string key = said(map, m, "unique_key"); !key.empty()) {
        m.incremental.unique_key = map.texts(key);
        for (const std::string &column : m.incremental.unique_key)
            if (column.empty() ||
                std::count(m.incremental.unique_key.begin(), m.incremental.unique_key.end(), column) > 1)
                map.fail(map.at(key),
                         "the unique_key of " + map.what() +
                             (column.empty() ? " has a column without a name" : " has \"" + column + "\" twice"));
    }
    if (const std::string key = said(map, m, "on_schema_change"); !key.empty()) {
        const std::vector<std::string> words = {"ignore", "fail", "append_new_columns", "sync_all_columns"};
        const std::string word = map.choice(key, words, "ignore");
        m.incremental.on_schema_change = // in the same order
            static_cast<schema_change>(std::find(words.begin(), words.end(), word) - words.begin());
    }
}

} // namespace

void read_hooks(yaml_map &map, const std::string &key, std::vector<hook> &hooks) {
    const YAML::Node value = map.raw(key);
    const auto add = [&](const YAML::Node &item, const place &at) {
        std::string text;
        if (item.IsMap()) { // as dbt has it, with "transaction" beside it
            yaml_map one = map.inner(item, "a hook of " + map.what());
            text = one.text("sql");
            if (!one.boolean("transaction", true))
                one.fail(one.at("transaction"), "a hook of " + map.what() + " can't run outside of the transaction", "",
                         "Remove the key, or run its SQL by hand or in a job's step sql.");
            one.finish();
        } else if (item.IsScalar())
            text = item.Scalar();
        else
            map.fail(at, "key \"" + key + "\" must be a text or a list of texts");
        if (text.find_first_not_of(" \t\r\n;") != std::string::npos)
            hooks.push_back({text, at});
    };
    if (!value.IsSequence())
        return add(value, map.at(key));
    for (const auto &item : value)
        add(item, map.at(item));
}

std::string to_text(materialization m) {
    for (const auto &[word, one] : materializations)
        if (one == m)
            return word;
    throw error(sqlstate::internal, "a materialization has no word");
}

place relation_node::where(const std::string &key) const {
    auto found = said_at.find(key);
    return found == said_at.end() ? place{file, line} : found->second;
}

bool is_model_setting(const std::string &key, bool of_snapshots) {
    return text::contains(settings, plain(key)) || (of_snapshots && text::contains(snapshot_settings(), plain(key)));
}

std::string near_setting(const std::string &key, const std::vector<std::string> &more, bool of_snapshots,
                         const std::string &otherwise) {
    std::vector<std::string> meant = more;
    meant.insert(meant.end(), settings.begin(), settings.end());
    if (of_snapshots)
        meant.insert(meant.end(), snapshot_settings().begin(), snapshot_settings().end());
    return near_or(key, meant, otherwise);
}

std::string said(yaml_map &map, relation_node &m, const std::string &setting) {
    std::string found;
    map.has(setting);
    for (const auto &entry : map.node()) {
        const std::string key = entry.first.Scalar();
        if (plain(key) != setting)
            continue;
        if (!found.empty())
            map.fail(map.at(key), "\"" + found + "\" and \"" + key + "\" in " + map.what() + " are the same key", "",
                     "Remove one of them.");
        if (!map.has(key)) // null, which is none in another program's file
            continue;
        found = key;
        m.said_at[setting] = map.at(key);
    }
    return found;
}

void read_relation_config(yaml_map &map, relation_node &m) {
    if (const std::string key = said(map, m, "alias"); !key.empty()) {
        m.alias = map.text(key);
        check_name(map, "alias", m.alias, map.at(key));
    }
    if (const std::string key = said(map, m, "enabled"); !key.empty())
        m.enabled = map.boolean(key, true);
    if (const std::string key = said(map, m, "grants"); !key.empty())
        read_grants(map, key, m.grants);
    if (const std::string key = said(map, m, "meta"); !key.empty())
        read_meta(map, m.meta, key);
    if (const std::string key = said(map, m, "post_hook"); !key.empty())
        read_hooks(map, key, m.post_hooks);
    if (const std::string key = said(map, m, "pre_hook"); !key.empty())
        read_hooks(map, key, m.pre_hooks);
    if (const std::string key = said(map, m, "schema"); !key.empty()) {
        m.schema = map.text(key);
        check_name(map, "schema", m.schema, map.at(key));
    }
    read_distribution(
        map, [&](const std::string &setting) { return said(map, m, setting); }, m.spread);
    if (const std::string key = said(map, m, "tags"); !key.empty())
        read_tags(map, m.tags, key);
}

void read_model_config(yaml_map &map, model &m) {
    read_relation_config(map, m);
    if (const std::string key = said(map, m, "contract"); !key.empty()) {
        yaml_map contract(map.raw(key), map.file(), "the contract of " + map.what(), map.at(key).line); // it is obeyed
        m.contract_enforced = contract.boolean("enforced", false);
        contract.boolean("alias_types", true); // of dbt: types are compared as the server names them
        contract.finish();
    }
    if (!m.is_snapshot()) {
        read_incremental(map, m);
        if (const std::string key = said(map, m, "publish"); !key.empty()) {
            const std::string word = map.choice(key, {"difference", "swap", "auto"}, "difference");
            m.publish = word == "swap"   ? publish_way::swap
                        : word == "auto" ? publish_way::automatic
                                         : publish_way::difference;
        }
    }
    if (const std::string key = said(map, m, "indexes"); !key.empty())
        m.indexes = read_indexes(map, key);
    if (const std::string key = m.is_snapshot() ? "" : said(map, m, "materialized"); !key.empty()) {
        std::vector<std::string> words;
        for (const auto &one : materializations)
            if (one.second != materialization::snapshot)
                words.push_back(one.first);
        if (map.text(key) == to_text(materialization::snapshot))
            map.fail(map.at(key), "a model can't be materialized as \"snapshot\"", "",
                     "A snapshot is a block {% snapshot name %} in a file of the snapshots folder, or an entry of "
                     "snapshots: with a relation.");
        const std::string word = map.choice(key, words, words.front());
        for (const auto &[known, one] : materializations)
            if (word == known)
                m.materialized = one;
    }
    if (const std::string key = said(map, m, "max_deletes"); !key.empty())
        m.max_deletes = read_limit(map, key, "rows");
    if (const std::string key = said(map, m, "volatile"); !key.empty())
        m.is_volatile = map.boolean(key, false);
    if (const std::string key = said(map, m, "full_refresh"); !key.empty())
        m.full_refresh = map.boolean(key, false);
    if (m.is_snapshot())
        read_snapshot_config(map, m);
    for (const auto &entry : map.node())
        if (const std::string key = plain(entry.first.Scalar());
            map.found() && text::contains(of_other_results, key) && !entry.second.IsNull())
            map.fail(map.at(entry.first), "key \"" + key + "\" of " + map.what() + " is not supported",
                     "With it dbt would give another result.", "Remove it, or write what it does into the SQL.");
    map.ignore(without_effect);
}

void apply_config(model &m, const jinja::callbacks &context, const std::shared_ptr<findings> &found) {
    const jinja::references read = jinja::find_references(m.source, m.file, context);
    std::map<int, YAML::Node> calls; // by line; no key is in two of them
    int spread_line = 0;             // of keys that are read together
    for (const auto &[key, value] : read.settings) {
        int line = read.setting_lines.at(key);
        if (is_of_distribution(key))
            line = spread_line = spread_line ? spread_line : line;
        calls.try_emplace(line, YAML::NodeType::Map).first->second.force_insert(key, yaml_node(value));
    }
    for (const auto &[line, node] : calls) {
        yaml_map map(node, m.file, "config()", line, found);
        read_model_config(map, m);
        map.finish();
    }
}

void set_disabled_apart(project &p) {
    const auto part = [](auto &all, auto &disabled) {
        auto first = std::stable_partition(all.begin(), all.end(), [](const relation_node &m) { return m.enabled; });
        disabled.assign(std::make_move_iterator(first), std::make_move_iterator(all.end()));
        all.erase(first, all.end());
    };
    part(p.models, p.disabled);
    part(p.seeds, p.disabled_seeds);
    for (seed &s : p.seeds)
        if (s.schema.empty())
            s.schema = p.schema;
}

} // namespace barometre::project
