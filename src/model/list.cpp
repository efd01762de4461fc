#include "model/list.h"
#include "core/graph/selection.h"
#include "core/project/dependencies.h"
#include "model/functions.h"
#include "model/incremental.h"
#include "model/seed.h"
#include "model/snapshot.h"
#include "model/target.h"
#include "pg/cancels.h"
#include "pg/identity.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model {

namespace {

struct node_state {
    std::string name, kind, materialized, state, reason;
    pg::cell rows, built;
    bool changes() const { return state == "new" || state == "stale"; }
};

/// Ends a subtransaction that is only a try.
struct roll_back {};

/// Judges nodes one by one, in the order of the graph.
class judging {
public:
    explicit judging(const project::project &p) : p_(p), nodes_(project::dependencies(p)), builds_(read_builds()), there_(find_nodes(p)) {
        if (!functions_changed(p) || pg::is_read_only())
            return;
        try { // what the models will be judged by
            pg::in_subtransaction([&] {
                make_functions(p);
                builds_ = read_builds();
                throw roll_back();
            });
        } catch (const roll_back &) {
        }
    }

    const graph::dag &nodes() const { return nodes_; }
    /// Whether a materialized view can be refreshed where it is.
    bool keeps_definition(const project::model &m) const {
        const staleness s = judge(p_, m, builds_, there_);
        return s.reason.empty() || s.of_data;
    }
    const std::map<std::string, pg::oid> &there() const { return there_; }

    const node_state &of(const std::string &node) {
        if (auto known = states_.find(node); known != states_.end())
            return known->second;
        node_state s;
        s.name = node;
        s.kind = registry::kind_of(p_, node);
        s.materialized = "table";
        if (auto build = builds_.find({p_.find_model(node) ? "model" : s.kind, node}); build != builds_.end() && there_.count(node)) {
            s.built = build->second.built;
            if (build->second.rows >= 0)
                s.rows = std::to_string(build->second.rows);
        }
        if (const project::model *m = p_.find_model(node))
            judge_model(*m, s);
        else if (const project::seed *seed = p_.find_seed(node))
            judge_seed(*seed, s);
        else
            judge_stream(s);
        return states_[node] = s;
    }

private:
    void judge_model(const project::model &m, node_state &s) {
        s.materialized = project::to_text(m.materialized);
        auto is_there = [&](const std::string &node) {
            const node_state &input = of(node);
            return input.state != "blocked" && (input.kind != "stream" || input.state != "new");
        };
        if (auto missing = missing_input(p_, nodes_, m.name, is_there)) {
            s.state = "blocked";
            s.reason = p_.find_model(missing->first) ? of(missing->first).kind + " \"" + missing->first + "\" is blocked" : missing->second;
            return;
        }
        if (m.is(project::materialization::ephemeral)) {
            s.state = "current";
            return;
        }
        const staleness own = judge(p_, m, builds_, there_);
        s.state = own.is_new ? "new" : own.reason.empty() ? "current" : "stale";
        s.reason = own.reason;
        if (s.state != "current" || m.is(project::materialization::view))
            return;
        for (const std::string &input : nodes_.parents(m.name))
            if (const node_state &read = of(input); reaches_change(read)) {
                s.state = "stale";
                s.reason = "it reads " + input + ", which is " + (read.changes() ? read.state : read.materialized == "view" ? "a view of what is stale" : "made of what is stale");
                return;
            }
    }

    /// Whether a node's readers see something new once what is stale is built.
    bool reaches_change(const node_state &s) {
        if (s.kind == "stream" || s.state == "blocked")
            return false;
        if (s.changes())
            return true;
        if (s.materialized == "view" || s.materialized == "ephemeral")
            for (const std::string &input : nodes_.parents(s.name))
                if (reaches_change(of(input)))
                    return true;
        return false;
    }

    void judge_seed(const project::seed &seed, node_state &s) {
        const auto file = find_seed_file(seed);
        const auto known = builds_.find({"seed", seed.name});
        const bool there = there_.count(seed.name) > 0;
        if (!file) {
            s.state = there ? "current" : "blocked";
            s.reason = "its file is missing";
        } else if (!there) {
            s.state = "new";
            s.reason = "it was never loaded";
        } else if (known == builds_.end()) {
            s.state = "stale";
            s.reason = "its last load is not known here";
        } else if (known->second.query != file->hash) {
            s.state = "stale";
            s.reason = "its file changed";
        } else {
            s.state = "current";
        }
    }

    void judge_stream(node_state &s) {
        const std::size_t dot = s.name.find('.');
        auto found = pg::as_extension([&] {
            return pg::sql("SELECT coalesce(b.rows, nullif(c.reltuples, -1)::bigint), date_trunc('second', b.updated_at) FROM pg_class c LEFT JOIN barometre.bookmark b ON b.tap = $1 AND b.stream = $2 "
                           "WHERE c.oid = $3::oid",
                           {s.name.substr(0, dot), s.name.substr(dot + 1), there_.count(s.name) ? std::to_string(there_.at(s.name)) : "0"});
        });
        s.state = found.empty() ? "new" : "current";
        if (found.empty()) {
            s.reason = "it was never loaded";
            return;
        }
        s.rows = found.at(0, 0);
        s.built = found.at(0, 1);
    }

    const project::project &p_;
    const graph::dag nodes_;
    build_records builds_;
    const std::map<std::string, pg::oid> there_;
    std::map<std::string, node_state> states_;
};

std::vector<node_state> states_of(judging &j, const project::project &p, const std::string &selection) {
    const auto selected = graph::select_nodes(j.nodes(), project::traits_of(p), selection);
    std::vector<node_state> out;
    for (const std::string &node : j.nodes().order())
        if (selected.count(node))
            out.push_back(j.of(node));
    return out;
}

std::vector<pg::row> rows_of(const std::vector<node_state> &states) {
    std::vector<pg::row> out;
    for (const node_state &s : states)
        out.push_back({s.name, s.kind, s.materialized, s.state, s.reason.empty() ? pg::cell() : pg::cell(s.reason), s.rows, s.built});
    return out;
}

/// What readers have now.
struct published_relation {
    char kind = 0;
    std::vector<pg::table_column> columns;
};

std::map<std::string, published_relation> find_published(const std::map<std::string, pg::oid> &there) {
    std::vector<std::string> oids;
    std::map<std::string, std::string> nodes;
    for (const auto &[node, oid] : there) {
        oids.push_back(std::to_string(oid));
        nodes[oids.back()] = node;
    }
    auto found = pg::sql("SELECT c.oid, c.relkind, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_class c "
                         "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
                         "WHERE c.oid = ANY ($1::oid[]) ORDER BY c.oid, a.attnum",
                         {pg::array_literal(oids)});
    std::map<std::string, published_relation> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        published_relation &r = out[nodes[found.text(i, 0)]];
        r.kind = found.text(i, 1).at(0);
        if (found.at(i, 2))
            r.columns.push_back({found.text(i, 2), found.text(i, 3)});
    }
    return out;
}

/// Makes one model empty if others read it, and gives how its columns differ from the published ones.
std::string try_model(const project::project &p, const project::model &m, workshop &shop, const published_relation &published, bool is_read, bool keeps_definition) {
    std::vector<pg::table_column> wanted;
    const char kind = published_kind(m);
    const bool delta = builds_delta(m, published.kind, false);
    std::vector<pg::table_column> added, will_have;
    check_target(m, published.kind);
    const registry::compiled text = shop.compile(m, delta);
    std::string statement = text.sql;
    try {
        std::string sql = shop.resolve(statement);
        statement = sql; // what an error's position is in
        const auto columns = pg::analyze_query(sql).columns;
        for (const pg::result_column &c : columns) {
            if (std::any_of(wanted.begin(), wanted.end(), [&](const auto &w) { return w.name == c.name; }))
                throw error("42701", "column \"" + c.name + "\" specified more than once");
            wanted.push_back({c.name, c.type});
        }
        if (delta) {
            const delta_columns fit = fit_delta(m, columns, published.columns);
            added = fit.added;
            sql = "SELECT " + fit.select + " FROM (" + sql + "\n) AS _baro_model";
        }
        if (m.is_snapshot()) {
            const snapshot::history h = find_history(m, wanted, published.kind);
            snapshot::check_columns(h);
            std::string list;
            for (const snapshot::column &c : snapshot::columns_after(h)) {
                will_have.push_back({c.name, c.type});
                list += (list.empty() ? "" : ", ") + ("CAST(NULL AS " + c.type + ") AS ") + pg::quote_identifier(c.name);
                if (!snapshot::find_column(h.target_columns, c.name))
                    added.push_back({c.name, c.type});
            }
            sql = "SELECT " + list + " WHERE false";
        }
        if (is_read) {
            const std::string name = shop.new_name();
            statement = "CREATE VIEW " + pg::qualified(m.schema, name) + " AS\n" + sql + "\n";
            pg::sql(statement);
            shop.place(m.name, m.schema, name, 'v');
        }
    } catch (const error &e) {
        registry::rethrow_for(e, m.kind() + " \"" + m.name + "\"", m.file, statement, statement.starts_with("CREATE VIEW ") ? 1 : 0, text.lines);
    }
    if (!m.is_snapshot())
        will_have = delta ? published.columns : wanted;
    if (delta)
        will_have.insert(will_have.end(), added.begin(), added.end());
    check_attributes(m, kind, will_have);
    if (published.kind == 0)
        return "";
    if (published.kind != kind) {
        check_views_on(p, m.name, std::string(": the ") + pg::kind_name(published.kind) + " can't become a " + pg::kind_name(kind));
        return "";
    }
    if (delta || m.is_snapshot()) {
        column_change change;
        change.added = added;
        return change.text();
    }
    const column_change change = compare_columns(published.columns, wanted);
    if (kind == 'r')
        check_dependents(p, m.name, change);
    else if (kind == 'm' && !keeps_definition)
        check_views_on(p, m.name, ": the materialized view can't get another definition");
    else if (published.columns.size() > wanted.size() || !std::equal(published.columns.begin(), published.columns.end(), wanted.begin()))
        check_views_on(p, m.name, ": the view can't get other columns");
    return change.text();
}

} // namespace

std::vector<pg::row> list_nodes(const project::project &p, const std::string &selection) {
    judging j(p);
    return rows_of(states_of(j, p, selection));
}

std::vector<pg::row> plan_nodes(const project::project &p, const std::string &selection) {
    judging j(p);
    std::vector<node_state> states = states_of(j, p, selection);
    auto dry_run = [&] {
        const graph::dag built = registry::built_dependencies(p, j.nodes());
        workshop shop(p, built);
        if (functions_changed(p))
            make_functions(p);
        const auto published = find_published(j.there());
        std::set<std::string> broken;
        for (node_state &s : states) {
            pg::check_interrupts();
            const std::size_t mark = shop.mark();
            try {
                if (const project::seed *seed = p.find_seed(s.name); seed && s.changes()) {
                    pg::in_subtransaction([&] {
                        pg::ensure_schema(p.schema);
                        build_seed(p, *seed, *find_seed_file(*seed), shop);
                    });
                } else if (const project::model *m = p.find_model(s.name); m && s.state != "blocked" && published_kind(*m)) {
                    for (const std::string &input : built.parents(s.name))
                        if (broken.count(input))
                            throw error(sqlstate::not_ready, registry::kind_of(p, input) + " \"" + input + "\" is blocked");
                    std::string columns;
                    pg::in_subtransaction([&] {
                        pg::ensure_schema(m->schema);
                        auto known = published.find(s.name);
                        columns = try_model(p, *m, shop, known == published.end() ? published_relation() : known->second, !built.children(s.name).empty(), j.keeps_definition(*m));
                    });
                    if (!columns.empty())
                        s.reason += (s.reason.empty() ? "columns: " : "; columns: ") + columns;
                }
            } catch (const error &e) {
                if (e.sqlstate.starts_with("57"))
                    throw;
                shop.undone(mark);
                broken.insert(s.name);
                s.state = "blocked";
                s.reason = e.message;
            }
        }
        throw roll_back();
    };
    try {
        pg::in_subtransaction(dry_run);
    } catch (const roll_back &) {
    }
    return rows_of(states);
}

} // namespace barometre::model
