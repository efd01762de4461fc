#pragma once

#include "tap/ledger.h"

/// The ledger of files that all streams of a tap share: one row a file, whose streams are those of their tables' names.
namespace barometre::tap {

/// What a file holds of one stream.
struct held_stream {
    std::int64_t records = 0;
    std::optional<std::string> reading{};  ///< as in ledger_entry; nothing: it was not loaded into a table
    std::optional<std::int64_t> version{}; ///< the greatest of its records, where those were looked at
    std::optional<std::int64_t> active{};  ///< of its last ACTIVATE_VERSION
};

using held_streams = std::map<std::string, held_stream>; ///< by the names of their tables

/// By the paths of the tap's files.
std::map<std::string, held_streams> read_held_streams(const std::string &tap);

/// What is known of a file when it was looked through.
struct shared_file {
    std::int64_t id = 0;
    held_streams streams;
    std::optional<std::string> state{}; ///< JSON
};

/// Adds to the ledger's rows of these files what they hold.
void record_held_streams(const std::vector<shared_file> &files);
/// Keeps the greatest versions of a stream's records, by the ids of files.
void record_versions(const std::string &stream, const std::map<std::int64_t, std::int64_t> &versions);

/// What one stream makes of the ledger of its tap: the files that hold it.
void take_part(const std::string &stream, const ledger &all, const std::map<std::string, held_streams> &held,
               ledger &out);

} // namespace barometre::tap
