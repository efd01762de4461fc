#pragma once

/// The constant SQL that writes down runs and tells of them.
namespace barometre::run {

/// Writes a run, its steps, test results and rejects; $1 is the JSON text that record makes. In the caller's
/// transaction, or in a worker's when that is lost. It tells those who LISTEN, and gives in its first row and column
/// what the server's log is to be told, or NULL.
extern const char *const write_run_statement;

/// Tells those who LISTEN which data a run that has succeeded leaves older than the project lets them be: $1 to $3 are
/// its number, kind and name, $4 a JSON array of what it looked at: kind ("stream" or "source") and name.
extern const char *const tell_late_statement;

/// Writes a run that has just begun, which takes less; $1 as that of write_run_statement.
extern const char *const begin_run_statement;

/// What write_run_statement is given by others than the run's transaction: $1 is the JSON text, $2 whether the session
/// ended (else its transaction was rolled back), $3 when; NULL: now. No row: there is nothing to write into.
extern const char *const finish_run_statement;

/// Runs that are marked as running, but whose lock nobody holds, become interrupted; it tells and gives the same, a
/// row a run. $1 is the JSON text of a run that begins, with the numbers of those that its session is at.
extern const char *const interrupt_runs_statement;
extern const char *const find_gone_runs_statement; ///< whether there are such runs

} // namespace barometre::run
