#pragma once

#include "pg/guard.h"

#include <cstdint>

/// Writes that outlive the rollback of the transaction that asks for them. They
/// are made by a background worker, with one constant statement and a JSON
/// parameter (see run_json in job/run.h), and nobody waits for it: a worker that
/// had to wait for the caller's locks would otherwise wait for ever.
namespace barometre::pg::autonomous {

/// Has a worker write `json` now, on its own. Gives false when there is no free
/// worker.
bool write(const std::string &json);

/// Keeps `json` in shared memory until the current (sub)transaction ends: a
/// commit forgets it, an abort, also that of a session which is terminated, has
/// it written. The same `id` again replaces the text.
void on_abort(std::int64_t id, const std::string &json);

/// The statement that the worker runs; $1 is the JSON text. Also used in the
/// caller's own transaction when the work succeeds. It tells those who LISTEN, and gives
/// in its first row and column what the server's log is to be told, or NULL.
extern const char *const write_run_statement;

/// Runs that are marked as running, but whose lock nobody holds, become interrupted; it tells and gives the same, a
/// row a run. $1 is the first key of the locks, $2 the numbers of runs that this session itself is at.
extern const char *const interrupt_runs_statement;

} // namespace barometre::pg::autonomous
