#pragma once

#include "load/merge.h"
#include "pg/row_place.h"

namespace barometre::load {

/// What is known of the rows that are merged by key, and wanted.
struct merge_order {
    std::int64_t staged; ///< rows of the staging table
    bool distinct_keys;  ///< known: no key is there twice
    bool keep_absent;    ///< false: rows whose key is not in the staging table are deleted
    /// Of each staged row, in their order, where the target's one with its key may be; or none.
    const std::vector<pg::row_place> *places = nullptr;
};

/// How many rows of `target` have a key that no row of `source` has, of those of the files with these ids.
std::int64_t count_absent(const std::string &target, const std::string &source, const std::vector<std::string> &columns,
                          const std::vector<std::string> &types, const std::vector<std::string> &key,
                          const std::vector<std::string> &file_ids);

/// Upserts the newest record of each key of `staging` (by _baro_seq) into `target`; the older ones are deleted from
/// `staging`. Rows whose columns are equal are neither written nor locked.
merge_counts merge_by_key(const std::string &target, const std::string &staging,
                          const std::vector<std::string> &columns, const std::vector<std::string> &types,
                          const std::vector<std::string> &key, const merge_order &order, const refuse_row &refuse);

} // namespace barometre::load
