#pragma once

namespace barometre::run {

/// Removes runs that are older than barometre.keep_runs, with their steps, test results and rejects: at most once an
/// hour, some hundreds of them, waiting for nobody. Call it as the extension's owner, at the end of a transaction that
/// went well; it never fails but for a cancel.
void prune_runs();

} // namespace barometre::run
