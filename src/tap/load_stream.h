#pragma once

#include "core/project/project.h"
#include "run/record.h"

namespace barometre::tap {

/// Loads the new and changed files of one stream into its table, in the current
/// transaction and as the current role (the owner of the project): rows, ledger
/// and bookmark commit together or not at all. See doc/taps.md for what happens
/// to a file that is touched, renamed, late, or gone.
run::step load_stream(const project::stream &stream, bool full_refresh, run::record &memory);

} // namespace barometre::tap
