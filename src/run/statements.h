#pragma once

/// The constant SQL that writes down runs and tells of them.
namespace barometre::run {

/// Writes a run, its steps, test results and rejects; $1 is the JSON text that record makes. In the caller's
/// transaction, or in a worker's when that is lost. It tells those who LISTEN, and gives in its first row and column
/// what the server's log is to be told, or NULL.
extern const char *const write_run_statement;

/// What write_run_statement is given by a worker: $1 is the JSON text, and $2 whether the session ended (else its
/// transaction was rolled back). No row: there is nothing to write into.
extern const char *const finish_run_statement;

/// Runs that are marked as running, but whose lock nobody holds, become interrupted; it tells and gives the same, a
/// row a run. $1 is the numbers of runs that this session itself is at.
extern const char *const interrupt_runs_statement;

} // namespace barometre::run
