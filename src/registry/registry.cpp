#include "registry/registry.h"
#include "core/json/writer.h"
#include "core/project/dependencies.h"
#include "core/project/job_config.h"
#include "core/project/registered.h"
#include "core/project/templates.h"
#include "pg/claim.h"
#include "pg/files.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/settings.h"
#include "pg/time.h"
#include "pg/transaction.h"
#include "registry/compile.h"
#include "registry/places.h"
#include "registry/reading.h"
#include "registry/registration.h"

#include <algorithm>

namespace barometre::registry {

namespace {

/// What the registry holds: of each object its kind, name, and all else as one text.
using contents = std::map<std::pair<std::string, std::string>, std::string>;

contents read_contents() {
    auto rows = pg::sql("SELECT 'tap', name, t::text FROM barometre_internal.tap t UNION ALL "
                        "SELECT 'stream', tap || '.' || name, s::text FROM barometre_internal.stream s UNION ALL "
                        "SELECT 'seed', name, ROW(name, description, columns, schema, relation, tags, meta)::text FROM "
                        "barometre_internal.seed UNION ALL "
                        "SELECT CASE materialized WHEN 'snapshot' THEN 'snapshot' ELSE 'model' END, name, ROW(schema, "
                        "materialized, file, description, relation, tags, "
                        "meta, columns)::text FROM barometre_internal.model UNION ALL "
                        "SELECT 'test', target || ' ' || name, string_agg(ROW(test, severity, arguments, "
                        "config)::text, ' ' ORDER BY arguments::text, config::text) "
                        "FROM barometre_internal.test GROUP BY target, name UNION ALL "
                        "SELECT 'job', name, definition::text FROM barometre_internal.job");
    contents s;
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
        s[{rows.text(i, 0), rows.text(i, 1)}] = rows.text(i, 2);
    return s;
}

std::string descriptions(const std::vector<project::column> &columns) {
    json::object all;
    for (const project::column &c : columns)
        all.add_some(c.name, c.description);
    return all.text();
}

pg::cell or_null(const std::string &text) { return text.empty() ? pg::cell() : pg::cell(text); }

std::string config_text(const project::test_config &config) {
    jinja::dict out;
    out.set("error_if", config.error_if.text());
    out.set("warn_if", config.warn_if.text());
    if (config.limit)
        out.set("limit", *config.limit);
    if (!config.where.empty())
        out.set("where", config.where);
    if (!config.fail_calc.empty())
        out.set("fail_calc", config.fail_calc);
    jinja::list tags;
    for (const std::string &tag : config.tags)
        tags.emplace_back(tag);
    if (!tags.empty())
        out.set("tags", tags);
    json::object with_meta;
    for (const auto &[key, v] : out.entries())
        with_meta.raw(jinja::printed(key), project::json_text(v));
    if (!config.meta.empty())
        with_meta.raw("meta", project::meta_text(config.meta));
    return with_meta.text();
}

void write_test(const std::string &target, const std::string &test, const std::string &name,
                const project::test_config &config, const jinja::dict &arguments, const std::string &definition) {
    pg::sql(
        "INSERT INTO barometre_internal.test (target, test, name, severity, arguments, config, definition) VALUES ($1, "
        "$2, $3, $4, $5::jsonb, $6::jsonb, $7)",
        {target, test, name, config.severity_name(), project::json_text(arguments), config_text(config), definition});
}

using names_of_tests = std::map<const project::generic_test *, project::test_names>;

void write_tests(const std::vector<project::generic_test> &tests, const names_of_tests &names) {
    for (const project::generic_test &t : tests) {
        jinja::dict arguments;
        for (const auto &[key, v] : t.arguments)
            arguments.set(key, v);
        write_test(names.at(&t).target, t.test, names.at(&t).name, t.config, arguments, t.at.text());
    }
}

void write_columns_tests(const std::vector<project::column> &columns, const names_of_tests &names) {
    for (const project::column &c : columns)
        write_tests(c.tests, names);
}

/// By a join: for each row a parameter would be compared one by one.
void keep_only(const std::string &table, const std::vector<std::string> &names) {
    pg::sql("DELETE FROM barometre_internal." + table +
                " AS t WHERE NOT EXISTS (SELECT FROM unnest($1::text[]) AS x (name) WHERE x.name = t.name)",
            {pg::array_literal(names)});
}

std::vector<std::string> names_of_blocked(const project::project &p) {
    std::vector<std::string> out;
    for (const project::blocked_node &b : p.blocked)
        out.push_back(b.name);
    return out;
}

void write_findings(const project::project &p) {
    for (const project::problem &one : p.found->problems)
        pg::sql("INSERT INTO barometre_internal.problem (kind, name, file, line, message, detail, hint) VALUES ($1, "
                "$2, $3, nullif($4::int, 0), $5, $6, $7)",
                {one.kind, one.name, one.at.file, std::to_string(one.at.line), one.message(), or_null(one.why.detail),
                 or_null(one.why.hint)});
    for (const auto &[file, nodes] : p.described)
        pg::sql("INSERT INTO barometre_internal.described (file, nodes) VALUES ($1, $2::text[])",
                {file, pg::array_literal(nodes)});
}

void write_jobs(const project::project &p) {
    std::vector<std::string> names;
    for (const project::job &j : p.jobs) {
        names.push_back(j.name);
        // With another time nothing can have been missed before now.
        pg::sql("INSERT INTO barometre_internal.job AS j (name, definition) VALUES ($1, $2::jsonb) "
                "ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, scheduled_since = CASE WHEN "
                "j.scheduled_since IS NOT NULL "
                "AND ROW(j.definition -> 'interval', j.definition -> 'timezone', j.definition -> 'enabled', "
                "j.definition -> 'start_date') IS DISTINCT FROM "
                "ROW(excluded.definition -> 'interval', excluded.definition -> 'timezone', excluded.definition -> "
                "'enabled', excluded.definition -> 'start_date') "
                "THEN now() ELSE j.scheduled_since END",
                {j.name, j.definition()});
    }
    keep_only("job", names);
}

void write_registry(const project::project &p) {
    const names_of_tests tests = project::names_of_tests(p);
    pg::script("DELETE FROM barometre_internal.tap; DELETE FROM barometre_internal.stream; DELETE FROM "
               "barometre_internal.source; DELETE FROM barometre_internal.model_edge; DELETE FROM "
               "barometre_internal.test; DELETE FROM barometre_internal.problem; DELETE FROM "
               "barometre_internal.described");
    write_findings(p);
    for (const project::tap &t : p.taps) {
        pg::sql("INSERT INTO barometre_internal.tap (name, description, shares_files) VALUES ($1, $2, $3::boolean)",
                {t.name, or_null(t.description), t.shares_files() ? "true" : "false"});
        for (const project::stream &s : t.streams) {
            pg::sql("INSERT INTO barometre_internal.stream (tap, name, path, pattern, key_properties, description, "
                    "definition, freshness, columns) "
                    "VALUES ($1, $2, $3, $4, $5::text[], $6, $7, $8::jsonb, $9::jsonb)",
                    {s.tap, s.name, s.path, s.pattern, pg::array_literal(s.key_properties), or_null(s.description),
                     s.at.text(), s.freshness ? pg::cell(s.freshness->text()) : pg::cell(),
                     descriptions(s.described())});
            write_tests(s.tests, tests);
            write_columns_tests(s.columns, tests);
            write_columns_tests(s.documented, tests);
        }
    }
    if (p.blocks_all) // the models may not be known, and are remembered as they were
        return write_jobs(p);
    for (const project::source_table &s : p.sources) {
        pg::sql("INSERT INTO barometre_internal.source (name, schema, relation, description, definition, freshness, "
                "columns) VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb)",
                {s.node(), s.schema, s.identifier, or_null(s.description), s.at.text(),
                 s.freshness ? pg::cell(s.freshness->text()) : pg::cell(), descriptions(s.columns)});
        write_tests(s.tests, tests);
        write_columns_tests(s.columns, tests);
    }
    std::vector<std::string> names = names_of_blocked(p); // they are remembered as they were
    for (const project::seed &s : p.seeds) {
        names.push_back(s.name);
        pg::sql("INSERT INTO barometre_internal.seed (name, description, columns, schema, relation, tags, meta) "
                "VALUES ($1, $2, $3::jsonb, $4, $5, $6::text[], $7::jsonb) ON CONFLICT (name) DO UPDATE SET "
                "description = excluded.description, columns = excluded.columns, schema = excluded.schema, "
                "relation = excluded.relation, tags = excluded.tags, meta = excluded.meta",
                {s.name, or_null(s.description), descriptions(s.columns), s.schema, s.relation(),
                 pg::array_literal(s.tags), s.meta_text()});
        write_tests(s.tests, tests);
        write_columns_tests(s.columns, tests);
    }
    keep_only("seed", names);
    names = names_of_blocked(p);
    for (const project::model &m : p.models) {
        names.push_back(m.name);
        pg::sql("INSERT INTO barometre_internal.model (name, schema, materialized, file, description, relation, tags, "
                "meta, columns) VALUES ($1, $2, $3, $4, $5, $6, $7::text[], $8::jsonb, $9::jsonb) "
                "ON CONFLICT (name) DO UPDATE SET schema = excluded.schema, materialized = excluded.materialized, "
                "file = excluded.file, description = excluded.description, relation = excluded.relation, tags = "
                "excluded.tags, meta = excluded.meta, columns = excluded.columns",
                {m.name, m.schema, project::to_text(m.materialized), m.file, or_null(m.description), m.relation(),
                 pg::array_literal(m.tags), m.meta_text(), descriptions(m.columns)});
        write_tests(m.tests, tests);
        write_columns_tests(m.columns, tests);
        auto edge = [&](const std::string &input) {
            pg::sql("INSERT INTO barometre_internal.model_edge (model, input, kind) VALUES ($1, $2, $3) ON CONFLICT DO "
                    "NOTHING",
                    {m.name, input, kind_of(p, input)});
        };
        const auto read = project::references_of(p, m);
        for (const std::string &r : read->refs)
            edge(r);
        for (const auto &[tap, stream] : read->sources)
            edge(tap + "." + stream);
        for (const std::string &found : m.reads)
            edge(found);
    }
    keep_only("model", names);
    for (const project::singular_test &t : p.tests)
        write_test(t.name, "singular", "singular", t.config, {}, t.file);
    for (const project::unit_test &t : p.unit_tests)
        write_test(t.model, "unit", t.name, t.config, t.declaration, t.at.text());
    write_jobs(p);
}

std::string roles_text(const project::role_names &roles) {
    return json::object()
        .raw("readers", json::texts(roles.readers))
        .raw("observers", json::texts(roles.observers))
        .text();
}

void check_time_zone(const std::string &name, const project::place &at) {
    if (!pg::is_time_zone(name))
        throw error(sqlstate::project_invalid, at.text() + ": key \"timezone\" can't be \"" + name + "\"", "",
                    "SELECT name FROM pg_timezone_names; lists the time zones of this server.");
}

std::vector<registry_change> difference(const contents &before, const contents &after) {
    std::vector<registry_change> changes;
    for (const auto &[key, text] : after) {
        auto old = before.find(key);
        if (old == before.end())
            changes.push_back({key.first, key.second, "added"});
        else if (old->second != text)
            changes.push_back({key.first, key.second, "changed"});
    }
    for (const auto &[key, text] : before)
        if (!after.count(key))
            changes.push_back({key.first, key.second, "removed"});
    return changes;
}

} // namespace

std::string search_path(const project::project &p) {
    // A stranger's schema, in which the project has nothing, would only give it the stranger's functions.
    // pg_temp last: a temporary table of the caller must not stand in for another.
    return (pg::is_stranger(p.schema) ? "" : pg::quote_identifier(p.schema) + ", ") + "public, pg_temp";
}

void find_reads(project::project &p) {
    for (project::model &m : p.models)
        m.reads = nodes_in(p, m);
    for (project::singular_test &t : p.tests)
        t.reads = nodes_in(p, t.source, t.file);
    project::block_circles(p); // by names in SQL
}

recorded_project find_project(pg::oid caller) {
    if (!pg::database_is_utf8())
        throw error(sqlstate::not_configured, "the encoding of this database is not UTF8",
                    "Text is read as UTF-8 and stored as it comes.", "Create the database with ENCODING 'UTF8'.");
    recorded_project found{{}, {}, {}, pg::no_oid, {}};
    pg::oid &owner = found.owner;
    pg::as_extension([&] {
        auto row = pg::sql("SELECT path, hash, owner::oid, files_hash FROM barometre_internal.project");
        if (!row.empty()) {
            found.path = row.at(0, 0);
            found.hash = row.text(0, 1);
            found.files_hash = row.at(0, 3);
            owner = static_cast<pg::oid>(std::stoul(row.text(0, 2)));
            if (pg::role_name(owner).empty()) {
                owner = pg::no_oid;
                found.lost_owner = true;
            }
        }
        found.registered = registered_things();
    });
    if (owner != pg::no_oid && !pg::has_privileges_of(caller, owner)) {
        const std::string role = pg::role_name(owner), me = pg::role_name(caller);
        std::string hint =
            "Connect as that role, or GRANT " + pg::quote_identifier(role) + " TO " + pg::quote_identifier(me) + ".";
        if (pg::is_member_of(caller, owner))
            hint =
                "SET ROLE " + pg::quote_identifier(role) + ";  since \"" + me + "\" is a member that does not inherit.";
        else if (pg::leads_to_superuser(owner)) // nobody must be told to become one
            hint = "Name the role that is to own it as roles.loader in barometre.yml; then, as a superuser: SELECT * "
                   "FROM baro_grant();  gives it the project.";
        throw error("42501", "permission denied for the project of this database",
                    "It belongs to role \"" + role + "\", whose privileges role \"" + me + "\" does not have.", hint);
    }
    return found;
}

std::shared_ptr<const file::root> open_folder(const recorded_project &recorded) {
    return recorded.path ? pg::open_recorded_project(*recorded.path) : pg::open_project();
}

loaded_project load_project(const loading &how) {
    const std::optional<std::string> &path = how.path;
    const pg::oid caller = pg::current_role();
    const recorded_project recorded = find_project(caller);
    const bool takes = how.takes || path;
    if (!takes)
        refuse_unloaded(recorded);
    pg::oid owner = recorded.owner;
    const std::shared_ptr<const file::root> folder = how.folder ? how.folder
                                                     : path     ? pg::open_project(*path, caller)
                                                                : open_folder(recorded);
    loaded_project loaded{
        read_files(folder, recorded, owner == pg::no_oid ? caller : owner), pg::no_oid, {}, recorded.registered};
    const project::project &p = loaded.definition;
    if (!takes)
        refuse_changed(recorded, p);
    check_time_zone(p.timezone, {"barometre.yml", 0});
    for (const project::job &j : p.jobs)
        check_time_zone(j.timezone, j.timezone_at);
    if (owner == pg::no_oid) {
        owner = caller;
        bool is_named = false;
        if (!p.roles.loader.empty())
            if (auto loader = pg::role_oid(p.roles.loader)) {
                owner = *loader;
                is_named = true;
            }
        if (recorded.lost_owner && !is_named && !path) // its SQL must not become the work of whoever calls next
            throw error("42704", "the role that owned the project of this database was dropped", "",
                        "Connect as the role that is to own it, and: SELECT * FROM baro_load_project(" +
                            pg::quote_literal(recorded.path.value_or(pg::project_directory())) + ");");
        if (!pg::has_privileges_of(caller, owner))
            throw error("42501",
                        "permission denied to load the project: it would belong to role \"" + p.roles.loader + "\"",
                        "roles.loader in barometre.yml names that role.",
                        pg::leads_to_superuser(owner) ? "Name a role there that is no superuser; then connect as it."
                                                      : "Connect as that role, or be granted it.");
    }
    loaded.owner = owner;
    if (how.checks_places)
        settle(find_place_problems(p, owner, how.registering));
    find_reads(loaded.definition);
    if (!how.registering.empty())
        refuse_registering(p, how.registering);
    if (!p.blocks_all)
        project::check_selections(p);
    // When another session is just recording the same files, or this one may write nothing, what was read does.
    const bool differs = recorded.hash != p.hash || (how.takes && !recorded.files_hash);
    if (path || (differs && !pg::is_read_only() && (how.takes || pg::try_lock_name("registry", "")))) {
        bool is_new = false;
        if (takes)
            pg::wait_for_name("registry", "");
        pg::as_extension([&] {
            auto known = pg::sql("SELECT FROM barometre_internal.project WHERE hash = $1 AND files_hash = $2",
                                 {p.hash, p.files_hash});
            if (known.processed && !path)
                return;
            contents before = read_contents();
            write_registry(p);
            pg::sql("DELETE FROM barometre_internal.project");
            pg::sql("INSERT INTO barometre_internal.project (name, path, owner, schema, timezone, hash, files_hash, "
                    "loaded_at, roles) "
                    "VALUES ($1, $2, $3::oid::regrole, $4, $5, $6, $7, clock_timestamp(), $8::jsonb)",
                    {p.name, path ? pg::cell(folder->path()) : recorded.path, std::to_string(owner), p.schema,
                     p.timezone, p.hash, p.files_hash, roles_text(p.roles)});
            loaded.changes = difference(before, read_contents());
            is_new = true;
        });
        if (is_new)
            tell(*p.found);
    }
    return loaded;
}

} // namespace barometre::registry
