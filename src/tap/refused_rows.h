#pragma once

#include "load/merge.h"
#include "tap/stage.h"

#include <map>

namespace barometre::tap {

/// Rows that the table itself refuses, on their way to the rejects: only their lines are known, and what they held is
/// read again from the files. What is no longer what was loaded gives no evidence, and stops no load.
class refused_rows {
public:
    /// `files`: with the ids of their rows; `read`: as they were read. All but `listed_us` outlive it.
    refused_rows(const std::vector<load::input_file> &files, const staged &read, std::int64_t listed_us,
                 load::reject_log &rejects)
        : files_(files), read_(read), listed_us_(listed_us), rejects_(rejects) {}

    /// One more; throws bad_record when they are too many for a load of so many records.
    void add(std::int64_t file, std::int64_t line, const error &why);
    void finish(); ///< hands over what waits

private:
    using by_line = std::map<std::int64_t, pg::reject *>;
    bool look_up(std::size_t number, const by_line &refused) const;

    const std::vector<load::input_file> &files_;
    const staged &read_;
    std::int64_t listed_us_;
    load::reject_log &rejects_;
    std::vector<pg::reject> waiting_;
};

} // namespace barometre::tap
