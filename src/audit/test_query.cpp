#include "audit/test_query.h"
#include "core/project/dependencies.h"
#include "core/project/generic_test.h"
#include "core/text/text.h"
#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>

// What a declared test becomes: a query of the rows that fail.

namespace barometre::audit {

namespace {

using jinja::value;

/// An argument as templates write it: a scalar is a list of one.
std::vector<std::string> texts(const value &v) {
    std::vector<std::string> out;
    if (v.is_sequence())
        for (const value &one : v.items())
            out.push_back(jinja::printed(one));
    else
        out.push_back(jinja::printed(v));
    return out;
}

/// What a value of accepted_values is, as SQL. dbt puts it between apostrophes as it stands, so that who has one in it
/// wrote it twice; alone it can only be meant as itself.
std::string literal_of(std::string value) {
    for (std::size_t at = 0; (at = value.find("''", at)) != std::string::npos; ++at)
        value.erase(at, 1);
    return pg::quote_literal(value);
}

/// Refuses a literal that the column's type can't read: the server says it while it looks at a query.
void check_literals(const std::vector<std::string> &literals, const std::string &type, const std::string &column) {
    const auto try_them = [](const std::vector<std::string> &typed) {
        const std::string query = "SELECT " + text::join(typed, " OR ", [](const auto &t) { return t + " IS NULL"; });
        pg::in_subtransaction([&] { pg::analyze_query(query); });
    };
    const auto typed = [&](const std::string &literal) { return "CAST(" + literal + " AS " + type + ")"; };
    std::vector<std::string> all;
    for (const std::string &literal : literals)
        all.push_back(typed(literal));
    try {
        try_them(all);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        for (const std::string &literal : literals)
            try {
                try_them({typed(literal)});
            } catch (const error &wrong) {
                if (wrong.is_intervention())
                    throw;
                throw error(wrong.sqlstate, "accepted value " + literal + " is none of type " + type +
                                                ", which column " + column + " has: " + wrong.message);
            }
        throw;
    }
}

/// Whether the column has one of the values, each of which is read as the column's type reads a literal.
std::string has_one_of(const std::string &column, const std::vector<std::string> &literals, const std::string &type) {
    const sql::comparison compared = pg::comparison_of(type);
    const std::string as = pg::has_equality(type) ? pg::literal_type(type) : compared.as;
    check_literals(literals, as, column);
    std::vector<std::string> typed;
    for (const std::string &literal : literals)
        typed.push_back("CAST(" + literal + " AS " + as + ")");
    if (!as.ends_with("[]"))
        return compared.equal_any(column, typed);
    return text::join(typed, " OR ", [&](const std::string &one) { return compared.equal(column, one); });
}

/// Values as GROUP BY takes them: of a type without equality as text.
std::string grouped(const std::string &column, const std::string &type) {
    return pg::has_equality(type) ? column : "CAST(" + column + " AS pg_catalog.text)";
}

/// For tests that look at one row of their table at a time: fails when `condition` is true.
void each_row(data_test &made, const std::string &where, const std::string &condition) {
    made.counted = "*";
    // The rows that `where` leaves out may be ones that the condition can't be computed for.
    made.condition = where.empty() ? condition : "CASE WHEN (" + where + "\n) THEN " + condition + " END";
    made.query = "SELECT * FROM " + made.table + " WHERE " + made.condition;
}

/// The rows that are tested.
struct tested {
    std::string table, column, where; ///< as SQL writes them; the column and the condition may be empty
    bool by_count;                    ///< of failing rows; else by fail_calc, which knows the names that dbt gives

    /// As FROM takes them.
    std::string rows(const std::string &alias) const {
        return where.empty()
                   ? table + (alias.empty() ? "" : " AS " + alias)
                   : "(SELECT * FROM " + table + " WHERE " + where + "\n) AS " + (alias.empty() ? "tested" : alias);
    }

    /// What a query has for each value of the column.
    std::string value_and_times(const std::string &key, const char *in_dbt) const {
        return key + " AS " + (by_count ? column : in_dbt) + ", pg_catalog.count(*) AS " +
               (by_count ? "times" : "n_records");
    }
};

/// The query of the rows that have no row in `parent`, whose `field` their column refers to. `apart`: the values of
/// both are brought together first, as where they are spread over nodes in ways that don't allow a join.
std::string without_parent(const tested &child, const std::string &parent, const std::string &field,
                           const std::vector<std::string> &types, bool apart) {
    // Of two types of the server's own, the operator is the one between them.
    sql::comparison compared = pg::comparison_of(types.at(1));
    if (compared.as.empty())
        compared = pg::comparison_of(types.at(0));
    const std::string select = "SELECT " + child.column + (child.by_count ? "" : " AS from_field") + " FROM ",
                      rows = child.rows("child") + " WHERE " + child.column + " IS NOT NULL",
                      same = compared.equal(field, "child." + child.column);
    if (!apart)
        return select + rows + " AND NOT EXISTS (SELECT FROM " + parent + " AS parent WHERE " + same + ")";
    return "WITH child AS MATERIALIZED (SELECT child." + child.column + " FROM " + rows +
           "), parent AS MATERIALIZED (SELECT " + (pg::has_equality(types.at(1)) ? "DISTINCT " : "") + field +
           " FROM " + parent + " AS parent) " + select + "child WHERE NOT EXISTS (SELECT FROM parent WHERE " + same +
           ")";
}

using completion = std::function<void(data_test &, const reading &)>;
/// A completion by the types of the columns that `of_types` gives where the test reads.
completion by_types(std::function<void(data_test &, const std::vector<std::string> &types)> complete) {
    return [complete = std::move(complete)](data_test &made, const reading &where) {
        std::vector<std::string> types;
        for (const pg::table_column &c : registry::columns_of_query(where.resolve(made.of_types)))
            types.push_back(c.type);
        complete(made, types);
    };
}

/// A test that is being written.
struct draft : tested {
    const project::project &p;
    const project::generic_test &t;
    jinja::callbacks calls;
    data_test made{};
    bool has_sql = false; ///< of the project's own, which may name tables

    void each_row(const std::string &condition) {
        made.table = table;
        audit::each_row(made, where, condition);
    }

    void accepted_values(const std::vector<std::string> &values, bool quoted) {
        has_sql |= !quoted;
        made.table = table;
        // An expression may end in a comment.
        const std::string bare = column + " IN (" + text::join(values, "\n, ") + "\n)";
        made.of_types = "SELECT " + column + " FROM " + rows("") + (quoted ? "" : " WHERE " + bare);
        std::vector<std::string> literals;
        for (const std::string &value : values)
            literals.push_back(literal_of(value));
        made.complete = by_types(
            [self = tested(*this), bare, quoted, literals](data_test &made, const std::vector<std::string> &types) {
                if (literals.empty())
                    throw error("42601", "accepted_values has no value");
                const std::string &column = self.column, key = grouped(column, types.at(0));
                audit::each_row(made, self.where,
                                "NOT (" + (quoted ? has_one_of(column, literals, types.at(0)) : bare) + ")");
                made.counted = "DISTINCT " + key;
                made.query = "SELECT " + self.value_and_times(key, "value_field") + " FROM " + made.table + " WHERE " +
                             made.condition + " GROUP BY " + key;
            });
    }

    void built_in() {
        const auto arguments = project::render_arguments(t, calls);
        auto text = [&](const char *key) { return texts(arguments.at(key)).front(); };
        if (t.test == "unique") {
            made.table = table;
            made.unique = where.empty() && by_count ? t.column : "";
            made.of_types = "SELECT " + column + " FROM " + rows("");
            made.complete = by_types([self = tested(*this)](data_test &made, const std::vector<std::string> &types) {
                const std::string key = grouped(self.column, types.at(0));
                made.query = "SELECT " + self.value_and_times(key, "unique_field") + " FROM " + self.rows("") +
                             " WHERE " + self.column + " IS NOT NULL GROUP BY " + key +
                             " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1";
            });
        } else if (t.test == "relationships") {
            const std::string from = rows("child") + ", " + text("to") + " AS parent",
                              field = "parent." + pg::quote_identifier(text("field"));
            made.of_types = "SELECT child." + column + ", " + field + " FROM " + from;
            made.complete = [self = tested(*this), parent = text("to"), field](data_test &made, const reading &where) {
                const auto write = [&](bool apart) {
                    by_types([&](data_test &to, const std::vector<std::string> &types) {
                        to.query = without_parent(self, parent, field, types, apart);
                    })(made, where);
                };
                write(false);
                if (!pg::can_run(where.resolve(made.query)))
                    write(true);
            };
        } else if (t.test == "not_null") {
            each_row(column + " IS NULL");
        } else if (t.test == "accepted_values") {
            accepted_values(texts(arguments.at("values")),
                            !arguments.count("quote") || jinja::is_true(arguments.at("quote")));
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

/// A test whose templates are wrong is there, and can't be run: others can.
void unless_wrong(data_test &made, const std::function<void()> &write) {
    try {
        write();
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        made.wrong = e;
    }
}

using names_of_tests = std::map<const project::generic_test *, project::test_names>;

void add_tests(const project::project &p, const std::string &node, const std::vector<project::generic_test> &tests,
               const names_of_tests &names, const reading &where, std::vector<data_test> &out) {
    for (const project::generic_test &t : tests) {
        draft d{{registry::relation_of(p, node), t.column.empty() ? "" : pg::quote_identifier(t.column), "",
                 t.config.fail_calc.empty()},
                p,
                t,
                registry::server_context(p, t.at.text(), nullptr,
                                         {.package = t.package, .columns = columns_there(p, where)})};
        registry::listen(d.calls, d.made.said);
        const project::test_names &called = names.at(&t);
        d.made.target = called.target;
        d.made.name = called.name;
        d.made.node = called.node;
        d.made.config = t.config;
        d.made.reads = {node};
        d.made.file = t.at.text();
        unless_wrong(d.made, [&] {
            d.where = project::render_where(t, d.calls);
            d.made.config.fail_calc = project::render_fail_calc(t, d.calls);
            if (t.macro.empty())
                d.built_in();
            else
                d.of_the_project();
        });
        for (const std::string &read : t.reads)
            add_read(d.made.reads, read);
        if (!d.made.wrong && (d.has_sql || !t.macro.empty() || !d.where.empty() || t.test == "expression_is_true"))
            try {
                for (const std::string &read :
                     registry::nodes_read(p, d.made.complete ? d.made.of_types : d.made.query))
                    add_read(d.made.reads, read);
            } catch (const error &e) { // told when it runs
                if (e.is_intervention())
                    throw;
            }
        out.push_back(std::move(d.made));
    }
}

template <class T>
void add_all(const project::project &p, const std::string &node, const T &of, const names_of_tests &names,
             const reading &where, std::vector<data_test> &out) {
    add_tests(p, node, of.tests, names, where, out);
    for (const project::column &c : of.columns)
        add_tests(p, node, c.tests, names, where, out);
}

data_test singular_test(const project::project &p, const project::singular_test &t, const std::set<std::string> &reads,
                        const reading &where) {
    data_test made;
    made.target = made.node = t.name;
    made.name = "singular";
    made.is_singular = true;
    made.config = t.config;
    made.reads = {reads.begin(), reads.end()};
    made.file = made.source_file = t.file;
    unless_wrong(made, [&] {
        const registry::compiling how{.inlined = false, .package = t.package, .columns = columns_there(p, where)};
        auto [sql, lines, said] =
            registry::compile_lines(p, t.source, t.file, how); // ephemeral models are put in where it runs
        made.query = sql;
        made.lines = lines;
        made.said = std::move(said);
    });
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

columns_known columns_there(const project::project &p, const reading &where) {
    return [&](const std::string &schema, const std::string &name) -> std::optional<std::vector<pg::table_column>> {
        const std::string node = registry::node_named(p, schema, name);
        if (node.empty() || !where.exists(node))
            return std::nullopt;
        return registry::columns_of_query(where.resolve("SELECT * FROM " + pg::qualified(schema, name)));
    };
}

std::vector<data_test> all_tests(const project::project &p, const graph::dag &nodes, const reading &where) {
    std::vector<data_test> out;
    const names_of_tests names = project::names_of_tests(p);
    for (const std::string &node : nodes.order()) {
        auto singular = std::find_if(p.tests.begin(), p.tests.end(), [&](const auto &t) { return t.name == node; });
        if (singular != p.tests.end())
            out.push_back(singular_test(p, *singular, nodes.parents(node), where));
        else if (const project::model *m = p.find_model(node))
            add_all(p, node, *m, names, where, out);
        else if (const project::seed *s = p.find_seed(node))
            add_all(p, node, *s, names, where, out);
        else if (const project::source_table *s = p.find_source(node))
            add_all(p, node, *s, names, where, out);
        else if (std::size_t dot = node.find('.'); dot != std::string::npos)
            if (const project::stream *s = p.find_stream(node.substr(0, dot), node.substr(dot + 1))) {
                add_all(p, node, *s, names, where, out);
                for (const project::column &c : s->documented)
                    add_tests(p, node, c.tests, names, where, out);
            }
    }
    for (data_test &t : out)
        add_behind(p, nodes, t.reads);
    return out;
}

} // namespace barometre::audit
