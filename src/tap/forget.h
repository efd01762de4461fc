#pragma once

#include "core/project/project.h"
#include "run/record.h"

namespace barometre::tap {

/// What becomes of something when a file is forgotten.
struct forgotten_part {
    std::string relation;
    std::int64_t rows = 0;
    std::string note; ///< a clause
};
struct forgetting {
    run::step done;
    std::vector<forgotten_part> parts;
};

/// Takes away what a file brought into the table of a stream, in the current transaction and as the current role: the
/// table is then what all other files give, of which those are read again that have rows of it. Its content is loaded
/// no more before a full refresh. Throws contract, and changes nothing, when one of those can't be read as it was
/// loaded; unknown_name when the stream has not loaded the file. `run`: 0: a trial, which the caller rolls back.
forgetting forget(const project::stream &stream, const std::string &file, std::int64_t run);

/// The streams of a tap that a file was loaded by: all of them, or the one of that name. Throws unknown_name when there
/// is none, and contract where streams share their files.
std::vector<const project::stream *> streams_of_file(const project::project &p, const std::string &tap,
                                                     const std::string &stream, const std::string &file);

} // namespace barometre::tap
