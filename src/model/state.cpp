#include "model/state.h"
#include "pg/identity.h"
#include "pg/relations.h"
#include "pg/transaction.h"
#include "registry/change.h"
#include "registry/compile.h"

#include <xxhash.h>

namespace barometre::model {

namespace {

const std::string sep(1, '\0');

} // namespace

build_records read_builds() {
    build_records out;
    pg::as_extension([&] {
        auto found = pg::sql(
            "SELECT b.kind, b.name, b.relation, b.query, b.configuration, b.description, b.always, b.rows, date_trunc('second', b.built), i.changed, b.indexes, b.grants "
            "FROM barometre_internal.build b LEFT JOIN LATERAL (SELECT CASE "
            "WHEN i.kind = 'function' THEN 'function ' || i.name || ' changed' "
            "WHEN i.kind = 'view' THEN 'view ' || i.name || ' changed' "
            "WHEN i.kind = 'self' AND i.hash IS NOT DISTINCT FROM " + view_hash("i.object") + " THEN 'it holds no data (WITH NO DATA)' "
            "WHEN i.kind = 'self' THEN 'somebody else changed it' "
            "WHEN NOT EXISTS (SELECT FROM pg_class k WHERE k.oid = i.object) THEN i.name || ' was made anew' "
            "WHEN i.kind = 'stamped' AND NOT " + registry::stamped_by_trigger("i.object") + " THEN 'it reads ' || i.name || ', which others write' "
            "WHEN c.xid IS NOT NULL THEN i.name || ' changed' ELSE 'the columns or partitions of ' || i.name || ' changed' END AS changed "
            "FROM barometre_internal.build_input i LEFT JOIN barometre_internal.change c ON c.relation = i.object AND c.xid <> b.xid "
            "AND NOT pg_visible_in_snapshot(c.xid, b.snapshot) "
            "WHERE i.model = b.name AND CASE WHEN i.kind = 'function' THEN i.hash IS DISTINCT FROM " + function_hash("i.object") +
            " WHEN i.kind IN ('view', 'self') THEN i.hash IS DISTINCT FROM " + view_hash("i.object") +
            " OR i.kind = 'self' AND EXISTS (SELECT FROM pg_class k WHERE k.oid = i.object AND NOT k.relispopulated)"
            " ELSE c.xid IS NOT NULL OR i.hash IS DISTINCT FROM " + table_hash("i.object") +
            " OR i.kind = 'stamped' AND NOT " + registry::stamped_by_trigger("i.object") + " END LIMIT 1) i ON b.kind = 'model'");
        for (std::size_t i = 0; i < found.rows.size(); ++i)
            out[{found.text(i, 0), found.text(i, 1)}] = {static_cast<pg::oid>(std::stoul(found.text(i, 2))), found.text(i, 3), found.text(i, 4),
                                                         {found.text(i, 5), found.text(i, 10), found.text(i, 11)}, found.text(i, 6), found.text(i, 9),
                                                         found.at(i, 7) ? found.number(i, 7) : -1, found.text(i, 8)};
    });
    return out;
}

void write_build(const std::string &kind, const std::string &name, const build_record &r, const std::vector<input> &inputs,
                 const std::string &snapshot) {
    std::vector<std::string> kinds, objects, names, hashes;
    for (const input &i : inputs) {
        kinds.push_back(i.kind);
        objects.push_back(std::to_string(i.object));
        names.push_back(i.name);
        hashes.push_back(i.hash);
    }
    pg::as_extension([&] {
        pg::sql("INSERT INTO barometre_internal.build (kind, name, relation, query, configuration, description, always, snapshot, xid, rows, built, indexes, grants) "
                "VALUES ($1, $2, $3::oid, $4, $5, $6, nullif($7, ''), $8::pg_snapshot, pg_current_xact_id(), nullif($9::bigint, -1), clock_timestamp(), $10, $11) "
                "ON CONFLICT (kind, name) DO UPDATE SET relation = excluded.relation, query = excluded.query, "
                "configuration = excluded.configuration, description = excluded.description, indexes = excluded.indexes, grants = excluded.grants, always = excluded.always, "
                "snapshot = excluded.snapshot, xid = excluded.xid, rows = excluded.rows, built = excluded.built",
                {kind, name, std::to_string(r.relation), r.query, r.configuration, r.has.description, r.always, snapshot, std::to_string(r.rows), r.has.indexes, r.has.grants});
        if (kind == "seed")
            return;
        pg::sql("DELETE FROM barometre_internal.build_input WHERE model = $1", {name});
        if (!inputs.empty())
            pg::sql("INSERT INTO barometre_internal.build_input (model, kind, object, name, hash) SELECT DISTINCT ON (x.kind, x.object) $1, x.kind, x.object, x.name, "
                    "CASE WHEN x.kind IN ('relation', 'stamped') THEN " + table_hash("x.object") + " ELSE x.hash END "
                    "FROM unnest($2::text[], $3::oid[], $4::text[], $5::text[]) AS x(kind, object, name, hash)",
                    {name, pg::array_literal(kinds), pg::array_literal(objects), pg::array_literal(names), pg::array_literal(hashes)});
    });
}

void write_attributes(const std::string &kind, const std::string &name, const attributes &has) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.build SET description = $3, indexes = $4, grants = $5 WHERE kind = $1 AND name = $2", {kind, name, has.description, has.indexes, has.grants});
    });
}

void write_remade_view(const std::string &name, pg::oid view) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.build SET relation = $2::oid WHERE kind = 'model' AND name = $1", {name, std::to_string(view)});
        pg::sql("UPDATE barometre_internal.build_input SET object = $2::oid, hash = " + view_hash("$2::oid") + " WHERE model = $1 AND kind = 'self'", {name, std::to_string(view)});
        pg::sql("UPDATE barometre_internal.build_input SET object = $2::oid WHERE kind = 'relation' AND name = $1", {name, std::to_string(view)});
    });
}

void write_late_change(const std::string &name) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.build SET always = 'a post_hook of ' || $1 || ' changed its rows after they were read' WHERE kind = 'model' AND name <> $1 "
                "AND name IN (SELECT model FROM barometre_internal.build_input WHERE kind = 'relation' AND name = $1)",
                {name});
    });
}

std::string hash_text(const std::string &text) {
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    char hex[33];
    std::snprintf(hex, sizeof hex, "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
    return hex;
}

std::string configuration_hash(const project::model &m) {
    std::string all = m.schema + sep + project::to_text(m.materialized) + sep + (m.is_volatile ? *m.is_volatile ? "volatile" : "not volatile" : "");
    if (m.is(project::materialization::incremental)) {
        all += sep + std::to_string(static_cast<int>(m.incremental.chosen())) + sep + std::to_string(static_cast<int>(m.incremental.on_schema_change));
        for (const std::string &key : m.incremental.unique_key)
            all += sep + key;
    }
    if (m.is_snapshot()) {
        all += sep + std::to_string(static_cast<int>(m.snapshot.strategy)) + sep + std::to_string(static_cast<int>(m.snapshot.hard_deletes)) + sep + m.snapshot.updated_at;
        for (const auto *columns : {&m.snapshot.unique_key, &m.snapshot.check_cols})
            for (const std::string &column : *columns)
                all += sep + (columns == &m.snapshot.unique_key ? "key " : "checked ") + column;
    }
    for (const auto *hooks : {&m.pre_hooks, &m.post_hooks})
        for (const project::hook &h : *hooks)
            all += sep + (hooks == &m.pre_hooks ? "before " : "after ") + h.source;
    return hash_text(all);
}

std::string query_hash(const project::model &m, const std::function<std::string(bool incremental)> &sql) {
    return hash_text(m.is(project::materialization::incremental) ? sql(false) + sep + sql(true) : sql(false));
}

char published_kind(const project::model &m) {
    switch (m.materialized) {
    case project::materialization::view:
        return 'v';
    case project::materialization::materialized_view:
        return 'm';
    case project::materialization::ephemeral:
        return 0;
    default:
        return 'r';
    }
}

std::string functions_hash(const project::project &p) {
    std::string all;
    for (const project::function_file &f : p.functions)
        all += f.file + sep + f.source + sep;
    return hash_text(all);
}

bool fits_columns(const project::model &m, const std::string &sql) {
    bool fits = false;
    try {
        pg::in_subtransaction([&] {
            std::vector<pg::table_column> columns;
            for (const pg::result_column &c : pg::analyze_query(sql).columns)
                columns.push_back({c.name, c.type});
            fits = columns == pg::columns_of(m.schema, m.relation());
        });
    } catch (const error &e) {
        if (e.sqlstate.starts_with("57"))
            throw;
    }
    return fits;
}

staleness judge(const project::project &p, const project::model &m, const build_records &builds, const std::map<std::string, pg::oid> &there) {
    auto found = builds.find({"model", m.name});
    const auto relation = there.find(m.name);
    if (relation == there.end())
        return {true, "it was never built"};
    if (found == builds.end())
        return {false, "its last build is not known here"};
    const build_record &b = found->second;
    if (b.relation != relation->second)
        return {false, "its table was made anew by somebody else"};
    if (b.configuration != configuration_hash(m))
        return {false, "its configuration changed"};
    try {
        if (b.query != query_hash(m, [&](bool incremental) { return registry::compile_lines(p, m.source, m.file, {.incremental = incremental}).sql; }))
            return {false, "its SQL changed"};
    } catch (const error &e) { // of an ephemeral model that it reads: told again when it is built
        if (e.sqlstate.starts_with("57"))
            throw;
        return {false, e.message};
    }
    if (m.is(project::materialization::view) && b.changed.empty()) // it shows what its inputs hold
        return {false, fits_columns(m, registry::compile(p, m.source, m.file)) ? "" : "the columns of what it reads changed"};
    return {false, b.always.empty() ? b.changed : b.always, true};
}

std::optional<std::pair<std::string, std::string>> missing_input(const project::project &p, const graph::dag &nodes, const std::string &node,
                                                                 const std::function<bool(const std::string &)> &is_there) {
    for (const std::string &input : nodes.parents(node))
        if (!is_there(input)) {
            const std::string kind = registry::kind_of(p, input);
            return std::pair{input, kind + " \"" + input + "\"" +
                                        (kind == "stream" ? " was never loaded" : kind == "seed" ? " has no file" : " was never built")};
        }
    return std::nullopt;
}

std::string cure(const project::project &p, const std::string &node) {
    if (p.find_model(node))
        return "CALL baro_transform('+" + node + "');";
    if (p.find_seed(node))
        return "Put " + node + ".csv into seeds/ of the project or below barometre.data_directory, then: CALL baro_transform();";
    return "SELECT * FROM baro_run('" + node.substr(0, node.find('.')) + "'); CALL baro_transform();";
}

} // namespace barometre::model
