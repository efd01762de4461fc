#include "model/transform/build_model.h"
#include "core/error.h"
#include "core/stopwatch.h"
#include "core/text/text.h"
#include "model/relation/compare.h"
#include "model/relation/copy.h"
#include "model/relation/declared_types.h"
#include "model/relation/dependents.h"
#include "model/relation/swap.h"
#include "model/relation/target.h"
#include "model/staleness.h"
#include "model/transform/delta.h"
#include "model/transform/hooks.h"
#include "model/transform/incremental.h"
#include "model/transform/snapshot.h"
#include "pg/catalog_look.h"
#include "pg/claim.h"
#include "pg/distribution.h"
#include "pg/messages.h"
#include "pg/query.h"
#include "pg/query_difference.h"
#include "pg/query_rows.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/version_difference.h"
#include "registry/compile.h"
#include "registry/spreading.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace barometre::model::transform {

namespace {

/// Tables of fewer rows are made with WAL: an unlogged one waits for the disk when it is made.
constexpr std::int64_t small_table = 50'000;
/// Private tables of more rows are analyzed before other models read them.
constexpr std::int64_t large_table = 500'000;

/// How many rows a table had last, as far as anybody knows.
std::int64_t expected_rows(const relation::candidate &c) {
    if (c.record.rows >= 0 || c.published.kind != 'r')
        return c.record.rows;
    return pg::form_of(c.published.oid).rows;
}

/// Refuses what can't be replaced.
void check_published(const built &b, const relation::candidate &c) {
    relation::check_target(*c.model, c.published.kind);
    if (c.published.kind && !b.there.count(c.node))
        throw error("40001",
                    c.model->kind() + " \"" + c.node + "\": " + c.target() +
                        " was dropped by another session in the middle of this call",
                    "", "Run again.");
}

bool is_made_in_place(const relation::candidate &c) {
    return c.published.kind == 0 && c.kind == 'r' && !c.model->is_snapshot() && !c.model->spread.is_said();
}

/// What the result depends on. A model that reads its own table does not depend on that.
void note_inputs(const making &w, built &b, input_reader &inputs, relation::candidate &c,
                 const pg::analyzed_query &analyzed, bool reads_clock) {
    if (b.nodes_there.empty()) {
        const std::set<std::string> &foreign = inputs.foreign_streams(w.p);
        for (const auto &[node, oid] : b.there)
            if (!foreign.count(node))
                b.nodes_there.emplace(oid, node);
    }
    const model_inputs read = inputs.read(*c.model, analyzed, reads_clock, w.shop.oids(), b.nodes_there);
    c.inputs = read.all;
    c.record.always = read.always;
    c.read_published = read.published;
    if (c.is_delta) {
        std::erase_if(c.inputs, [&](const input &i) { return i.kind == "relation" && i.name == c.node; });
        c.read_published.erase(c.node);
    }
}

/// Makes what was made in its place private: it is published where its rows are to be.
void set_aside(relation::candidate &c, workshop &shop) {
    c.built = shop.new_name();
    pg::project_script("ALTER TABLE " + c.target() + " RENAME TO " + pg::quote_identifier(c.built));
    shop.place(c.node, c.schema, c.built, 'r');
}

/// Whether the rows of a model's query, which has these columns, are compared before they have a private table.
bool looks_at_query(const making &w, const relation::candidate &c, const std::vector<pg::result_column> &given,
                    const std::vector<pg::table_column> &published) {
    if (!w.keeps_same || c.is_delta || !c.by_difference() || !c.copy.empty() || c.hook_wrote ||
        !c.model->is(project::materialization::table) || given.size() != published.size())
        return false;
    for (const pg::result_column &column : given)
        if (const auto *same = relation::find_column(published, column.name); !same || same->type != column.type)
            return false;
    return expected_rows(c) >= 0;
}

/// Makes the private table of a model from its query, or nothing where that gives what readers have. False: it gives so
/// many rows all at once that they have room in a table alone.
bool fill_few(relation::candidate &c, const std::string &lead, const std::string &query) {
    const pg::query_rows rows(query);
    if (!rows.are_kept())
        return false;
    c.done.records = rows.count();
    // What is built upon it reads the published rows as the transaction's snapshot has them; they are compared as they
    // are now.
    auto seen = std::make_shared<pg::seen_state>(pg::seen_state::of_transaction());
    c.stays = rows.are_those_of(c.published.oid);
    if (!c.stays) {
        rows.make_table(lead);
        return true;
    }
    c.difference.seen = std::move(seen);
    c.difference.rows = std::make_shared<pg::row_difference>(pg::row_difference{{}, {}, rows.count()});
    relation::count_rows(c);
    return true;
}

/// The same for many rows, of which only those that readers don't have get a table. False: nothing was done.
bool fill_many(relation::candidate &c, workshop &shop, const std::string &query) {
    const std::string name = shop.new_name(), table = pg::qualified(c.schema, name);
    pg::project_script("CREATE UNLOGGED TABLE " + table + " USING heap AS SELECT * FROM " + c.target() +
                       " WITH NO DATA");
    auto seen = std::make_shared<pg::seen_state>(pg::seen_state::of_transaction());
    auto found = pg::compare_query(query, c.published.oid, pg::oid_of(table), pg::memory_for_comparing());
    c.stays = found && found->gone.empty() && found->missing.empty();
    if (!found || c.stays)
        pg::project_script("DROP TABLE " + table);
    if (!found)
        return false;
    c.difference.seen = std::move(seen);
    c.difference.rows = std::make_shared<pg::row_difference>(std::move(*found));
    relation::count_rows(c);
    if (!c.stays) {
        c.built = name;
        show_difference(c, shop);
    }
    return true;
}

/// Whether the rows of a snapshot's query are compared with its versions as they come.
bool looks_for_versions(const relation::candidate &c) {
    return c.model->is_snapshot() && c.by_difference() && c.copy.empty() && !c.published.has_heirs && !c.hook_wrote;
}

/// The row type of a private table goes with that table, and what has it as a column would go, too.
void refuse_whole_rows(const std::vector<pg::result_column> &columns, const std::string &what) {
    for (const pg::result_column &column : columns) {
        std::string_view type = column.type; // schema._baro_1_2[]
        if (const auto schema = type.rfind('.'); schema != std::string_view::npos)
            type.remove_prefix(schema + 1);
        if (type.starts_with("_baro_"))
            throw error(sqlstate::contract,
                        what + ": its column " + text::quoted(column.name) + " is a whole row of another model",
                        "The type of such a row goes with the private table in which that model is built.",
                        "Name the columns that are needed, or write  to_jsonb(" + column.name + ").");
    }
}

/// A materialized view that has rows of a model's table in it, also by way of views; or nothing.
std::string filled_of(const making &w, const std::string &node) {
    std::set<std::string> seen;
    std::vector<std::string> left = {node};
    while (!left.empty()) {
        const std::string at = left.back();
        left.pop_back();
        for (const std::string &child : w.nodes.children(at)) {
            const project::model *m = w.p.find_model(child);
            const char kind = m ? relation::published_kind(*m) : 'r';
            if (kind == 'm')
                return child;
            if (kind != 'r' && seen.insert(child).second)
                left.push_back(child);
        }
    }
    return "";
}

/// Makes the private table or view, or, of a table that nobody has yet, the table itself.
void fill(const making &w, built &b, input_reader &inputs, relation::candidate &c) {
    const project::model &m = *c.model;
    const bool in_place = is_made_in_place(c);
    std::string name = in_place ? c.name : w.shop.new_name();
    c.is_delta = c.goes_on = builds_delta(m, c.published.kind, w.full_refresh);
    const std::string lead = creation_of(c, name);
    const auto [compiled, lines, said] = w.shop.compile(m, c.is_delta);
    registry::speak(said);
    c.record.query = query_hash(m, [&](bool incremental) {
        return incremental == c.is_delta && !w.full_refresh ? compiled : w.shop.compared(m, incremental);
    });
    std::string statement = compiled, sql; // what an error's position is in; what gives the rows
    bool looks_first = false;
    const auto explained = [&](auto &&f) {
        try {
            f();
        } catch (const error &e) {
            registry::rethrow_for(e, m.kind() + " \"" + m.name + "\"", m.file, statement,
                                  statement.starts_with("CREATE ") ? 1 : 0, lines);
        }
    };
    explained([&] {
        const pg::parsed_query parsed = pg::parse_query(compiled);
        statement = w.shop.resolve(compiled);
        const pg::analyzed_query analyzed = pg::analyze_query(statement);
        refuse_whole_rows(analyzed.columns, m.kind() + " \"" + m.name + "\"");
        note_inputs(w, b, inputs, c, analyzed, !parsed.reads_clock.empty());
        sql = statement;
        if (c.is_delta) {
            const delta_columns fit = fit_delta(m, analyzed.columns, pg::collated_columns_of(m.schema, c.name));
            c.difference.columns = fit.change;
            for (const std::string &column : fit.change.removed)
                pg::notice("model \"" + m.name + "\": its query no longer gives \"" + column +
                           "\", and on_schema_change: sync_all_columns removes it from its table");
            for (const std::string &column : fit.left_out)
                pg::notice("model \"" + m.name + "\": its query gives \"" + column +
                           "\", which its table lacks and on_schema_change: ignore leaves out");
            sql =
                "SELECT " + fit.select + " FROM (" + statement + "\n) AS _baro_model"; // on the line of the first word
        } else if (c.by_difference() && !m.is_snapshot()) {
            const auto published = pg::columns_of(m.schema, c.name);
            sql = workshop::in_order(statement, analyzed.columns, published, false);
            looks_first = looks_at_query(w, c, analyzed.columns, published);
        }
        if (looks_first)
            statement = sql;
    });
    if (w.keeps_same && looks_for_versions(c)) {
        explained([&] {
            statement = lead + sql + "\nWITH NO DATA";
            pg::project_script(statement);
        });
        const auto compare = [&](pg::oid source, const pg::versions_kept &kept) {
            std::optional<pg::version_difference> found;
            explained([&] {
                statement = sql;
                found = pg::compare_versions(sql, c.published.oid, source, kept, pg::memory_for_comparing());
            });
            return found;
        };
        if (build_changes(c, name, compare, w.shop))
            return;
        pg::project_script("DROP TABLE " + pg::qualified(m.schema, name));
    }
    explained([&] {
        if (w.keeps_same &&
            relation::fill_for_swap(c, name, sql, expected_rows(c) < small_table, filled_of(w, m.name))) {
            statement = sql;
        } else if (const auto made = w.elsewhere && makes_table_of_query(c) ? w.elsewhere(c, sql) : std::nullopt) {
            if (in_place)
                pg::project_script("ALTER TABLE " + pg::qualified(m.schema, made->table) + " RENAME TO " +
                                   pg::quote_identifier(name));
            else
                name = made->table;
            c.done.records = made->rows;
            c.done.seconds = made->seconds;
        } else if (!looks_first ||
                   !(expected_rows(c) < small_table ? fill_few(c, lead, sql) : fill_many(c, w.shop, sql))) {
            statement = lead + sql + "\n";
            c.done.records = static_cast<std::int64_t>(
                (in_place ? pg::project_sql(statement) : pg::project_sql_here(statement)).processed);
        }
    });
    if (c.stays || !c.built.empty())
        return;
    if (m.is_snapshot()) {
        w.shop.keep(m.name, m.schema, name);
        build_versions(c, name, w.shop);
        if (c.built.empty() && m.spread.is_said())
            set_aside(c, w.shop);
    } else if (!in_place) {
        c.built = name;
        if (c.is_delta)
            w.shop.keep(m.name, m.schema, name);
        else
            w.shop.place(m.name, m.schema, name, c.kind == 'v' ? 'v' : 'r');
    }
    if (c.built.empty()) {
        c.published.oid = pg::oid_of(c.target());
        b.there[m.name] = c.published.oid;
        b.nodes_there[c.published.oid] = m.name;
    }
}

} // namespace

bool makes_table_of_query(const relation::candidate &c) {
    return c.kind == 'r' && !c.is_delta && !c.model->is_snapshot() && !c.model->spread.is_said();
}

std::string creation_of(const relation::candidate &c, const std::string &name) {
    std::string lead = "CREATE TABLE ";
    if (c.kind == 'v')
        lead = "CREATE VIEW ";
    else if (!is_made_in_place(c) && expected_rows(c) > small_table)
        lead = "CREATE UNLOGGED TABLE ";
    return lead + pg::qualified(c.schema, name) + " AS\n";
}

relation::candidate candidate_of(const built &b, const project::model &m) {
    relation::candidate c;
    c.node = m.name;
    c.name = m.relation();
    c.schema = m.schema;
    c.model = &m;
    c.kind = relation::published_kind(m);
    c.done.kind = m.kind();
    c.done.name = m.name;
    c.published = relation::find_published(m.schema, c.name);
    check_published(b, c);
    const auto known = b.known.find({"model", m.name});
    if (known != b.known.end()) {
        c.record.has = known->second.has;
        c.record.rows = known->second.rows;
    }
    return c;
}

void claim_place(const project::model &m) {
    pg::claim_schema(m.schema);
    pg::claim_relation(m.schema, m.relation(), m.pre_hooks.empty() ? pg::claim_lock::none : pg::claim_lock::writes);
}

void check_reading(const project::project &p, const graph::dag &nodes, const project::model &m) {
    for (const std::string &input : nodes.parents(m.name)) {
        const auto [schema, name] = registry::place_of(p, input);
        pg::check_reading(schema, name);
    }
}

relation::candidate make_version(const making &w, built &b, input_reader &inputs, const project::model &m) {
    if (relation::published_kind(m) == 'r' &&
        relation::kind_as_published(pg::form_of(pg::find_relation(m.schema, m.relation())).kind) == 'r')
        registry::keep_spread(m.kind() + " \"" + m.name + "\"", m.spread, m.schema, m.relation());
    relation::candidate c = candidate_of(b, m);
    claim_place(m);
    check_reading(w.p, w.nodes, m);
    c.record.configuration = configuration_hash(m);
    c.hook_wrote =
        run_hooks(w.p, m, m.pre_hooks, "pre_hook of model", builds_delta(m, c.published.kind, w.full_refresh));
    if (relation::needs_copy(c))
        c.copy = w.shop.make_empty(c.node, c.schema, c.target());
    fill(w, b, inputs, c);
    if (c.kind == 'r')
        registry::check_spread_column(c.what(), m.spread, c.schema, c.built.empty() ? c.name : c.built);
    if (c.kind == 'r' && !c.is_delta && !c.built.empty())
        registry::check_kept_column(c.what(), c.schema, c.name, c.built);
    if (c.kind != 'r' && c.published.kind == c.kind) {
        const staleness was = judge(w.p, m, b.known, b.there);
        const auto known = b.known.find({"model", m.name});
        c.published
            .same_definition = // by its text, which may tell of columns that are new in this run, and by its columns
            known != b.known.end() && known->second.query == c.record.query &&
            (was.reason.empty() || (was.of_data && c.kind == 'm')) && fits_columns(m, "SELECT * FROM " + c.made());
    }
    if (c.goes_on)
        compare_increment(c, w.shop);
    else if (!c.is_delta && m.is(project::materialization::incremental))
        check_unique_key(c);
    if (relation::declares_types(m))
        relation::check_declared_types(m, pg::columns_of(c.schema, w.shop.name_of(m.name).value_or(c.name)));
    return c;
}

relation::candidate build_model(const making &w, built &b, input_reader &inputs, const project::model &m) {
    stopwatch watch;
    relation::candidate c = make_version(w, b, inputs, m);
    const bool is_compared = c.difference.seen != nullptr; // as it was made
    if (c.is_delta)
        relation::check_dependents(w.p, c.node, c.difference.columns);
    else if (!is_compared && !(c.swaps && relation::prepare_swap(c)))
        relation::compare_with_published(w.p, c);
    if (c.kind != 'v') {
        // What is built of a table whose other rows stay is small, and not what it takes.
        const std::string table = c.is_delta && !c.goes_on ? c.target() : c.made();
        c.done.bytes = pg::table_size(pg::oid_of(table));
        if (c.done.records > large_table && c.changes() && !c.is_delta && !c.swaps && !c.built.empty() &&
            !w.nodes.children(m.name).empty())
            pg::analyze(c.made());
    }
    if (!c.changes())
        w.shop.give_back(m.name);
    c.done.seconds += watch.seconds();
    return c;
}

} // namespace barometre::model::transform
