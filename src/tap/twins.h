#pragma once

#include "tap/stage.h"

namespace barometre::tap {

/// A file of the ledger that is gone, and whose content another file has: rows of both would be the same records twice.
struct doubled_file {
    ledger_entry gone;
    std::string twin;
};

/// What the content of the files says of each other, and of those that are gone, now that they were read: whatever
/// they are called, and however they are packed.
struct twins {
    std::vector<std::string> old_paths; ///< of each of staged::files: under which its rows were loaded; empty: its own
    std::vector<doubled_file> doubled;
    std::vector<std::string> sentences; ///< of files with the content of another that is there too
};

twins find_twins(const discovered &found, const staged &read);

/// When files are to be read otherwise than before: throws contract if a file is gone whose rows no other file has,
/// because they can't be read again.
void refuse_gone(const project::stream &stream, const discovered &found, const twins &same);

/// Deletes the rows of the doubled files; gives their number.
std::int64_t delete_doubled(const project::stream &stream, const purpose &why, const twins &same);

} // namespace barometre::tap
