#pragma once

#include "load/insert_wanted.h"

namespace barometre::load {

/// What merging rows into a table did to it.
struct merge_counts {
    std::int64_t inserted = 0, updated = 0, unchanged = 0, deleted = 0, superseded = 0;
};

/// Makes the rows of `target` those of `source`, as multisets: what is not in
/// `source` is deleted, what is new is inserted, and the rest is not touched.
/// `compared` are the columns that make two rows equal, `written` those that are
/// inserted as well; `scope` (an SQL condition, or empty for all) says which rows
/// of `target` are meant. Rows are compared by their text, so that types without
/// equality work and nothing that would read differently counts as equal.
/// Rows that the table refuses are left out; `source` has the lineage columns.
merge_counts merge_by_content(const std::string &target, const std::string &source,
                              const std::vector<std::string> &compared, const std::vector<std::string> &written,
                              const std::string &scope, const refuse_row &refuse);

/// The same for a table whose rows have no place in a heap of their own: those that are meant are copied, and what goes
/// of them is deleted by what it holds.
merge_counts merge_by_copy(const std::string &target, const std::string &source,
                           const std::vector<std::string> &compared, const std::vector<std::string> &written,
                           const std::string &scope, const refuse_row &refuse);

/// Deletes all but the last record of each key, by `order` (a column); gives how many.
std::int64_t delete_superseded(const std::string &table, const std::vector<std::string> &key, const std::string &order);

/// Takes out of `table`, which has the lineage columns, the rows whose key no index has room for; gives how many.
/// `scratch`: a free name for a table.
std::int64_t take_out_refused(const std::string &table, const std::vector<std::string> &key, const std::string &scratch,
                              const refuse_row &refuse);

} // namespace barometre::load
