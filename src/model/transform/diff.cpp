#include "model/transform/diff.h"
#include "core/error.h"
#include "core/name/nearest.h"
#include "core/project/dependencies.h"
#include "core/text/text.h"
#include "model/functions.h"
#include "model/relation/compare.h"
#include "model/relation/copy.h"
#include "model/relation/dependents.h"
#include "model/staleness.h"
#include "model/transform/build_model.h"
#include "model/transform/diff_lines.h"
#include "model/transform/hooks.h"
#include "model/transform/row_changes.h"
#include "model/transform/row_key.h"
#include "model/transform/seed.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/transaction.h"

#include <functional>

namespace barometre::model::transform {

namespace {

/// What is compared: a new version, and what readers have.
struct two_versions {
    relation::candidate c;
    std::string published, built; ///< names in the schema of `c`; published empty: readers have nothing
    bool is_copy = false;         ///< `published` is one, made before hooks wrote into it
    relation::column_change columns;

    std::string at(const std::string &name) const { return pg::qualified(c.schema, name); }
    std::vector<pg::table_column> columns_of(const std::string &name) const {
        return pg::collated_columns_of(c.schema, name);
    }
};

std::string what_is(const relation::candidate &c) {
    return (c.model ? c.model->kind() : "seed") + " " + text::quoted(c.node);
}

/// Where statements make a private table of about so many rows.
std::string create(std::int64_t rows) { return rows > 50'000 ? "CREATE UNLOGGED TABLE " : "CREATE TABLE "; }

void check_inputs(const project::project &p, const graph::dag &nodes, const project::model &m) {
    const auto missing =
        missing_input(p, nodes, m.name, [&](const std::string &node) { return registry::node_exists(p, node); });
    if (missing)
        throw error(sqlstate::not_ready, m.kind() + " " + text::quoted(m.name) + " can't be built: " + missing->second,
                    "", cure(p, missing->first));
}

/// A materialized view WITH NO DATA can't be read.
bool can_be_read(const std::string &schema, const std::string &name) {
    return pg::sql("SELECT FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1) AND relispopulated",
                   {pg::qualified(schema, name)})
               .processed > 0;
}

/// Makes the new version as a transformation does.
two_versions make_versions(const project::project &p, const graph::dag &nodes, const std::string &name,
                           workshop &shop) {
    two_versions out;
    const auto [schema, relation] = registry::place_of(p, name);
    const bool is_there = can_be_read(schema, relation);
    if (is_there) {
        out.published = relation;
        pg::project_sql("SELECT * FROM " + pg::qualified(schema, relation) +
                        " LIMIT 0"); // comparing asks for no rights
    }
    if (const project::seed *seed = p.find_seed(name)) {
        const auto file = find_seed_file(p, *seed);
        if (!file)
            throw error(sqlstate::not_ready, "seed " + text::quoted(name) + " has no file", "", cure(p, name));
        out.c = make_seed(p, *seed, *file, shop);
    } else {
        const project::model &m = *p.find_model(name);
        check_inputs(p, nodes, m);
        if (is_there && !m.pre_hooks.empty()) {
            out.published = shop.new_name();
            pg::project_sql("CREATE UNLOGGED TABLE " + pg::qualified(schema, out.published) + " AS SELECT * FROM " +
                            pg::qualified(schema, relation));
            out.is_copy = true;
        }
        built b;
        b.known = read_builds();
        b.there = find_nodes(p);
        input_reader inputs;
        out.c = make_version({p, nodes, shop}, b, inputs, m);
    }
    out.built = shop.name_of(name).value_or(out.c.name);
    return out;
}

/// Finds out how the columns differ, and the rows where publishing looks at them.
void compare(const project::project &p, two_versions &v) {
    relation::candidate &c = v.c;
    try {
        if (c.is_delta)
            relation::check_dependents(p, c.node, c.difference.columns);
        else
            relation::compare_with_published(p, c);
    } catch (const error &e) {
        if (e.sqlstate != sqlstate::contract)
            throw;
        pg::warning("it could not be published: " + e.message, e.hint);
    }
    v.columns = c.difference.columns;
    if (!v.published.empty() && !c.is_delta)
        v.columns = relation::compare_columns(v.columns_of(v.published), v.columns_of(v.built));
}

/// The columns of both sides in private tables, with the types of the new version where the published values become
/// values of those: as a publication does it, by assignment, which loses nothing silently.
class copies {
public:
    copies(const two_versions &v, std::vector<pg::table_column> columns, workshop &shop)
        : v_(v), shop_(shop), columns_(std::move(columns)), lead_(create(v.c.done.records)) {}

    compared_rows compare() {
        std::vector<std::string> as_text; // types between which there is no assignment
        for (const pg::table_column &one : v_.columns.retyped)
            if (!succeeds([&] { convert({*relation::find_column(columns_, one.name)}, " WHERE false"); }))
                as_text.push_back(one.name);
        std::vector<pg::table_column> columns = compared_as_text(as_text);
        std::string published;
        if (!succeeds([&] { published = convert(columns, ""); })) { // not for these values
            for (const pg::table_column &one : v_.columns.retyped)
                as_text.push_back(one.name);
            columns = compared_as_text(as_text);
            published = convert(columns, "");
        }
        compared_rows out;
        out.published = std::move(published);
        out.built = out.all_built = v_.at(shop_.new_name());
        pg::project_sql(lead_ + out.built + " AS SELECT " + selected(columns) + " FROM " + v_.at(v_.built));
        out.columns = std::move(columns);
        out.rows = pg::compare_rows(pg::oid_of(out.published), pg::oid_of(out.built), pg::memory_for_comparing());
        return out;
    }

private:
    static bool succeeds(const std::function<void()> &f) {
        try {
            pg::in_subtransaction(f);
            return true;
        } catch (const error &e) {
            if (e.sqlstate != "42804" && !e.sqlstate.starts_with("22") && !e.sqlstate.starts_with("23"))
                throw;
            return false;
        }
    }

    std::vector<pg::table_column> compared_as_text(const std::vector<std::string> &names) const {
        std::vector<pg::table_column> out = columns_;
        for (pg::table_column &one : out)
            if (text::contains(names, one.name))
                one.type = "text";
        return out;
    }

    /// Expressions for the columns, of which those that are compared as text become it.
    std::string selected(const std::vector<pg::table_column> &columns) const {
        return text::join(columns, ", ", [&](const pg::table_column &one) {
            const std::string name = pg::quote_identifier(one.name);
            return *relation::find_column(columns_, one.name) == one
                       ? name
                       : "CAST(" + name + " AS pg_catalog.text) AS " + name;
        });
    }

    std::string convert(const std::vector<pg::table_column> &columns, const std::string &which) const {
        const std::string to = v_.at(shop_.new_name());
        const std::string source = " SELECT " + selected(columns) + " FROM " + v_.at(v_.published) + which;
        if (v_.columns.retyped.empty()) {
            pg::project_sql(lead_ + to + " AS" + source);
            return to;
        }
        pg::project_script(
            lead_ + to + " (" +
            text::join(columns, ", ",
                       [](const pg::table_column &one) { return pg::quote_identifier(one.name) + " " + one.type; }) +
            ")");
        pg::project_sql("INSERT INTO " + to + source);
        return to;
    }

    const two_versions &v_;
    workshop &shop_;
    const std::vector<pg::table_column> columns_; ///< that both have, as the new version has them
    const std::string lead_;
};

std::vector<change_line> changed_columns(const two_versions &v) {
    std::vector<change_line> out;
    const auto have = v.columns_of(v.published);
    if (v.c.becomes_other_kind())
        out.push_back({"kind", {}, {}, pg::kind_name(v.c.published.kind), pg::kind_name(v.c.kind), {}});
    for (const std::string &name : v.columns.removed)
        out.push_back({"column removed", {}, name, relation::find_column(have, name)->type, {}, {}});
    for (const pg::table_column &one : v.columns.added)
        out.push_back({"column added", {}, one.name, {}, one.type, {}});
    for (const pg::table_column &one : v.columns.retyped)
        out.push_back({"column type", {}, one.name, relation::find_column(have, one.name)->type, one.type, {}});
    return out;
}

std::vector<change_line> tell(const two_versions &v, workshop &shop, std::int64_t samples) {
    const relation::candidate &c = v.c;
    std::vector<pg::table_column> columns = v.columns_of(v.built);
    if (v.published.empty())
        return tell_new_rows(v.at(v.built), columns, row_key(c, columns).columns, samples);
    std::vector<change_line> out = changed_columns(v);
    std::erase_if(columns, [&](const pg::table_column &one) {
        return relation::find_column(v.columns.added, one.name) != nullptr;
    });
    if (c.kind == 'v' && c.published.same_definition && out.empty()) { // it shows what it shows
        out.push_back({"unchanged",
                       {},
                       {},
                       {},
                       {},
                       pg::project_sql("SELECT pg_catalog.count(*) FROM " + v.at(v.built)).number(0, 0)});
        return out;
    }
    const bool is_compared = c.difference.seen && !c.difference.columns.any() && !v.is_copy;
    compared_rows rows;
    if (is_compared) {
        rows.columns = std::move(columns);
        rows.published = c.places();
        rows.built = c.made();
        rows.all_built = v.at(v.built);
        rows.rows = *c.difference.rows;
    } else {
        rows = copies(v, std::move(columns), shop).compare();
    }
    rows.what = what_is(c);
    rows.schema = c.schema;
    const row_key key(c, rows.columns);
    rows.key = key.columns;
    if (!rows.rows.gone.empty() && !rows.rows.missing.empty())
        pg::notice(rows.what + ": " + key.text(), key.hint());
    for (change_line &line : tell_rows(rows, shop, samples))
        out.push_back(std::move(line));
    if (is_compared && relation::others_wrote(c))
        throw error("40001", rows.what + ": another session changed " + c.target() + " while it was compared", "",
                    "Call baro_diff() again.");
    return out;
}

void check_name(const project::project &p, const std::string &name) {
    if (p.find_seed(name))
        return;
    if (p.find_disabled(name))
        throw error(sqlstate::unknown_name, "model " + text::quoted(name) + " is disabled", "",
                    "Set enabled: true  where it was said, in the project file, its properties or its config().");
    const project::model *m = p.find_model(name);
    if (!m)
        throw name::unknown("model or seed", name, p.referable());
    if (m->is(project::materialization::ephemeral))
        throw error(sqlstate::unknown_name,
                    "model " + text::quoted(name) + " is ephemeral, and nothing of it is published", "",
                    "Call baro_diff() with the models that read it.");
}

} // namespace

std::vector<pg::row> diff_node(const project::project &p, const std::string &name, std::int64_t samples) {
    if (in_hook()) // which it runs
        throw error("55000", "a hook can't call baro_diff()");
    check_name(p, name);
    std::vector<change_line> lines;
    pg::rolled_back([&] {
        try {
            if (functions_changed(p))
                make_functions(p);
            const graph::dag nodes = registry::built_dependencies(p, project::dependencies(p));
            workshop shop(p, nodes);
            two_versions v = make_versions(p, nodes, name, shop);
            compare(p, v);
            pg::point("diff.compared");
            lines = tell(v, shop, samples);
        } catch (error &e) {
            if (!e.is_intervention() && e.message.find(text::quoted(name)) == std::string::npos)
                e.message = registry::kind_of(p, name) + " " + text::quoted(name) + ": " + e.message;
            throw;
        }
    });
    return rows_in_width(lines, 100);
}

} // namespace barometre::model::transform
