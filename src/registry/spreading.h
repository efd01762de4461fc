#pragma once

#include "core/project/distribution.h"

#include <string>

/// Tables that the project spreads over the nodes of a cluster. `what`: the node in messages: stream "t.s".
namespace barometre::registry {

/// Throws contract where the project spreads a table and the database has no Citus, or what it says is wrong.
void check_distribution(const std::string &what, const project::distribution &wanted);

/// The statement that spreads a table of this server as the project says.
std::string spreading_statement(const project::distribution &wanted, const std::string &schema,
                                const std::string &name);

/// Spreads an empty table of this server as the project says, and gives that statement. Throws contract
/// when what it is to lie beside is not there, or is not spread alike.
std::string spread_table(const std::string &what, const project::distribution &wanted, const std::string &schema,
                         const std::string &name);

/// How a table is spread otherwise than the project says.
struct other_distribution {
    std::string is, wanted; ///< as clauses; empty: there is no difference
    std::string sql;        ///< what changes the table
    bool any() const { return !is.empty(); }
};
other_distribution compare_distribution(const project::distribution &wanted, const std::string &schema,
                                        const std::string &name);

/// Spreads a table that is there if it has no row and lies at this server, and gives the statement; of another that is
/// spread otherwise than the project says a WARNING tells, and it stays as it is.
std::string keep_spread(const std::string &what, const project::distribution &wanted, const std::string &schema,
                        const std::string &name);

/// Throws contract when a table lacks the column by which it is to be distributed, or has rows
/// without a value there. `table`: the rows, which need not be where they are to be published.
void check_spread_column(const std::string &what, const project::distribution &wanted, const std::string &schema,
                         const std::string &table);

/// Throws contract when the rows of `built` can't go to a table that is distributed by a column, whoever did that: they
/// lack the column, have it in another type, or without a value.
void check_kept_column(const std::string &what, const std::string &schema, const std::string &name,
                       const std::string &built);

} // namespace barometre::registry
