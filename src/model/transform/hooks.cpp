#include "model/transform/hooks.h"
#include "core/error.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/statements.h"
#include "registry/compile.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

namespace barometre::model::transform {

namespace {

int running = 0;

struct running_hook {
    running_hook() { ++running; }
    ~running_hook() { --running; }
    running_hook(const running_hook &) = delete;
    running_hook &operator=(const running_hook &) = delete;
};

/// The table of a model or seed, as far as this transaction wrote into it. Both empty: there is none.
struct written {
    std::string table, rows;
};

written written_so_far(const project::relation_node &m) {
    auto found = pg::sql(
        "SELECT t.oid, (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.oid, c.relfilenode, "
        "pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid), pg_catalog.pg_stat_get_xact_tuples_updated(c.oid), "
        "pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)), ', ' ORDER BY c.oid) FROM pg_catalog.pg_class c WHERE "
        "c.oid = t.oid OR c.oid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree(t.oid) p)) FROM (SELECT "
        "pg_catalog.to_regclass($1)::oid AS oid) AS t WHERE t.oid IS NOT NULL",
        {pg::qualified(m.schema, m.relation())});
    return found.empty() ? written() : written{found.text(0, 0), found.text(0, 1)};
}

} // namespace

bool in_hook() { return running > 0; }

void in_a_hook(const std::function<void()> &work) {
    const running_hook one;
    work();
}

namespace {

/// What a template of on-run-end knows of one node.
jinja::value result_of(const project::project &p, const run::step &s) {
    jinja::dict node, out;
    node.set("name", s.name);
    node.set("resource_type", s.kind);
    node.set("unique_id", s.kind + "." + (p.package.empty() ? p.name : p.package) + "." + s.name);
    const auto [schema, relation] = registry::place_of(p, s.name);
    node.set("schema", schema);
    node.set("alias", relation);
    out.set("node", std::move(node));
    out.set("status", s.status == "failed" ? "error" : s.status == "skipped" ? "skipped" : "success");
    out.set("message", s.message.empty() ? s.why : s.message);
    out.set("failures", jinja::value());
    out.set("execution_time", s.seconds);
    return out;
}

} // namespace

void run_end_hooks(const project::project &p, const std::map<std::string, run::step> &steps) {
    for (const error &lost : p.lost_hooks)
        pg::warning("a hook of on-run-end can't be run: " + lost.message, lost.hint, lost.detail);
    if (p.on_run_end.empty())
        return;
    jinja::list results, schemas;
    std::set<std::string> seen;
    for (const auto &[name, step] : steps) {
        if (p.find_blocked(name)) // nothing is known of where it would be
            continue;
        results.push_back(result_of(p, step));
        if (const std::string schema = registry::place_of(p, name).first; seen.insert(schema).second)
            schemas.emplace_back(schema);
    }
    for (const project::hook &h : p.on_run_end) {
        jinja::callbacks calls = registry::server_context(p, h.at.file, nullptr);
        registry::sayings said;
        registry::listen(calls, said);
        calls.names["results"] = results;
        calls.names["schemas"] = schemas;
        const auto [sql, lines] = jinja::render_lines(h.source, h.at.file, calls, std::max(h.at.line, 1));
        registry::speak(said);
        if (sql.find_first_not_of(" \t\r\n;") == std::string::npos)
            continue;
        const pg::kept_settings settings;
        try {
            pg::split_statements(sql); // which refuses what would end the transaction
            in_a_hook([&sql = sql] { pg::project_script(sql); });
        } catch (const error &e) {
            registry::rethrow_for(e, "on-run-end", e.query_position > 0 ? h.at.file : h.at.text(), sql, 0, lines);
        }
        settings.restore();
    }
}

bool run_hooks(const project::project &p, const project::relation_node &m, const std::vector<project::hook> &hooks,
               const std::string &kind, bool incremental) {
    bool wrote = false;
    for (const project::hook &h : hooks) {
        const registry::compiled text = registry::compile_lines(
            p, h.source, h.at.file,
            {.incremental = incremental, .inlined = false, .first_line = std::max(h.at.line, 1), .self = &m});
        registry::speak(text.said);
        if (text.sql.find_first_not_of(" \t\r\n") == std::string::npos) // a template that leaves nothing
            continue;
        const std::string what = kind + " \"" + m.name + "\"";
        const written before = written_so_far(m);
        const pg::kept_settings settings;
        try {
            const running_hook one;
            pg::project_script(text.sql);
        } catch (const error &e) {
            registry::rethrow_for(e, what, e.query_position > 0 ? h.at.file : h.at.text(), text.sql, 0, text.lines);
        }
        settings.restore();
        const written after = written_so_far(m);
        if (after.table != before.table)
            throw error(sqlstate::contract,
                        what + " (" + h.at.text() + "): it " + (after.table.empty() ? "drops" : "makes") + " the " +
                            kind.substr(kind.rfind(' ') + 1) + "'s own table",
                        "", "Let it do without: barometre makes the table, and changes it in place.");
        wrote |= after.rows != before.rows;
    }
    return wrote;
}

} // namespace barometre::model::transform
