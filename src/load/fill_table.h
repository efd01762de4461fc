#pragma once

#include "load/rejects.h"

namespace barometre::load {

/// One file to read into a table.
struct file_job {
    pg::data_file file;
    csv_format format;                ///< settled
    std::int64_t id = 0;              ///< for _baro_file
    std::size_t fields = 0;           ///< that its header has; 0: an empty file
    std::vector<std::size_t> sources{}; ///< for each column of the table, the number of its field, or pg::no_field
    std::optional<csv::prefix> prefix{}; ///< what was loaded before
    std::int64_t most = 0;              ///< records to read; 0: all
};

/// What reading one file gave.
struct file_load {
    std::int64_t records = 0, bytes = 0; ///< records: with the rejected ones
    std::int64_t blank = 0;              ///< lines that were passed over
    csv::content_hash hash{};
};

struct filled {
    std::vector<file_load> files; ///< one a job
    bool distinct_keys = false;   ///< known: no key was there twice
    std::int64_t inserted = 0;    ///< rows, with those that are left out
    std::int64_t left_out = 0;    ///< rows that the table has already
    bool stopped = false;         ///< too many rejects: the rest was not read
    bool wider = false;           ///< a value did not fit the type found so far: fill again, with what was found now
};

/// Fills a table that this transaction made with the records of the files, in
/// order: a reader thread reads, splits and packs, the backend inserts.
/// `columns` have their types. `found`: those that were found on a part of the
/// files. When a later value does not fit, the rest of the files is only looked
/// at, so that `found` then holds what a full scan would have found.
/// `target`, if any: the table of the same schema that the rows will be merged into by key. Rows that it
/// holds already are left out where that is cheap to see: when the key is an integer that ascends in the files.
filled fill_table(const std::string &schema, const std::string &table, const std::vector<planned_column> &columns,
                  const std::vector<file_job> &jobs, found_types *found, reject_log &rejects, const std::string &target = {});

} // namespace barometre::load
