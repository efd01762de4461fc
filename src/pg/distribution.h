#pragma once

#include "pg/oid.h"
#include "pg/spi.h"

#include <string>

/// Tables that Citus spreads over the nodes of a cluster. The server is asked by name: where it has no Citus, no table
/// is distributed.
namespace barometre::pg {

/// Where the rows of a table are.
struct distribution {
    enum class kinds {
        local,     ///< at this server, in its own heap or partitions
        by_column, ///< in shards, by the value of a column
        reference, ///< whole, at every node
        other      ///< spread in another way, as the tables of a distributed schema are
    };
    kinds kind = kinds::local;
    std::string column; ///< of `by_column`
    bool operator==(const distribution &) const = default;
    bool is_local() const { return kind == kinds::local; }
};

/// Whether this database has Citus, which is loaded.
bool has_citus();

/// Throws where this server is no coordinator: what was loaded is remembered there alone, and would be loaded again.
void check_coordinator();

/// Has the other nodes, for the rest of the transaction, read and write dates and times as this session does now: what
/// they do of a query would give other values else. Takes no snapshot where there is none.
void tell_nodes_settings();

/// Runs a statement as the project's, which makes what goes before the transaction ends: no other node is told of it.
result project_sql_here(const std::string &statement);

distribution distribution_of(oid table);

/// Spreads an empty table. `beside`: a table that is distributed by a column of the same type, in whose shards equal
/// values shall be; empty: one that the server chooses by the type. The table has to be `local`.
void distribute(const std::string &table, const distribution &as, const std::string &beside = {});

/// Makes a private table of what a query gives. Where `target` is spread, so is the table, which has the column by
/// which that is: what joins both stays at their nodes, and may change `target`.
void make_like(const std::string &target, const std::string &table, const std::string &query);

/// Whether Citus has a way to run a query, which is not run: tables that are spread differently may not be joined.
bool can_run(const std::string &query);

/// Takes the statistics of a private table, of some columns or all. One of which this server has shards itself goes
/// without: once a transaction read one of those here, Citus refuses ANALYZE.
void analyze(const std::string &table, const std::string &columns = {});

/// A private table with the same rows that is spread like `target`, made now; where that is local, `rows` itself.
std::string spread_copy(const std::string &target, const std::string &rows);

} // namespace barometre::pg
