#pragma once

#include "core/schedule/cron_expression.h"
#include "core/schedule/local_time.h"

namespace barometre::schedule {

/// When a job is due: a cron expression by the clock of a place. Instants are seconds since 1970 UTC, of which
/// only whole minutes count.
///
/// Where the clock changes, it is as in Vixie's cron. A job with fixed hours is due once for each time that it
/// names: when that time comes twice, the first time; when it is left out, as long after the change as it lies
/// behind it, so that 02:30 becomes 03:30. A job whose hour begins with * is due whenever the clock shows its time.
class timetable {
public:
    timetable(cron_expression when, offset_at offset) : when_(std::move(when)), clock_(std::move(offset)) {}

    bool is_due(std::int64_t utc) const;
    /// The first due minute after `utc`; nothing if there is no such day, as 30 February.
    std::optional<std::int64_t> next_due(std::int64_t utc) const;
    /// The last due minute that is not after `utc`, and not before `not_before`.
    std::optional<std::int64_t> latest_due(std::int64_t utc, std::int64_t not_before) const;

    /// The expression by which a cron that knows only GMT (pg_cron 1.4) wakes the job up: each minute that is due
    /// in the 400 days after `from` is one of its minutes. It has others where the clock changes or where days
    /// begin at another time, so the job asks is_due() when it is called. As written where the clock is always GMT.
    std::string gmt_expression(std::int64_t from) const;

private:
    std::vector<std::int64_t> due_on(std::chrono::sys_days local_day) const;

    cron_expression when_;
    local_time clock_;
};

} // namespace barometre::schedule
