#include "model/hooks.h"
#include "model/incremental.h"
#include "model/publish.h"
#include "model/snapshot.h"
#include "model/target.h"
#include "model/transform.h"
#include "pg/messages.h"
#include "pg/relations.h"

// The first half of a transformation, for one model: its private table or view.

namespace barometre::model {

namespace {

/// Tables of fewer rows are made with WAL: an unlogged one waits for the disk when it is made.
constexpr std::int64_t small_table = 50'000;
/// Private tables of more rows are analyzed before other models read them.
constexpr std::int64_t large_table = 500'000;

/// How many rows a table had last, as far as anybody knows.
std::int64_t expected_rows(const candidate &c) {
    if (c.record.rows >= 0 || c.published != 'r')
        return c.record.rows;
    return pg::sql("SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = $1::oid", {std::to_string(c.target)}).number(0, 0);
}

} // namespace

/// Refuses what can't be replaced.
void transformation::check_published(const candidate &c) const {
    check_target(*c.model, c.published);
    if (c.published && !there_.count(c.node))
        throw error("40001", c.model->kind() + " \"" + c.node + "\": " + pg::qualified(c.schema, c.name) + " was dropped by another session in the middle of this call", "", "Run again.");
}

/// Makes the private table or view, or, of a table that nobody has yet, the table itself.
void transformation::fill(candidate &c) {
    const project::model &m = *c.model;
    const bool in_place = c.published == 0 && c.kind == 'r' && !m.is_snapshot();
    const std::string name = in_place ? c.name : shop_.new_name();
    c.is_delta = builds_delta(m, c.published, options_.full_refresh);
    std::string lead = "CREATE TABLE ";
    if (c.kind == 'v')
        lead = "CREATE VIEW ";
    else if (!in_place && expected_rows(c) > small_table)
        lead = "CREATE UNLOGGED TABLE ";
    lead += pg::qualified(m.schema, name) + " AS\n";
    const auto [compiled, lines] = shop_.compile(m, c.is_delta);
    c.record.query = query_hash(m, [&](bool incremental) { return incremental == c.is_delta ? compiled : shop_.compile(m, incremental).sql; });
    std::string statement = compiled; // what an error's position is in
    try {
        const pg::parsed_query parsed = pg::parse_query(compiled);
        statement = shop_.resolve(compiled);
        const pg::analyzed_query analyzed = pg::analyze_query(statement);
        note_inputs(c, analyzed, !parsed.reads_clock.empty());
        std::string sql = statement;
        if (c.is_delta) {
            const delta_columns fit = fit_delta(m, analyzed.columns, pg::collated_columns_of(m.schema, c.name));
            c.columns.added = fit.added;
            for (const std::string &column : fit.left_out)
                pg::notice("model \"" + m.name + "\": its query gives \"" + column + "\", which its table lacks and on_schema_change: ignore leaves out");
            sql = "SELECT " + fit.select + " FROM (" + statement + "\n) AS _baro_model"; // on the line of the first word
        } else if (c.is_table_again() && !m.is_snapshot()) {
            sql = workshop::in_order(statement, analyzed.columns, pg::columns_of(m.schema, c.name), false);
        }
        statement = lead + sql + "\n";
        c.done.records = static_cast<std::int64_t>(pg::sql(statement).processed);
    } catch (const error &e) {
        registry::rethrow_for(e, m.kind() + " \"" + m.name + "\"", m.file, statement, statement.starts_with("CREATE ") ? 1 : 0, lines);
    }
    if (m.is_snapshot()) {
        shop_.keep(m.name, m.schema, name);
        build_versions(c, name, shop_);
    } else if (!in_place) {
        c.built = name;
        if (c.is_delta)
            shop_.keep(m.name, m.schema, name);
        else
            shop_.place(m.name, m.schema, name, c.kind == 'v' ? 'v' : 'r');
    }
    if (c.built.empty()) {
        c.target = pg::oid_of(pg::qualified(m.schema, c.name));
        there_[m.name] = c.target;
    }
}

/// What the result depends on. A model that reads its own table does not depend on that.
void transformation::note_inputs(candidate &c, const pg::analyzed_query &analyzed, bool reads_clock) {
    node_oids published;
    for (const auto &[node, oid] : there_)
        published.emplace(oid, node);
    const model_inputs read = inputs_.read(*c.model, analyzed, reads_clock, shop_.oids(), published);
    c.inputs = read.all;
    c.record.always = read.always;
    c.read_published = read.published;
    if (c.is_delta) {
        std::erase_if(c.inputs, [&](const input &i) { return i.kind == "relation" && i.name == c.node; });
        c.read_published.erase(c.node);
    }
}

candidate transformation::build(const project::model &m) {
    run::stopwatch watch;
    candidate c;
    c.node = m.name;
    c.name = m.relation();
    c.schema = m.schema;
    c.model = &m;
    c.kind = published_kind(m);
    c.done.kind = m.kind();
    c.done.name = m.name;
    c.published = pg::relation_kind(m.schema, c.name);
    check_published(c);
    if (c.published)
        c.target = there_.at(m.name);
    if (auto known = builds_.find({"model", m.name}); known != builds_.end())
        c.record.has = known->second.has, c.record.rows = known->second.rows;
    pg::ensure_schema(m.schema);
    c.record.configuration = configuration_hash(m);
    c.hook_wrote = run_hooks(p_, m, m.pre_hooks, "pre_hook", builds_delta(m, c.published, options_.full_refresh));
    fill(c);
    const std::string made = pg::qualified(m.schema, c.built.empty() ? c.name : c.built);
    if (c.kind != 'r' && c.published == c.kind) {
        const staleness was = judge(p_, m, builds_, there_);
        c.same_definition = (was.reason.empty() || (was.of_data && c.kind == 'm')) && fits_columns(m, "SELECT * FROM " + made);
    }
    if (c.is_delta && !m.is_snapshot()) // whose versions were compared when they were made
        compare_increment(c, shop_);
    else if (!c.is_delta) {
        if (m.is(project::materialization::incremental))
            check_unique_key(c);
        compare_with_published(p_, c);
    }
    if (c.kind != 'v') {
        c.done.bytes = pg::sql("SELECT pg_catalog.pg_table_size($1::regclass)", {made}).number(0, 0);
        if (c.done.records > large_table && c.changes() && !c.built.empty() && !nodes_.children(m.name).empty())
            pg::script("ANALYZE " + made);
    }
    if (!c.changes())
        shop_.give_back(m.name);
    c.done.seconds = watch.seconds();
    return c;
}

} // namespace barometre::model
