#include "model/transform/plan.h"
#include "core/error.h"
#include "core/graph/dag.h"
#include "core/interrupts.h"
#include "core/text/text.h"
#include "model/functions.h"
#include "model/list.h"
#include "model/relation/attributes.h"
#include "model/relation/declared_types.h"
#include "model/relation/dependents.h"
#include "model/relation/target.h"
#include "model/transform/incremental.h"
#include "model/transform/seed.h"
#include "model/transform/snapshot.h"
#include "pg/claim.h"
#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "pg/transaction.h"
#include "registry/compile.h"
#include "registry/spreading.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>

namespace barometre::model::transform {

namespace {

/// What readers have now.
struct current_relation {
    char kind = 0;
    std::vector<pg::table_column> columns;
};

std::map<std::string, current_relation> find_current(const std::map<std::string, pg::oid> &there) {
    std::vector<std::string> oids;
    std::map<std::string, std::string> nodes;
    for (const auto &[node, oid] : there) {
        oids.push_back(std::to_string(oid));
        nodes[oids.back()] = node;
    }
    auto found =
        pg::sql("SELECT c.oid, c.relkind, a.attname, a.atttypid, a.atttypmod FROM "
                "pg_catalog.pg_class c "
                "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
                "WHERE c.oid = ANY ($1::oid[]) ORDER BY c.oid, a.attnum",
                {pg::array_literal(oids)});
    std::map<std::string, current_relation> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        current_relation &r = out[nodes[found.text(i, "oid")]];
        r.kind = relation::kind_as_published(found.text(i, "relkind").at(0));
        if (found.at(i, "attname"))
            r.columns.push_back(
                {found.text(i, "attname"), pg::type_name(static_cast<pg::oid>(found.number(i, "atttypid")),
                                                         static_cast<std::int32_t>(found.number(i, "atttypmod")))});
    }
    return out;
}

/// What a model would be like.
struct tried {
    std::vector<pg::table_column> columns;         ///< of the relation as it would be
    std::optional<relation::column_change> change; ///< where it is a table that goes on
};

/// Makes one model empty if others read it.
tried try_model(const project::model &m, workshop &shop, const current_relation &current, bool is_read) {
    tried out;
    std::vector<pg::table_column> given;
    const bool delta = builds_delta(m, current.kind, false);
    const registry::compiled text = shop.compile(m, delta);
    std::string statement = text.sql;
    try {
        const std::string sql = shop.resolve(statement);
        statement = sql; // what an error's position is in
        const auto columns = pg::analyze_query(sql).columns;
        for (const pg::result_column &c : columns) {
            if (relation::find_column(given, c.name))
                throw error("42701", "column \"" + c.name + "\" specified more than once");
            given.push_back({c.name, c.type});
        }
        out.columns = given;
        if (delta) {
            const delta_columns fit = fit_delta(m, columns, current.columns);
            out.change = fit.change;
            out.columns = fit.columns;
        }
        if (m.is_snapshot()) {
            const snapshot::history h = find_history(m, given, current.kind);
            snapshot::check_columns(h);
            out.columns.clear();
            out.change.emplace();
            for (const snapshot::column &c : snapshot::columns_after(h)) {
                out.columns.push_back({c.name, c.type});
                if (!snapshot::find_column(h.target_columns, c.name))
                    out.change->added.push_back({c.name, c.type});
            }
        }
        if (is_read) { // by its columns alone: the views of a long chain would be looked through from each of its
                       // models
            std::string list;
            for (const pg::table_column &c : out.columns)
                text::append(list, "CAST(NULL AS " + c.type + ") AS " + pg::quote_identifier(c.name));
            const std::string name = shop.new_name();
            statement = "CREATE VIEW " + pg::qualified(m.schema, name) + " AS\nSELECT " + list + " WHERE false\n";
            pg::project_sql_here(statement);
            shop.place(m.name, m.schema, name, 'v');
        }
    } catch (const error &e) {
        registry::rethrow_for(e, m.kind() + " " + text::quoted(m.name), m.file, statement,
                              statement.starts_with("CREATE VIEW ") ? 1 : 0, text.lines);
    }
    return out;
}

/// How the columns of a model would differ from those that readers have. Throws where they can't be published.
std::string differing_columns(const project::project &p, const project::model &m, const tried &made,
                              const current_relation &current, bool keeps_definition) {
    const char kind = relation::published_kind(m);
    relation::check_attributes(m, kind, made.columns);
    if (m.contract_enforced)
        relation::check_declared_types(m, made.columns);
    if (current.kind == 0)
        return "";
    if (current.kind != kind) {
        relation::check_views_on(
            p, m.name, std::string(": the ") + pg::kind_name(current.kind) + " can't become a " + pg::kind_name(kind));
        return "";
    }
    if (made.change) {
        relation::check_dependents(p, m.name, *made.change);
        return made.change->text();
    }
    const relation::column_change change = relation::compare_columns(current.columns, made.columns);
    if (kind == 'r')
        relation::check_dependents(p, m.name, change);
    else if (kind == 'm' && !keeps_definition)
        relation::check_views_on(p, m.name, ": the materialized view can't get another definition");
    else if (current.columns.size() > made.columns.size() ||
             !std::equal(current.columns.begin(), current.columns.end(), made.columns.begin()))
        relation::check_views_on(p, m.name, ": the view can't get other columns");
    return change.text();
}

/// How the project says that the table of a node is to be spread; nothing: it does not say it.
const project::distribution *distribution_of(const project::project &p, const std::string &node) {
    const project::distribution *out = nullptr;
    const std::size_t dot = node.find('.');
    if (const project::model *m = p.find_model(node))
        out = &m->spread;
    else if (const project::seed *s = p.find_seed(node))
        out = &s->spread;
    else if (const project::stream *s =
                 dot == std::string::npos ? nullptr : p.find_stream(node.substr(0, dot), node.substr(dot + 1)))
        out = &s->spread;
    return out && (out->is_said() || out->fault) ? out : nullptr;
}

/// Notes how the table of a node is spread otherwise than the project says, with the statement on a line of its own.
void tell_distribution(const project::project &p, const project::distribution &wanted, node_state &s) {
    const auto [schema, name] = registry::place_of(p, s.name);
    if (relation::kind_as_published(pg::relation_kind(schema, name)) != 'r')
        return;
    const registry::other_distribution other = registry::compare_distribution(wanted, schema, name);
    if (other.any())
        text::append(s.reason, other.is + ", and the project says that " + other.wanted + ":\n" + other.sql, "; ");
}

/// Tries the nodes in turn, and notes of each what became of it.
void try_nodes(const project::project &p, judging &j, std::vector<node_state> &states) {
    const graph::dag built = registry::built_dependencies(p, j.nodes());
    workshop shop(p, built);
    if (functions_changed(p))
        make_functions(p);
    const auto current = find_current(j.there());
    std::set<std::string> broken;
    auto try_one = [&](node_state &s) {
        if (const project::seed *seed = p.find_seed(s.name); seed && s.changes()) {
            pg::in_subtransaction([&] { build_seed(p, *seed, *find_seed_file(p, *seed), shop, false); });
            return;
        }
        const project::model *m = p.find_model(s.name);
        if (!m || s.state == "blocked" || !relation::published_kind(*m))
            return;
        for (const std::string &input : built.parents(s.name))
            if (broken.count(input))
                throw error(sqlstate::not_ready,
                            registry::kind_of(p, input) + " " + text::quoted(input) + " is blocked");
        std::string columns;
        pg::in_subtransaction([&] {
            pg::claim_schema(m->schema);
            pg::claim_relation(m->schema, m->relation(), pg::claim_lock::none);
            const auto known = current.find(s.name);
            const current_relation have = known == current.end() ? current_relation() : known->second;
            const bool keeps_definition = j.keeps_definition(*m);
            relation::check_target(*m, have.kind);
            const tried made = try_model(*m, shop, have, !built.children(s.name).empty());
            columns = differing_columns(p, *m, made, have, keeps_definition);
        });
        if (!columns.empty())
            text::append(s.reason, "columns: " + columns, "; ");
    };
    for (node_state &s : states) {
        check_interrupts();
        const std::size_t mark = shop.mark();
        try {
            const project::distribution *spread = s.state == "blocked" ? nullptr : distribution_of(p, s.name);
            if (spread)
                registry::check_distribution(s.kind + " " + text::quoted(s.name), *spread);
            try_one(s);
            if (spread)
                tell_distribution(p, *spread, s);
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
            shop.undone(mark);
            broken.insert(s.name);
            s.state = "blocked";
            s.reason = e.message;
        }
    }
}

} // namespace

std::vector<pg::row> plan_nodes(const project::project &p, const std::string &selection) {
    judging j(p);
    std::vector<node_state> states = j.of_selection(selection);
    pg::rolled_back([&] { try_nodes(p, j, states); });
    return rows_of(states);
}

} // namespace barometre::model::transform
