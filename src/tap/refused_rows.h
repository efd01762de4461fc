#pragma once

#include "load/merge.h"
#include "load/record_input.h"
#include "tap/stage.h"

#include <map>
#include <optional>

namespace barometre::tap {

/// Rows that the table itself refuses, on their way to the rejects: only their lines are known, and what they held is
/// read again from the files. They come in the order in which they were read, so that each file is read once more at
/// most. What is no longer what was loaded gives no evidence, and stops no load.
class refused_rows {
public:
    /// `files`: with the ids of their rows; `read`: as they were read. All but `listed_us` outlive it.
    refused_rows(const std::vector<load::input_file> &files, const staged &read, std::int64_t listed_us,
                 load::reject_log &rejects);
    ~refused_rows(); ///< what was not made sure of is no evidence

    /// One more; throws bad_record when they are too many for a load of so many records.
    void add(std::int64_t file, std::int64_t line, const error &why);
    void finish(); ///< hands over what waits, and makes sure of it

private:
    void hand_over();
    void begin_file(std::size_t number);
    void go_to(std::int64_t line);
    void find(pg::reject &refused);
    void end_file();
    bool is_as_loaded();
    void withdraw(bool is_stored);

    const std::vector<load::input_file> &files_;
    const staged &read_;
    std::int64_t listed_us_;
    load::reject_log &rejects_;
    std::map<std::int64_t, std::size_t> numbers_; ///< of the files, by their ids
    std::vector<pg::reject> waiting_;

    // Of the file that they are found in just now:
    std::optional<std::size_t> number_;
    std::unique_ptr<load::record_input> reading_; ///< none: it gives no evidence
    std::int64_t line_ = 0;                       ///< where the record begins that it stands at
    bool at_end_ = false;
    std::optional<pg::reject> only_; ///< the record that begins in the line sought last, if no other one does
    std::int64_t sought_line_ = 0;
    std::vector<std::int64_t> found_; ///< lines of those that were found
    std::int64_t sought_ = 0;
};

} // namespace barometre::tap
