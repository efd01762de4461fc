#pragma once

#include "load/csv_format.h"
#include "load/input_file.h"
#include "load/merge.h"
#include "load/rejects.h"

namespace barometre::tap {

/// Rows that the table itself refuses, on their way to the rejects: only their lines are known, and what they held is
/// read again from the files.
class refused_rows {
public:
    /// All three outlive it. The files have the ids of their rows.
    refused_rows(const std::vector<load::input_file> &files, std::int64_t records, load::reject_log &rejects)
        : files_(files), records_(records), rejects_(rejects) {}

    /// One more; throws bad_record when they are too many for a load of so many records.
    void add(std::int64_t file, std::int64_t line, const error &why);
    void finish(); ///< hands over what waits

private:
    const std::vector<load::input_file> &files_;
    std::int64_t records_;
    load::reject_log &rejects_;
    std::vector<pg::reject> waiting_;
};

} // namespace barometre::tap
