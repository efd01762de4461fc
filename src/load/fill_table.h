#pragma once

#include "load/found_types.h"
#include "load/input_file.h"
#include "load/rejects.h"
#include "pg/row_place.h"

namespace barometre::load {

/// What filling a table did.
struct filled {
    std::vector<file_content> files;   ///< one for each input
    bool distinct_keys = false;        ///< known: no key was there twice
    std::int64_t inserted = 0;         ///< rows, with those that are left out
    std::int64_t left_out = 0;         ///< rows that the table has already
    std::int64_t superseded = 0;       ///< of them those whose key came again
    std::vector<pg::row_place> places; ///< bulk_insert::places()
    bool has_key = false;              ///< bulk_insert::has_key()
    bool stopped = false;              ///< too many rejects: the rest was not read
    /// A value did not fit the type found so far, or a record had a field that was not planned: fill again, with what
    /// was found now.
    bool wider = false;
    /// Keys did not ascend after all, and it is not known how many rows were superseded: fill again, without expecting
    /// it.
    bool lost = false;
    /// Files that could not be read to their ends, and why, where that does not end the reading.
    std::vector<std::pair<std::string, error>> unreadable;
};

/// Fills a table that this transaction made with the records of the files, in
/// order: a reader thread reads, splits and packs, the backend inserts.
/// `columns` have their types. `found`: those that were found on a part of the
/// files. When a later value does not fit, the rest of the files is only looked
/// at, so that `found` then holds what a full scan would have found.
/// `target`, if any: the table of the same schema that the rows will be merged into by key. Rows that it
/// holds already are left out where that is cheap to see. `ascends`: an integer key is expected to ascend in all files
/// if it does in the first records.
/// `past_unreadable`: a file that can't be read to its end keeps none of those after it from being read.
filled fill_table(const std::string &schema, const std::string &table, const std::vector<planned_column> &columns,
                  const std::vector<input_file> &inputs, found_types *found, reject_log &rejects,
                  const std::string &target = {}, bool ascends = true, bool past_unreadable = false);

} // namespace barometre::load
