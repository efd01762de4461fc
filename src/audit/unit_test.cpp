#include "audit/unit_test.h"
#include "audit/fixture_query.h"
#include "audit/test_query.h"
#include "core/project/templates.h"
#include "core/project/unit_test_config.h"
#include "core/project/unit_test_inputs.h"
#include "core/text/text.h"
#include "pg/identity.h"
#include "pg/query.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>
#include <set>

namespace barometre::audit {

namespace {

/// How a seed, model, source or stream gets there.
std::string to_make(const project::project &p, const std::string &node) {
    if (p.find_model(node))
        return "build it first: CALL baro_transform('+" + node + "');";
    if (p.find_seed(node))
        return "load it first: SELECT * FROM baro_seed();";
    if (p.find_source(node))
        return "it is a table that others make";
    return "load it first: SELECT * FROM baro_run('" + node.substr(0, node.find('.')) + "');";
}

/// What a test gives its model for one of its inputs.
struct stand_in {
    const project::unit_test::input *input;
    std::string name; ///< as the query calls it, quoted
    std::vector<pg::table_column> columns;
    std::string sql; ///< its query
};

/// A unit test whose query is being written, where it reads.
class unit_query {
public:
    unit_query(const project::project &p, const project::unit_test &t, const reading &where)
        : p_(p), t_(t), m_(*p.find_model(t.model)), where_(where) {}

    void complete(data_test &made) {
        for (const project::unit_test::input &input : t_.given)
            find_columns(input);
        render(made);
        for (stand_in &one : given_)
            one.sql = made_up(one);
        const std::string model = replaced();
        std::string with;
        for (const stand_in &one : given_)
            with += (with.empty() ? "WITH " : ",\n") + one.name + " AS (\n" + one.sql + "\n)";
        const std::vector<pg::table_column> columns = result_of(with, model);
        check_names(columns);
        const std::vector<pg::table_column> compared = compared_columns(columns);
        const std::string expected = expected_rows(compared);
        made.sides = "actual_or_expected"; // as dbt calls it
        while (std::any_of(compared.begin(), compared.end(), [&](const auto &c) { return c.name == made.sides; }))
            made.sides += "_";
        const std::string list = text::join(compared, ", ", [](const auto &c) { return as_compared(c); });
        made.query = (with.empty() ? "WITH " : with + ",\n") + "_baro_actual AS (SELECT " + list + " FROM (\n" + model +
                     "\n) AS _baro_model),\n_baro_expected AS (SELECT " + list + " FROM (\n" + expected +
                     "\n) AS _baro_rows)\n" + difference(made.sides, compared);
    }

private:
    /// The columns of what is there, of what is not built yet those of its SQL.
    std::vector<pg::table_column> columns_there(const std::string &node) const {
        const auto is_read_through = [&](const project::model &m) {
            return m.is(project::materialization::ephemeral) || (!m.is_snapshot() && !where_.exists(m.name));
        };
        const std::string sql =
            registry::inline_ephemeral(p_, {"SELECT * FROM " + registry::relation_of(p_, node), {}},
                                       {.columns = audit::columns_there(p_, where_), .inlines = is_read_through})
                .sql;
        for (const std::string &read : registry::nodes_read(p_, sql))
            if (!where_.exists(read))
                throw error(sqlstate::not_ready, "the columns of \"" + node + "\" are not known: \"" + read +
                                                     "\" does not exist yet; " + to_make(p_, read));
        return registry::columns_of_query(where_.resolve(sql));
    }

    void find_columns(const project::unit_test::input &input) {
        stand_in one{&input, "", {}, {}};
        std::string name = "__dbt__cte__" + (input.is_this() ? "this" : input.node); // as dbt calls them
        std::replace(name.begin(), name.end(), '.', '_');
        const auto is_taken = [&] {
            return name.size() > pg::longest_name ||
                   std::any_of(given_.begin(), given_.end(),
                               [&](const stand_in &other) { return other.name == pg::quote_identifier(name); });
        };
        if (is_taken())
            name = "__dbt__cte__" + std::to_string(given_.size() + 1);
        one.name = pg::quote_identifier(name);
        try {
            one.columns = columns_there(input.node);
        } catch (const error &e) {
            // SQL says itself which columns it has.
            if (e.is_intervention() || input.rows.form != project::fixture::forms::sql)
                throw;
        }
        if (input.is_this() && where_.exists(m_.name))
            add_coming_columns(one.columns);
        given_.push_back(std::move(one));
    }

    /// The model's own table may be about to get columns.
    void add_coming_columns(std::vector<pg::table_column> &columns) const {
        try {
            const registry::compiled text = registry::compile_lines(p_, m_.source, m_.file);
            for (const pg::table_column &c : registry::columns_of_query(where_.resolve(text.sql)))
                if (std::none_of(columns.begin(), columns.end(),
                                 [&](const auto &known) { return known.name == c.name; }))
                    columns.push_back(c);
        } catch (const error &e) {
            if (e.is_intervention())
                throw; // else it is told when the model is built
        }
    }

    const stand_in *stand_in_for(const std::string &schema, const std::string &name) const {
        const std::string node = registry::node_named(p_, schema, name);
        const auto found = std::find_if(given_.begin(), given_.end(),
                                        [&](const stand_in &one) { return !node.empty() && one.input->node == node; });
        return found == given_.end() ? nullptr : &*found;
    }

    /// What templates of the model and of its rows know.
    jinja::callbacks templates(data_test &made) const {
        registry::compiling how;
        how.columns = [&](const std::string &schema, const std::string &name) {
            const stand_in *one = stand_in_for(schema, name);
            return one && !one->columns.empty() ? one->columns : audit::columns_there(p_, where_)(schema, name);
        };
        jinja::callbacks calls = registry::server_context(p_, m_.file, &m_, how);
        project::override_templates(calls, t_.overrides);
        registry::listen(calls, made.said);
        return calls;
    }

    void render(data_test &made) {
        jinja::callbacks calls = templates(made);
        auto [sql, lines] = jinja::render_lines(m_.source, m_.file, calls);
        registry::without_end(sql);
        model_ = {std::move(sql), std::move(lines)};
        const auto sql_of = [&](const project::fixture &rows) {
            if (rows.form != project::fixture::forms::sql)
                return std::string();
            std::string out = jinja::render_lines(rows.sql, rows.at.file, calls, std::max(rows.at.line, 1)).text;
            registry::without_end(out);
            for (const std::string &node : nodes_of(out, rows.at.text()))
                throw error(sqlstate::project_invalid, rows.at.text() + ": the SQL of rows reads \"" + node + "\"",
                            "Nothing real is read by a unit test.", "Write the rows themselves.");
            return out;
        };
        for (stand_in &one : given_)
            one.sql = sql_of(one.input->rows);
        expected_ = sql_of(t_.expected);
    }

    std::vector<std::string> nodes_of(const std::string &sql, const std::string &place) const {
        try {
            return registry::nodes_read(p_, sql);
        } catch (error &e) {
            if (!e.is_intervention())
                e.message = place + ": " + e.message;
            throw;
        }
    }

    /// The query of an input's rows.
    std::string made_up(const stand_in &one) const {
        const fixture_context of{one.input->rows, one.columns, "input " + one.input->said, one.input->at};
        switch (one.input->rows.form) {
        case project::fixture::forms::rows:
            return query_of_rows(of, filling::all_columns);
        case project::fixture::forms::sql:
            return query_of_sql(of, one.sql);
        case project::fixture::forms::seed:
            break;
        }
        return "SELECT * FROM " + registry::relation_of(p_, one.input->node);
    }

    /// The model's SQL, which reads what is given.
    std::string replaced() const {
        const std::string what = "model \"" + m_.name + "\"";
        pg::parsed_query parsed;
        try {
            parsed = pg::parse_query(model_.sql);
        } catch (const error &e) {
            registry::rethrow_for(e, what, m_.file, model_.sql, 0, model_.lines);
        }
        std::vector<std::string> missing;
        for (const pg::mention &one : parsed.mentions)
            if (const std::string node = registry::node_named(p_, one.schema, one.name);
                !node.empty() && !one.column && !stand_in_for(one.schema, one.name) && !text::contains(missing, node))
                missing.push_back(node);
        if (!missing.empty())
            throw error(
                sqlstate::project_invalid,
                t_.at.text() + ": unit test \"" + t_.name + "\" does not give all that " + what + " reads: " +
                    text::join(missing, ", ", [&](const auto &node) { return node == m_.name ? "this" : node; }) +
                    (missing.size() == 1 ? " is missing" : " are missing"),
                "Nothing real is read by a unit test.", "Add it under \"given\", with rows: [] if none count.");
        return pg::redirect(model_.sql, parsed, [&](const pg::mention &one) -> std::optional<std::string> {
            const stand_in *instead = stand_in_for(one.schema, one.name);
            return instead ? std::optional(instead->name) : std::nullopt;
        });
    }

    std::vector<pg::table_column> result_of(const std::string &with, const std::string &model) const {
        const std::string lead = with.empty() ? "" : with + "\n",
                          sql = lead + "SELECT * FROM (\n" + model + "\n) AS _baro_model";
        try {
            return registry::columns_of_query(sql_there(sql));
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
            registry::rethrow_for(e, "model \"" + m_.name + "\"", m_.file, sql,
                                  static_cast<int>(std::count(lead.begin(), lead.end(), '\n')) + 1, model_.lines);
        }
    }

    std::string sql_there(const std::string &sql) const {
        const bool reads = std::any_of(given_.begin(), given_.end(), [](const stand_in &one) {
            return one.input->rows.form == project::fixture::forms::seed;
        });
        return reads ? where_.resolve(sql) : sql;
    }

    /// Refuses a result that could be no table, before it is told in other words.
    void check_names(const std::vector<pg::table_column> &columns) const {
        std::set<std::string> names;
        for (const pg::table_column &c : columns)
            if (!names.insert(c.name).second)
                throw error(sqlstate::contract, t_.at.text() + ": model \"" + m_.name + "\" (" + m_.file +
                                                    ") gives the column \"" + c.name + "\" twice");
    }

    /// Those that are expected; all, if no row is.
    std::vector<pg::table_column> compared_columns(const std::vector<pg::table_column> &columns) const {
        std::vector<std::string> names = t_.expected.columns;
        if (t_.expected.form == project::fixture::forms::sql)
            try {
                for (const pg::table_column &c : registry::columns_of_query(expected_))
                    names.push_back(c.name);
            } catch (error &e) {
                if (!e.is_intervention())
                    e.message = t_.expected.at.text() + ": the SQL of what is expected: " + e.message;
                throw;
            }
        if (t_.expected.rows.empty() && names.empty())
            return columns;
        std::vector<pg::table_column> out;
        for (const std::string &name : names)
            out.push_back(
                column_called(columns, name, "what is expected", "model \"" + m_.name + "\"", t_.expected.at));
        return out;
    }

    std::string expected_rows(const std::vector<pg::table_column> &compared) const {
        const fixture_context of{t_.expected, compared, "what is expected", t_.expected.at};
        return t_.expected.form == project::fixture::forms::sql ? query_of_sql(of, expected_)
                                                                : query_of_rows(of, filling::exact_types);
    }

    /// As values of its type are compared; those of one without equality by their texts.
    static std::string as_compared(const pg::table_column &c) {
        const std::string name = pg::quote_identifier(c.name);
        return pg::has_equality(c.type) ? name : "CAST(" + name + " AS pg_catalog.text) AS " + name;
    }

    /// Rows that one side has more often than the other: the first of both sides, then the second ones, and so on.
    static std::string difference(const std::string &sides, const std::vector<pg::table_column> &compared) {
        const std::string side = pg::quote_identifier(sides);
        std::string list;
        for (const pg::table_column &c : compared)
            list += ", _baro_differs." + pg::quote_identifier(c.name);
        const auto only = [&](const char *name, const char *here, const char *there) {
            return std::string("  SELECT '") + name + "' AS " + side +
                   ", pg_catalog.row_number() OVER (ORDER BY CAST(_baro_side AS pg_catalog.text)) AS _baro_number, "
                   "_baro_side.* FROM (SELECT * FROM " +
                   here + " EXCEPT ALL SELECT * FROM " + there + ") AS _baro_side\n";
        };
        return "SELECT _baro_differs." + side + list + " FROM (\n" +
               only("expected", "_baro_expected", "_baro_actual") + "  UNION ALL\n" +
               only("actual", "_baro_actual", "_baro_expected") +
               ") AS _baro_differs ORDER BY _baro_differs._baro_number, _baro_differs." + side + " DESC";
    }

    const project::project &p_;
    const project::unit_test &t_;
    const project::model &m_;
    const reading &where_;
    std::vector<stand_in> given_;
    registry::compiled model_;
    std::string expected_; ///< its SQL
};

data_test made_of(const project::project &p, const project::unit_test &t) {
    data_test made;
    made.is_unit = true;
    made.target = t.model;
    made.name = made.node = t.name;
    made.config = t.config;
    made.file = t.at.text();
    for (const project::unit_test::input &input : t.given)
        if (input.rows.form == project::fixture::forms::seed)
            made.reads.push_back(input.node);
    made.complete = [&p, &t](data_test &test, const reading &where) { unit_query(p, t, where).complete(test); };
    return made;
}

} // namespace

std::vector<data_test> unit_tests(const project::project &p) {
    std::vector<data_test> out;
    const auto names = project::names_of_unit_tests(p);
    for (const project::unit_test &t : p.unit_tests) {
        out.push_back(made_of(p, t));
        out.back().node = names.at(&t);
    }
    return out;
}

std::vector<data_test> unit_tests_of(const project::project &p, const std::set<std::string> &models) {
    std::vector<data_test> out;
    for (const project::unit_test &t : p.unit_tests)
        if (models.count(t.model))
            out.push_back(made_of(p, t));
    return out;
}

std::vector<std::string> differing_rows(const outcome &o) {
    std::vector<std::string> out;
    if (o.sides.empty() || !o.failures || !o.sample)
        return out;
    static constexpr std::size_t widest = 90;
    const auto rows =
        pg::sql("SELECT r ->> $2, (r - $2)::text FROM jsonb_array_elements($1::jsonb) AS r", {o.sample, o.sides});
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        const std::string row =
            text::fold((rows.text(i, 0) == "actual" ? "actual:   " : "expected: ") + rows.text(i, 1), widest);
        for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
            end = row.find('\n', at);
            out.push_back((at ? "    " : "") + row.substr(at, end - at));
        }
    }
    if (const auto shown = static_cast<std::int64_t>(rows.rows.size()); shown < o.failures)
        out.push_back("and " + text::format_count(o.failures - shown) + " more");
    return out;
}

} // namespace barometre::audit
