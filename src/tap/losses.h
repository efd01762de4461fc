#pragma once

#include "tap/twins.h"

namespace barometre::tap {

/// Throws contract when so many rows of the stream's table are more than its max_deletes lets go: what would take them
/// away, why, and what else can be done, as clauses.
void check_deletes(const project::stream &stream, std::int64_t rows, const std::string &what, const std::string &why,
                   const std::string &detail, const std::string &instead);

/// Deletes rows of the stream's table, ` FROM ... WHERE ...`; gives how many. Throws contract when others refer to
/// them: which rows they are, and what else can be done, as clauses.
std::int64_t delete_rows_of(const project::stream &stream, const std::string &rows, const std::string &which,
                            const std::string &instead);

/// What a full refresh takes away because files of the ledger are read no more: says how many of their rows go, and
/// throws contract when they are more than the stream's max_deletes. The columns of the table are as they are to be.
void refuse_losses(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                   const twins &same);

} // namespace barometre::tap
