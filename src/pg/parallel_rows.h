#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <string>
#include <vector>

/// Queries that the server's own parallel workers run at the same time, each a whole one: they share the transaction,
/// its snapshot, its settings and the role, so that they see what it made and nobody else can see yet.
namespace barometre::pg {

/// What the planner expects of a query that a worker may run, and that is worth one; 0: it stays in the session. So
/// does what may not run in a worker (a function that isn't PARALLEL SAFE, a temporary or foreign table), what
/// takes no longer than to start one, what gives so many rows for its work that handing them over costs as much, and
/// what the server itself divides among workers.
double work_for_a_worker(const std::string &query);

/// A query, and the table that its rows go into.
struct rows_to_make {
    std::string query;
    oid table = no_oid;
    std::int64_t rows = 0; ///< how many there were
    double seconds = 0;    ///< what the worker took
};

/// Fills tables that this transaction made, that are plain and have the columns of their queries, with the rows of
/// these, by so many workers at once, which begin with the first ones. False: no worker was free, and nothing was done.
/// An error of a worker is thrown; so is one where a query says something (NOTICE, WARNING), which nobody is told: the
/// tables are half filled then, and the caller undoes what it did.
bool fill_at_once(std::vector<rows_to_make> &all, int workers);

/// A worker's life; the server calls it by barometre_parallel_rows(dsm_segment *, shm_toc *).
void work_in_parallel(void *segment, void *contents);

} // namespace barometre::pg
