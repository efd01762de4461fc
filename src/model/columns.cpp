#include "model/columns.h"
#include "core/error.h"
#include "model/publish.h"
#include "model/state.h"
#include "pg/relations.h"
#include "pg/transaction.h"
#include "registry/change.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model {

namespace {

bool has(const std::vector<pg::table_column> &columns, const std::string &name) {
    return std::any_of(columns.begin(), columns.end(), [&](const auto &c) { return c.name == name; });
}

/// Views that need one of `columns` of a relation (empty: any), and, from there on, all that hang on them; the nearest
/// first. Rows: schema, name, as SQL writes it, whether it is materialized.
pg::result dependent_views(const std::string &relation, const std::vector<std::string> &columns) {
    return pg::sql(
        "WITH RECURSIVE hanging AS ("
        "SELECT r.ev_class AS oid, 1 AS depth FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid "
        "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
        "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1::regclass "
        "AND r.ev_class <> d.refobjid AND (cardinality($2::text[]) = 0 OR a.attname = ANY ($2::text[])) "
        "UNION SELECT r.ev_class, h.depth + 1 FROM hanging h JOIN pg_catalog.pg_depend d ON d.refobjid = h.oid "
        "JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass "
        "AND d.refclassid = 'pg_catalog.pg_class'::regclass AND r.ev_class <> h.oid AND h.depth < 100) "
        "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname), c.relkind = 'm' FROM (SELECT oid, max(depth) AS depth FROM hanging GROUP BY oid) h "
        "JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        // The private twins of a run are none of anybody's.
        "WHERE NOT starts_with(c.relname, '_baro_') ORDER BY h.depth, c.relname",
        {relation, pg::array_literal(columns)});
}

} // namespace

std::string column_change::text() const {
    std::string out;
    auto add = [&](const std::string &word) { out += (out.empty() ? "" : ", ") + word; };
    for (const auto &c : added)
        add("+ " + c.name + " " + c.type);
    for (const auto &name : removed)
        add("- " + name);
    for (const auto &c : retyped)
        add(c.name + " becomes " + c.type);
    return out;
}

column_change compare_columns(const std::vector<pg::table_column> &have, const std::vector<pg::table_column> &wanted) {
    column_change out;
    for (const auto &c : have)
        if (!has(wanted, c.name))
            out.removed.push_back(c.name);
    for (const auto &c : wanted) {
        if (!has(have, c.name))
            out.added.push_back(c);
        else if (std::find(have.begin(), have.end(), c) == have.end())
            out.retyped.push_back(c);
    }
    return out;
}

namespace {

void check_views(const project::project &p, const std::string &node, const std::vector<std::string> &columns, const std::string &what) {
    auto views = dependent_views(registry::relation_of(p, node), columns);
    std::string names, drops;
    for (std::size_t i = 0; i < views.rows.size(); ++i) {
        if (p.find_model(registry::node_named(p, views.text(i, 0), views.text(i, 1))))
            continue;
        names += (names.empty() ? "" : ", ") + views.text(i, 2);
        // What hangs on another one goes first.
        drops = std::string("DROP ") + pg::sql_kind(views.yes(i, 3) ? 'm' : 'v') + " " + views.text(i, 2) + "; " + drops;
    }
    if (!names.empty())
        throw error(sqlstate::contract, registry::kind_of(p, node) + " \"" + node + "\"" + what + ", because " + names + " needs it", "Nothing of it is published.",
                    drops + "CALL baro_transform('" + node + "'); then create it again (\\d+ shows its definition).");
}

} // namespace

void check_dependents(const project::project &p, const std::string &node, const column_change &change) {
    for (const std::string &column : change.removed)
        check_views(p, node, {column}, ": column \"" + column + "\" can't be removed");
    for (const pg::table_column &c : change.retyped)
        check_views(p, node, {c.name}, ": column \"" + c.name + "\" can't become " + c.type);
}

void check_views_on(const project::project &p, const std::string &node, const std::string &what) { check_views(p, node, {}, what); }

std::string options_of(const std::string &view) {
    auto found = pg::sql("SELECT CASE c.relkind WHEN 'm' THEN 'ALTER MATERIALIZED VIEW ' ELSE 'ALTER VIEW ' END || $1 || ' SET (' || string_agg(o.option_name || ' = ' || quote_literal(o.option_value), ', ') || ')' "
                         "FROM pg_catalog.pg_class c, LATERAL pg_catalog.pg_options_to_table(c.reloptions) o WHERE c.oid = $1::regclass AND c.relkind IN ('v', 'm') GROUP BY c.relkind",
                         {view});
    return found.empty() ? "" : found.text(0, 0);
}

keepsakes::keepsakes(const std::string &relation) : relation_(relation) {
    auto take = [&](std::vector<std::string> &into, const std::string &query) {
        auto found = pg::sql(query, {relation});
        for (std::size_t i = 0; i < found.rows.size(); ++i)
            into.push_back(found.text(i, 0));
    };
    const std::string to = "' TO ' || CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END ";
    take(grants_, "SELECT 'GRANT ' || a.privilege_type || ' ON ' || $1 || " + to +
                      "FROM pg_catalog.pg_class c, LATERAL pg_catalog.aclexplode(c.relacl) a WHERE c.oid = $1::regclass AND a.grantee <> c.relowner "
                      "UNION ALL SELECT 'GRANT ' || a.privilege_type || ' (' || quote_ident(t.attname) || ') ON ' || $1 || " + to +
                      "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0, "
                      "LATERAL pg_catalog.aclexplode(t.attacl) a WHERE c.oid = $1::regclass AND a.grantee <> c.relowner");
    take(comments_, "SELECT 'COMMENT ON COLUMN ' || $1 || '.' || quote_ident(t.attname) || ' IS ' || quote_literal(d.description) FROM pg_catalog.pg_description d "
                    "JOIN pg_catalog.pg_attribute t ON t.attrelid = d.objoid AND t.attnum = d.objsubid WHERE d.classoid = 'pg_catalog.pg_class'::regclass "
                    "AND d.objoid = $1::regclass AND d.objsubid > 0");
    auto self = pg::sql("SELECT relkind, quote_literal(obj_description(oid, 'pg_class')) FROM pg_catalog.pg_class WHERE oid = $1::regclass", {relation});
    kind_ = self.text(0, 0).at(0);
    comment_ = self.text(0, 1);
    if (const std::string options = options_of(relation); !options.empty())
        of_kind_.push_back(options);
    if (kind_ == 'v')
        take(of_kind_, "SELECT pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = $1::regclass AND NOT t.tgisinternal");
    if (kind_ == 'm')
        take(of_kind_, "SELECT pg_catalog.pg_get_indexdef(i.indexrelid) || coalesce('; COMMENT ON INDEX ' || i.indexrelid::regclass || ' IS ' || "
                       "quote_literal(obj_description(i.indexrelid, 'pg_class')), '') FROM pg_catalog.pg_index i WHERE i.indrelid = $1::regclass");
}

void keepsakes::give_back(char kind) const {
    auto given = pg::sql("SELECT DISTINCT 'REVOKE ALL ON ' || $1 || ' FROM ' || CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END "
                         "FROM pg_catalog.pg_class c, LATERAL pg_catalog.aclexplode(c.relacl) a WHERE c.oid = $1::regclass AND a.grantee <> c.relowner",
                         {relation_});
    for (std::size_t i = 0; i < given.rows.size(); ++i)
        pg::script(given.text(i, 0));
    auto run = [&](const std::vector<std::string> &statements) {
        for (const std::string &statement : statements)
            try {
                pg::in_subtransaction([&] { pg::script(statement); });
            } catch (const error &e) {
                if (e.sqlstate != "42703") // a column that is gone
                    throw;
            }
    };
    run(grants_);
    run(comments_);
    if (!comment_.empty() && (kind != 'r' || kind_ == 'r'))
        run({std::string("COMMENT ON ") + pg::sql_kind(kind) + " " + relation_ + " IS " + comment_});
    if (kind == kind_)
        run(of_kind_);
}

void views_aside::take(const std::string &node, const std::vector<std::string> &columns) {
    auto views = dependent_views(registry::relation_of(p_, node), columns);
    for (std::size_t i = views.rows.size(); i-- > 0;) {
        const project::model *m = p_.find_model(registry::node_named(p_, views.text(i, 0), views.text(i, 1)));
        if (!m || took(m->name))
            continue;
        kept_.emplace(m->name, keepsakes(views.text(i, 2)));
        drop_relation(m->schema, m->relation(), views.yes(i, 3) ? 'm' : 'v');
    }
}

void views_aside::take_view(const std::string &node) {
    if (took(node))
        return;
    check_views_on(p_, node, ": the view can't get other columns");
    take(node, {});
    const project::model *m = p_.find_model(node);
    kept_.emplace(node, keepsakes(registry::relation_of(p_, node)));
    drop_relation(m->schema, m->relation(), 'v');
}

void views_aside::restore(const std::string &node, char kind, bool same) {
    auto kept = kept_.find(node);
    if (kept == kept_.end())
        return;
    const project::model &m = *p_.find_model(node);
    const char there = pg::relation_kind(m.schema, m.relation()); // a view may have become a table
    const char made = there ? there : kind ? kind : kept->second.kind();
    if (!there) {
        make_view(p_, m, made);
        const pg::oid oid = pg::oid_of(registry::relation_of(p_, node));
        if (!same)
            registry::stamp_change(oid, true);
        write_remade_view(node, oid);
    }
    kept->second.give_back(made);
    kept_.erase(kept);
}

void views_aside::restore_all() {
    for (const std::string &node : nodes_.order())
        restore(node);
}

} // namespace barometre::model
