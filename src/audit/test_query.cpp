#include "audit/test_query.h"
#include "core/project/generic_test.h"
#include "core/text/text.h"
#include "pg/relations.h"
#include "registry/compile.h"

#include <algorithm>

// What a declared test becomes: a query of the rows that fail.

namespace barometre::audit {

namespace {

using jinja::value;

/// An argument as texts: a scalar is a list of one.
std::vector<std::string> texts(const value &v) {
    auto text = [](const value &one) {
        return one.is(value::kind::boolean) ? (one.boolean() ? "true" : "false") : jinja::printed(one);
    };
    std::vector<std::string> out;
    if (v.is_sequence())
        for (const value &one : v.items())
            out.push_back(text(one));
    else
        out.push_back(text(v));
    return out;
}

/// A test that is being written.
struct draft {
    const project::project &p;
    const project::generic_test &t;
    std::string table, column, where; ///< as SQL writes them; the column and the condition may be empty
    jinja::callbacks calls;
    data_test made;

    /// The rows that are tested, as FROM takes them.
    std::string rows(const std::string &alias) const {
        return where.empty()
                   ? table + (alias.empty() ? "" : " AS " + alias)
                   : "(SELECT * FROM " + table + " WHERE " + where + "\n) AS " + (alias.empty() ? "tested" : alias);
    }

    /// For tests that look at one row at a time: fails when `condition` is true.
    void each_row(const std::string &condition) {
        made.table = table;
        made.counted = "*";
        // The rows that `where` leaves out may be ones that the condition can't be computed for.
        made.condition = where.empty() ? condition : "CASE WHEN (" + where + "\n) THEN " + condition + " END";
        made.query = "SELECT * FROM " + table + " WHERE " + made.condition;
    }

    void built_in() {
        const auto arguments = project::render_arguments(t, calls);
        auto text = [&](const char *key) { return texts(arguments.at(key)).front(); };
        if (t.test == "unique") {
            made.of_types = "SELECT " + column + " FROM " + rows("");
            made.query_for = [column = column, from = rows("")](const std::vector<std::string> &types) {
                const std::string key =
                    pg::has_equality(types.at(0)) ? column : "CAST(" + column + " AS pg_catalog.text)";
                return "SELECT " + key + " AS " + column + ", pg_catalog.count(*) AS times FROM " + from + " WHERE " +
                       column + " IS NOT NULL GROUP BY " + key + " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1";
            };
        } else if (t.test == "relationships") {
            const std::string from = rows("child") + ", " + text("to") + " AS parent",
                              field = "parent." + pg::quote_identifier(text("field"));
            made.of_types = "SELECT child." + column + ", " + field + " FROM " + from;
            made.query_for = [head = "SELECT " + column + " FROM " + rows("child") + " WHERE " + column +
                                     " IS NOT NULL AND NOT EXISTS (SELECT FROM " + text("to") + " AS parent WHERE ",
                              field, child = "child." + column](const std::vector<std::string> &types) {
                // Of two types of the server's own, the operator is the one between them.
                sql::comparison compared = pg::comparison_of(types.at(1));
                if (compared.as.empty())
                    compared = pg::comparison_of(types.at(0));
                return head + compared.equal(field, child) + ")";
            };
        } else if (t.test == "not_null") {
            each_row(column + " IS NULL");
        } else if (t.test == "accepted_values") {
            each_row(column + "::text OPERATOR(pg_catalog.<>) ALL (" +
                     pg::quote_literal(*pg::array_literal(texts(arguments.at("values")))) + "::text[])");
            made.counted = "DISTINCT " + column + "::text";
            made.query = "SELECT " + column + ", pg_catalog.count(*) AS times FROM " + table + " WHERE " +
                         made.condition + " GROUP BY " + column;
        } else {
            each_row("NOT (" + (column.empty() ? "" : column + " ") + text("expression") + "\n)");
        }
    }

    void of_the_project() {
        jinja::relation model(table);
        model.database = calls.target.at("dbname");
        if (!where.empty())
            model.text = "(SELECT * FROM " + table + " WHERE " + where + "\n) AS dbt_subquery"; // as dbt calls it
        auto [sql, lines] = project::render_query(t, model, column, calls);
        registry::without_end(sql);
        made.query = sql;
        made.source_file = p.macros->signature(t.macro)->file;
        made.lines = lines;
    }
};

void add_read(std::vector<std::string> &reads, const std::string &node) {
    if (!text::contains(reads, node))
        reads.push_back(node);
}

void add_tests(const project::project &p, const std::string &node, const std::vector<project::generic_test> &tests,
               std::vector<data_test> &out) {
    for (const project::generic_test &t : tests) {
        draft d{p,
                t,
                registry::relation_of(p, node),
                t.column.empty() ? "" : pg::quote_identifier(t.column),
                "",
                registry::server_context(p, t.at.text(), nullptr),
                {}};
        d.made.target = t.column.empty() ? node : node + "." + t.column;
        d.made.name = t.name;
        d.made.config = t.config;
        d.made.reads = {node};
        d.made.file = t.at.text();
        d.where = project::render_where(t, d.calls);
        if (t.macro.empty())
            d.built_in();
        else
            d.of_the_project();
        for (const std::string &read : t.reads)
            add_read(d.made.reads, read);
        if (!t.macro.empty() || !d.where.empty() ||
            t.test == "expression_is_true") // SQL of the project's own may name tables
            try {
                for (const std::string &read :
                     registry::nodes_read(p, d.made.query_for ? d.made.of_types : d.made.query))
                    add_read(d.made.reads, read);
            } catch (const error &e) { // told when it runs
                if (e.is_intervention())
                    throw;
            }
        out.push_back(std::move(d.made));
    }
}

template <class T>
void add_all(const project::project &p, const std::string &node, const T &of, std::vector<data_test> &out) {
    add_tests(p, node, of.tests, out);
    for (const project::column &c : of.columns)
        add_tests(p, node, c.tests, out);
}

data_test singular_test(const project::project &p, const project::singular_test &t,
                        const std::set<std::string> &reads) {
    auto [sql, lines] = registry::compile_lines(p, t.source, t.file, {.inlined = false}); // who runs it does that
    data_test made;
    made.target = t.name;
    made.name = "singular";
    made.is_singular = true;
    made.config = t.config;
    made.reads = {reads.begin(), reads.end()};
    made.query = sql;
    made.file = made.source_file = t.file;
    made.lines = lines;
    return made;
}

/// What is read through ephemeral models, which are nowhere else.
void add_behind(const project::project &p, const graph::dag &nodes, std::vector<std::string> &reads) {
    for (std::size_t i = 0; i < reads.size(); ++i)
        if (const project::model *m = p.find_model(reads[i]); m && m->is(project::materialization::ephemeral))
            for (const std::string &input : nodes.parents(m->name))
                add_read(reads, input);
}

} // namespace

std::vector<data_test> all_tests(const project::project &p, const graph::dag &nodes) {
    std::vector<data_test> out;
    for (const std::string &node : nodes.order()) {
        auto singular = std::find_if(p.tests.begin(), p.tests.end(), [&](const auto &t) { return t.name == node; });
        if (singular != p.tests.end())
            out.push_back(singular_test(p, *singular, nodes.parents(node)));
        else if (const project::model *m = p.find_model(node))
            add_all(p, node, *m, out);
        else if (const project::seed *s = p.find_seed(node))
            add_all(p, node, *s, out);
        else if (const project::source_table *s = p.find_source(node))
            add_all(p, node, *s, out);
        else if (std::size_t dot = node.find('.'); dot != std::string::npos)
            if (const project::stream *s = p.find_stream(node.substr(0, dot), node.substr(dot + 1))) {
                add_all(p, node, *s, out);
                for (const project::column &c : s->documented)
                    add_tests(p, node, c.tests, out);
            }
    }
    for (data_test &t : out)
        add_behind(p, nodes, t.reads);
    return out;
}

} // namespace barometre::audit
