#include "model/state.h"
#include "model/definition_hash.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "registry/change.h"

#include <cstddef>
#include <map>

namespace barometre::model {

namespace {

/// What changed of what a model read, of each of which something did. A join of all, and no look at the inputs of each
/// build: without statistics that would go through all inputs each time.
std::map<std::string, std::string> find_changed_inputs() {
    const auto found = pg::sql(
        "SELECT DISTINCT ON (i.model) i.model, CASE "
        "WHEN i.kind = 'function' THEN 'function ' || i.name || ' changed' "
        "WHEN i.kind = 'view' THEN 'view ' || i.name || ' changed' "
        "WHEN i.kind = 'self' AND i.hash IS NOT DISTINCT FROM " +
        view_hash("i.object") +
        " THEN 'it holds no data (WITH NO DATA)' "
        "WHEN i.kind = 'self' THEN 'somebody else changed it' "
        "WHEN NOT EXISTS (SELECT FROM pg_class k WHERE k.oid = i.object) THEN i.name || ' was made anew' "
        "WHEN i.kind = 'stamped' AND NOT " +
        registry::stamped_by_trigger("i.object") +
        " THEN 'it reads ' || i.name || ', which others write' "
        "WHEN c.xid IS NOT NULL THEN i.name || ' changed' ELSE 'the columns or partitions of ' || i.name || ' "
        "changed' END AS changed "
        "FROM barometre_internal.build b JOIN barometre_internal.build_input i ON i.model = b.name LEFT JOIN "
        "barometre_internal.change c ON c.relation = i.object AND c.xid <> b.xid AND NOT "
        "pg_visible_in_snapshot(c.xid, b.snapshot) "
        "WHERE b.kind = 'model' AND CASE WHEN i.kind = 'function' THEN i.hash IS DISTINCT FROM " +
        function_hash("i.object") + " WHEN i.kind IN ('view', 'self') THEN i.hash IS DISTINCT FROM " +
        view_hash("i.object") +
        " OR i.kind = 'self' AND EXISTS (SELECT FROM pg_class k WHERE k.oid = i.object AND NOT k.relispopulated)"
        " ELSE c.xid IS NOT NULL OR i.hash IS DISTINCT FROM " +
        table_hash("i.object") + " OR i.kind = 'stamped' AND NOT " + registry::stamped_by_trigger("i.object") +
        " END ORDER BY i.model, i.kind, i.object");
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out.emplace(found.text(i, "model"), found.text(i, "changed"));
    return out;
}

build_records read_records(const std::string &of_which) {
    build_records out;
    const auto found = pg::sql("SELECT kind, name, relation, query, configuration, description, always, rows, "
                               "date_trunc('second', built) AS built, indexes, grants FROM barometre_internal.build" +
                               of_which);
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out[{found.text(i, "kind"), found.text(i, "name")}] = {
            .relation = static_cast<pg::oid>(found.number(i, "relation")),
            .query = found.text(i, "query"),
            .configuration = found.text(i, "configuration"),
            .has = {found.text(i, "description"), found.text(i, "indexes"), found.text(i, "grants")},
            .always = found.text(i, "always"),
            .changed = "",
            .rows = found.at(i, "rows") ? found.number(i, "rows") : -1,
            .built = found.text(i, "built")};
    return out;
}

} // namespace

build_records read_loads_of_seeds() {
    return pg::as_extension([] { return read_records(" WHERE kind = 'seed'"); });
}

build_records read_builds() {
    build_records out;
    pg::as_extension([&] {
        out = read_records("");
        for (const auto &[model, changed] : find_changed_inputs())
            if (const auto build = out.find({"model", model}); build != out.end())
                build->second.changed = changed;
    });
    return out;
}

void write_builds(const std::vector<build_written> &builds, const std::string &snapshot) {
    if (builds.empty())
        return;
    std::vector<std::string> kinds, names, relations, queries, configurations, descriptions, always, rows, indexes,
        grants;
    struct {
        std::vector<std::string> models, kinds, objects, names, hashes;
    } in;
    for (const build_written &b : builds) {
        const build_record &r = *b.record;
        kinds.push_back(b.kind);
        names.push_back(b.name);
        relations.push_back(std::to_string(r.relation));
        queries.push_back(r.query);
        configurations.push_back(r.configuration);
        descriptions.push_back(r.has.description);
        always.push_back(r.always);
        rows.push_back(std::to_string(r.rows));
        indexes.push_back(r.has.indexes);
        grants.push_back(r.has.grants);
        if (b.kind == "seed")
            continue;
        for (const input &i : *b.inputs) {
            in.models.push_back(b.name);
            in.kinds.push_back(i.kind);
            in.objects.push_back(std::to_string(i.object));
            in.names.push_back(i.name);
            in.hashes.push_back(i.hash);
        }
    }
    // Arrays are parameters of subqueries, so that one plan does for all lengths.
    pg::as_extension([&] {
        pg::sql("INSERT INTO barometre_internal.build (kind, name, relation, query, configuration, description, "
                "always, snapshot, xid, rows, built, indexes, grants) "
                "SELECT x.kind, x.name, x.relation, x.query, x.configuration, x.description, nullif(x.always, ''), "
                "$11::pg_snapshot, pg_current_xact_id(), nullif(x.rows, -1), clock_timestamp(), x.indexes, x.grants "
                "FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::oid[]), (SELECT $4::text[]), "
                "(SELECT $5::text[]), (SELECT $6::text[]), (SELECT $7::text[]), (SELECT $8::bigint[]), "
                "(SELECT $9::text[]), (SELECT $10::text[])) AS x(kind, name, relation, query, configuration, "
                "description, always, rows, indexes, grants) "
                "ON CONFLICT (kind, name) DO UPDATE SET relation = excluded.relation, query = excluded.query, "
                "configuration = excluded.configuration, description = excluded.description, indexes = "
                "excluded.indexes, grants = excluded.grants, always = excluded.always, "
                "snapshot = excluded.snapshot, xid = excluded.xid, rows = excluded.rows, built = excluded.built",
                {pg::array_literal(kinds), pg::array_literal(names), pg::array_literal(relations),
                 pg::array_literal(queries), pg::array_literal(configurations), pg::array_literal(descriptions),
                 pg::array_literal(always), pg::array_literal(rows), pg::array_literal(indexes),
                 pg::array_literal(grants), snapshot});
        pg::sql("DELETE FROM barometre_internal.build_input i USING unnest((SELECT $1::text[]), (SELECT $2::text[])) "
                "AS x(kind, name) WHERE i.model = x.name AND x.kind <> 'seed'",
                {pg::array_literal(kinds), pg::array_literal(names)});
        if (!in.models.empty())
            pg::sql("INSERT INTO barometre_internal.build_input (model, kind, object, name, hash) SELECT DISTINCT ON "
                    "(x.model, x.kind, x.object) x.model, x.kind, x.object, x.name, "
                    "CASE WHEN x.kind IN ('relation', 'stamped') THEN " +
                        table_hash("x.object") +
                        " ELSE x.hash END FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::oid[]), "
                        "(SELECT $4::text[]), (SELECT $5::text[])) AS x(model, kind, object, name, hash)",
                    {pg::array_literal(in.models), pg::array_literal(in.kinds), pg::array_literal(in.objects),
                     pg::array_literal(in.names), pg::array_literal(in.hashes)});
    });
}

std::optional<std::pair<std::string, std::string>> last_place(const std::string &kind, const std::string &name) {
    const auto found = pg::as_extension([&] {
        return pg::sql("SELECT n.nspname, c.relname FROM barometre_internal.build b JOIN pg_class c ON c.oid = "
                       "b.relation JOIN pg_namespace n ON n.oid = c.relnamespace WHERE b.kind = $1 AND b.name = $2",
                       {kind, name});
    });
    return found.empty() ? std::nullopt : std::optional(std::pair(found.text(0, 0), found.text(0, 1)));
}

void write_attributes(const std::string &kind, const std::string &name, const attributes &has) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.build SET description = $3, indexes = $4, grants = $5 WHERE kind = $1 AND "
                "name = $2",
                {kind, name, has.description, has.indexes, has.grants});
    });
}

void write_remade_view(const std::string &name, pg::oid view) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.build SET relation = $2::oid WHERE kind = 'model' AND name = $1",
                {name, std::to_string(view)});
        pg::sql("UPDATE barometre_internal.build_input SET object = $2::oid, hash = " + view_hash("$2::oid") +
                    " WHERE model = $1 AND kind = 'self'",
                {name, std::to_string(view)});
        pg::sql("UPDATE barometre_internal.build_input SET object = $2::oid WHERE kind = 'relation' AND name = $1",
                {name, std::to_string(view)});
    });
}

void write_late_change(const std::string &name) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.build SET always = 'a post_hook of ' || $1 || ' changed its rows after they "
                "were read' WHERE kind = 'model' AND name <> $1 "
                "AND name IN (SELECT model FROM barometre_internal.build_input WHERE kind = 'relation' AND name = $1)",
                {name});
    });
}

} // namespace barometre::model
