#include "audit/fixture_query.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/name/nearest.h"
#include "core/project/templates.h"
#include "core/text/text.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <strings.h>

namespace barometre::audit {

namespace {

bool is_whole_number(const std::string &type) { return type == "smallint" || type == "integer" || type == "bigint"; }
bool is_number(const std::string &type) {
    return is_whole_number(type) || type.starts_with("numeric") || type == "real" || type == "double precision";
}

/// The type of an input's values. A text that is too long for its column is not cut off, as it would be by a cast.
std::string type_of_input(const std::string &type) {
    return type.starts_with("character") ? pg::literal_type(type) : type;
}

/// A value as its type reads it; nothing: NULL.
std::optional<std::string> text_for(const jinja::value &v, const std::string &type) {
    using kind = jinja::value::kind;
    if (v.is(kind::none) || v.is(kind::undefined))
        return std::nullopt;
    if (v.is(kind::boolean))
        return is_number(type) ? v.boolean() ? "1" : "0" : v.boolean() ? "true" : "false";
    if (v.is(kind::real) && is_whole_number(type) && v.real() == std::floor(v.real()) &&
        std::abs(v.real()) < 1e15) // 4.0
        return std::to_string(static_cast<std::int64_t>(v.real()));
    if (v.is(kind::dict) || v.is_sequence())
        return project::json_text(v);
    return jinja::printed(v);
}

std::string literal(const std::optional<std::string> &text) { return text ? pg::quote_literal(*text) : "NULL"; }

std::string cast(const std::string &value, const std::string &type) { return "CAST(" + value + " AS " + type + ")"; }

/// Whether a query runs, and else why not.
std::optional<error> failure_of(const std::string &sql) {
    try {
        pg::reading_only([&] { pg::project_sql(sql); });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return e;
    }
    return std::nullopt;
}

struct filled_column {
    const pg::table_column *column;
    std::string type;
    std::optional<std::size_t> place; ///< in the rows; nothing: they lack it
};

/// Says which value is wrong, if a query of these rows can't run.
void check_values(const fixture_context &of, const std::vector<filled_column> &columns, const std::string &sql) {
    const std::optional<error> wrong = failure_of("SELECT * FROM (\n" + sql + "\n) AS _baro_rows");
    if (!wrong)
        return;
    for (const filled_column &c : columns)
        for (std::size_t n = 0; c.place && n < of.rows.rows.size(); ++n) {
            check_interrupts();
            const auto text = text_for(of.rows.rows[n][*c.place], c.type);
            if (!text)
                continue;
            if (const auto why = failure_of("SELECT " + cast(literal(text), c.type)))
                throw error(why->sqlstate,
                            of.at.text() + ": " + text::quoted(text::shortened(*text, 60)) + " in row " +
                                std::to_string(n + 1) + " of " + of.what + " is none of type " + c.type +
                                ", which column \"" + c.column->name + "\" has",
                            why->message);
        }
    throw error(*wrong);
}

} // namespace

const pg::table_column &column_called(const std::vector<pg::table_column> &columns, const std::string &name,
                                      const std::string &who, const std::string &of, const project::place &at) {
    std::vector<const pg::table_column *> like;
    std::vector<std::string> known;
    for (const pg::table_column &c : columns) {
        if (c.name == name)
            return c;
        known.push_back(c.name);
        if (strcasecmp(c.name.c_str(), name.c_str()) == 0)
            like.push_back(&c);
    }
    if (like.size() == 1)
        return *like.front();
    const std::string near = name::nearest(name, known);
    throw error(sqlstate::contract,
                at.text() + ": " + who + " names the column \"" + name + "\", which " + of + " lacks",
                "It has " + text::first_of(known, 30) + ".",
                near.empty() ? "Correct the name; what was added to the project since is there once it is built."
                             : "Did you mean \"" + near + "\"?");
}

std::string query_of_rows(const fixture_context &of, filling how) {
    std::vector<filled_column> columns;
    for (const pg::table_column &c : of.columns)
        columns.push_back(
            {&c, how == filling::exact_types ? pg::literal_type(c.type) : type_of_input(c.type), std::nullopt});
    for (std::size_t i = 0; i < of.rows.columns.size(); ++i) {
        const pg::table_column *named =
            &column_called(of.columns, of.rows.columns[i], of.what, "what it stands for", of.at);
        filled_column &c = columns[static_cast<std::size_t>(named - of.columns.data())];
        if (c.place)
            throw error(sqlstate::contract, of.at.text() + ": " + of.what + " names the column \"" + named->name +
                                                "\" twice, in two cases");
        c.place = i;
    }
    const bool is_empty = of.rows.rows.empty();
    const std::string list = text::join(columns, ", ", [&](const filled_column &c) {
        return cast(c.place && !is_empty ? "_baro_given.c" + std::to_string(*c.place + 1) : "NULL", c.type) + " AS " +
               pg::quote_identifier(c.column->name);
    });
    if (is_empty)
        return "SELECT " + list + " WHERE false";
    std::vector<const filled_column *> given(of.rows.columns.size());
    for (const filled_column &c : columns)
        if (c.place)
            given[*c.place] = &c;
    std::string values, names;
    for (std::size_t i = 0; i < given.size(); ++i)
        names += (i ? ", c" : "c") + std::to_string(i + 1);
    for (const auto &row : of.rows.rows) {
        check_interrupts();
        values += values.empty() ? "  (" : ",\n  (";
        if (row.empty())
            values += "NULL";
        for (std::size_t i = 0; i < row.size(); ++i)
            values += (i ? ", " : "") + literal(text_for(row[i], given[i]->type));
        values += ")";
    }
    const std::string sql =
        "SELECT " + list + " FROM (VALUES\n" + values + ") AS _baro_given" + (names.empty() ? "" : " (" + names + ")");
    check_values(of, columns, sql);
    return sql;
}

std::string query_of_sql(const fixture_context &of, const std::string &sql) {
    if (of.columns.empty())
        return sql;
    std::vector<pg::table_column> given;
    try {
        given = registry::columns_of_query(sql);
    } catch (error &e) {
        if (!e.is_intervention())
            e.message = of.rows.at.text() + ": the SQL of " + of.what + ": " + e.message;
        throw;
    }
    std::map<std::string, std::string> named; // by the column that is meant
    for (const pg::table_column &c : given)
        named[column_called(of.columns, c.name, of.what, "what it stands for", of.at).name] = c.name;
    return "SELECT " +
           text::join(of.columns, ", ",
                      [&](const pg::table_column &c) {
                          const auto known = named.find(c.name);
                          return cast(known == named.end() ? "NULL"
                                                           : "_baro_given." + pg::quote_identifier(known->second),
                                      type_of_input(c.type)) +
                                 " AS " + pg::quote_identifier(c.name);
                      }) +
           " FROM (\n" + sql + "\n) AS _baro_given";
}

} // namespace barometre::audit
