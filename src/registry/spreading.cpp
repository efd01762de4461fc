#include "registry/spreading.h"
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/distribution.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"

namespace barometre::registry {

namespace {

using kinds = pg::distribution::kinds;

pg::distribution as_asked(const project::distribution &wanted) {
    if (wanted.reference)
        return {kinds::reference, ""};
    return {kinds::by_column, wanted.by};
}

/// As a clause about a table.
std::string clause_of(const pg::distribution &d) {
    switch (d.kind) {
    case kinds::by_column:
        return "it is distributed by " + text::quoted(d.column);
    case kinds::reference:
        return "it is a reference table";
    case kinds::local:
        return "it is not distributed";
    default:
        return "it is distributed, and by no column";
    }
}

/// The table that it is to lie beside; empty: there is none to be named.
std::string beside_of(const project::distribution &wanted) {
    return wanted.beside_relation.empty() ? "" : pg::qualified(wanted.beside_schema, wanted.beside_relation);
}

std::string argument_of(const std::string &beside) {
    return beside.empty() ? "" : ", colocate_with => " + pg::quote_literal(beside);
}

std::string making(const std::string &table, const pg::distribution &as, const std::string &beside) {
    const std::string name = pg::quote_literal(table);
    if (as.kind == kinds::reference)
        return "SELECT create_reference_table(" + name + ")";
    return "SELECT create_distributed_table(" + name + ", " + pg::quote_literal(as.column) + argument_of(beside) + ")";
}

/// The statements that take a table from one to the other.
std::string changing(const std::string &table, const pg::distribution &is, const pg::distribution &as,
                     const std::string &beside) {
    const std::string name = pg::quote_literal(table);
    if (is.is_local())
        return making(table, as, beside) + ";";
    if (is.kind == kinds::by_column && as.kind == kinds::by_column)
        return "SELECT alter_distributed_table(" + name +
               (is.column == as.column ? "" : ", distribution_column => " + pg::quote_literal(as.column)) +
               argument_of(beside) + ");";
    return "SELECT undistribute_table(" + name + "); " + making(table, as, beside) + ";";
}

std::string load_of(const std::string &node) {
    const std::size_t dot = node.find('.');
    if (dot == std::string::npos)
        return "CALL baro_transform(" + pg::quote_literal(node) + ");";
    return "SELECT * FROM baro_run(" + pg::quote_literal(node.substr(0, dot)) + ", " +
           pg::quote_literal(*pg::array_literal({node.substr(dot + 1)})) + ");";
}

std::string type_of(const std::string &schema, const std::string &name, const std::string &column) {
    for (const pg::table_column &c : pg::columns_of(schema, name))
        if (c.name == column)
            return c.type;
    return "";
}

/// That equal values can be at one node.
void check_beside(const std::string &what, const project::distribution &wanted, const std::string &schema,
                  const std::string &name) {
    const std::string beside = beside_of(wanted), other = text::quoted(wanted.beside);
    if (beside.empty())
        return;
    const std::string lead = wanted.beside_at.text() + ": " + what + " is to lie beside " + other + ", ";
    if (!pg::relation_exists(wanted.beside_schema, wanted.beside_relation))
        throw error(sqlstate::contract, lead + "which is not there yet", "The table " + beside + " does not exist.",
                    "Make it first: " + load_of(wanted.beside));
    const pg::distribution there = pg::distribution_of(pg::oid_of(beside));
    if (there.kind != kinds::by_column)
        throw error(sqlstate::contract, lead + "whose table is not distributed by a column",
                    "Of " + beside + ": " + clause_of(there) + ".",
                    "Distribute it as the project says, and run again; while it has no rows its next load does so: " +
                        load_of(wanted.beside));
    const std::string type = type_of(schema, name, wanted.by),
                      of_other = type_of(wanted.beside_schema, wanted.beside_relation, there.column);
    if (type != of_other)
        throw error(sqlstate::contract, lead + "which is distributed by a column of another type",
                    "Its own column " + text::quoted(wanted.by) + " is of type " + type + ", and " +
                        text::quoted(there.column) + " of " + beside + " of type " + of_other + ".",
                    "Give both columns one type, or remove the key \"colocate_with\".");
}

bool lie_together(const std::string &one, const std::string &other) {
    return pg::sql("SELECT pg_catalog.count(DISTINCT colocationid) OPERATOR(pg_catalog.=) 1 FROM "
                   "pg_catalog.pg_dist_partition WHERE logicalrelid IN ($1::regclass, $2::regclass)",
                   {one, other})
        .yes(0, 0);
}

} // namespace

void check_distribution(const std::string &what, const project::distribution &wanted) {
    if (wanted.fault)
        throw *wanted.fault;
    if (wanted.is_said() && !pg::has_citus())
        throw error(sqlstate::contract,
                    wanted.at.text() + ": " + what + " is to be " +
                        (wanted.reference ? "a reference table" : "distributed by " + text::quoted(wanted.by)) +
                        ", and this database has no Citus",
                    "Citus is the extension of PostgreSQL that spreads tables over several servers.",
                    std::string("Install Citus, and CREATE EXTENSION citus;  or remove the key \"") +
                        (wanted.reference ? "reference" : "distributed_by") + "\".");
}

std::string spreading_statement(const project::distribution &wanted, const std::string &schema,
                                const std::string &name) {
    return making(pg::qualified(schema, name), as_asked(wanted), beside_of(wanted));
}

std::string spread_table(const std::string &what, const project::distribution &wanted, const std::string &schema,
                         const std::string &name) {
    check_beside(what, wanted, schema, name);
    try {
        pg::distribute(pg::qualified(schema, name), as_asked(wanted), beside_of(wanted));
    } catch (error &e) {
        // Citus tells the nodes of the schema's owner first, which only a superuser may.
        if (e.sqlstate == "42501" && e.hint.empty())
            e.hint = "If the nodes don't know role " + pg::quote_identifier(pg::role_name(pg::current_role())) +
                     " yet, a superuser tells them by a schema of its own:  CREATE SCHEMA " +
                     pg::quote_identifier(schema) + " AUTHORIZATION " +
                     pg::quote_identifier(pg::role_name(pg::current_role())) +
                     ";  (or of another name). Then run it again.";
        throw;
    }
    return spreading_statement(wanted, schema, name);
}

other_distribution compare_distribution(const project::distribution &wanted, const std::string &schema,
                                        const std::string &name) {
    if (!wanted.is_said())
        return {};
    const std::string table = pg::qualified(schema, name);
    const pg::distribution is = pg::distribution_of(pg::oid_of(table)), asked = as_asked(wanted);
    std::string beside = beside_of(wanted);
    if (!beside.empty() && (!pg::relation_exists(wanted.beside_schema, wanted.beside_relation) ||
                            pg::distribution_of(pg::oid_of(beside)).kind != kinds::by_column))
        beside.clear(); // which is told of that one
    if (is != asked)
        return {clause_of(is), clause_of(asked), changing(table, is, asked, beside)};
    if (beside.empty() || lie_together(table, beside))
        return {};
    return {"it does not lie beside " + beside, "it lies beside that one", changing(table, is, asked, beside)};
}

std::string keep_spread(const std::string &what, const project::distribution &wanted, const std::string &schema,
                        const std::string &name) {
    const other_distribution found = compare_distribution(wanted, schema, name);
    if (!found.any())
        return "";
    const std::string table = pg::qualified(schema, name);
    if (pg::distribution_of(pg::oid_of(table)).is_local() &&
        pg::project_sql("SELECT FROM " + table, {}, 1).processed == 0) {
        pg::claim_relation(schema, name, pg::claim_lock::writes);
        return spread_table(what, wanted, schema, name);
    }
    pg::warning(what + ": table " + table + " is not distributed as the project says",
                "To change it: " + found.sql + "  else change what the project says.",
                "Of the table: " + found.is + ". " + wanted.at.text() + " has it that " + found.wanted + ".");
    return "";
}

namespace {

/// Throws contract, which begins with `lead`, when rows have no value in the column that says where they are.
void refuse_without_value(const std::string &lead, const std::string &table, const std::string &column,
                          const std::string &or_else) {
    const std::int64_t rows = pg::project_sql("SELECT pg_catalog.count(*) FROM " + table + " AS t WHERE t." +
                                              pg::quote_identifier(column) + " IS NULL")
                                  .number(0, 0);
    if (rows > 0)
        throw error(sqlstate::contract,
                    lead + ", and " + std::to_string(rows) + (rows == 1 ? " row has" : " rows have") +
                        " no value there",
                    "The value says at which node a row is. Nothing of it is published.",
                    "Leave such rows out, give them a value" + or_else);
}

} // namespace

void check_spread_column(const std::string &what, const project::distribution &wanted, const std::string &schema,
                         const std::string &table) {
    if (wanted.by.empty())
        return;
    std::vector<std::string> known;
    for (const pg::table_column &c : pg::columns_of(schema, table))
        known.push_back(c.name);
    const std::string lead = wanted.at.text() + ": " + what + " is to be distributed by " + text::quoted(wanted.by);
    if (!text::contains(known, wanted.by)) {
        const std::string near = name::nearest(wanted.by, known);
        throw error(sqlstate::contract, lead + ", and has no such column", "",
                    near.empty() ? "Its columns are " + text::first_of(known, 100) + "."
                                 : "Did you mean " + text::quoted(near) + "?");
    }
    refuse_without_value(lead, pg::qualified(schema, table), wanted.by, ", or distribute the table by another column.");
}

void check_kept_column(const std::string &what, const std::string &schema, const std::string &name,
                       const std::string &built) {
    if (!pg::has_citus() || !pg::relation_exists(schema, name))
        return;
    const std::string table = pg::qualified(schema, name);
    const pg::distribution is = pg::distribution_of(pg::oid_of(table));
    if (is.kind != kinds::by_column)
        return;
    const std::string lead = what + ": table " + table + " is distributed by " + text::quoted(is.column),
                      next = "Keep the column as it is; or take the table back to this server:  SELECT "
                             "undistribute_table(" +
                             pg::quote_literal(table) + ");  run again, and distribute it anew.",
                      old_type = type_of(schema, name, is.column), type = type_of(schema, built, is.column);
    if (type.empty())
        throw error(sqlstate::contract, lead + ", which the new rows lack", "Nothing of it is published.", next);
    if (type != old_type)
        throw error(sqlstate::contract, lead + ", which can't become " + type,
                    "It is of type " + old_type +
                        ", by whose values the rows are at their nodes. Nothing of it is "
                        "published.",
                    next);
    refuse_without_value(lead, pg::qualified(schema, built), is.column, ".");
}

} // namespace barometre::registry
