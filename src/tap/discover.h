#pragma once

#include "core/csv/content.h"
#include "tap/ledger.h"
#include "tap/purpose.h"

namespace barometre::tap {

/// What is to be done with one file.
enum class file_action { unchanged, touched, renamed, parse };
struct file_plan {
    pg::data_file file;
    file_action action = file_action::parse;
    std::int64_t id = 0;               ///< 0: not in the ledger
    std::string old_path;              ///< renamed
    std::string hash;                  ///< if it was computed
    std::optional<csv::prefix> prefix; ///< the file only grew: what follows is to be parsed
    std::int64_t records = 0;          ///< that the prefix has
    std::string twin;                  ///< another file of the stream with the same content
};

/// The first value of a load: its files, and what the ledger says of them.
struct discovered {
    bool table_exists = false; ///< that of the stream
    ledger known;
    std::vector<file_plan> files; ///< oldest first

    std::vector<const file_plan *> to_parse() const; ///< oldest first
};

std::string hash_of_file(const pg::data_file &file); ///< of its content, as the ledger has it

/// Lists the files of a stream and compares them with the ledger. Without the stream's table, and for a full refresh,
/// all of them are to be parsed. Throws bad_file; contract when a full refresh would lose the rows of a file that is
/// too young.
discovered discover(const project::stream &stream, const purpose &why);

} // namespace barometre::tap
