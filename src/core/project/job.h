#pragma once

#include "core/project/findings.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace barometre::project {

enum class step_kind { run, seed, transform, test, sql };

/// What a job does, one after the other.
struct job_step {
    step_kind kind;
    std::string tap;                ///< of run; empty: all
    std::vector<std::string> names; ///< streams of `tap`, or seeds; empty: all
    std::string selection, exclude; ///< of transform and test
    bool full_refresh = false;      ///< of run and transform
    bool skips_failures = false;    ///< of run and transform: on_failure: skip
    std::string sql;
    place at;
};

/// The page that a job writes at its end, whatever became of it.
struct job_page {
    std::string file;         ///< below barometre.page_directory
    std::string lang = "en";  ///< or fr
    std::string audience;     ///< the role that may see what it shows; empty: as baro_page() chooses
    std::string text() const; ///< a JSON object
};

struct job {
    std::string name;
    std::string description;
    std::string interval; ///< as written, for schedule::parse_interval; empty: by hand only
    std::string timezone; ///< the project's unless it has its own; known to no server yet
    bool enabled = true;
    std::optional<std::chrono::year_month_day> start_date; ///< not called before that day begins in `timezone`
    std::string after;                                     ///< the job that it waits for; or empty
    bool skips_failures = false;                           ///< on_failure: skip
    int retries = 0;
    std::int64_t retry_delay = 60; ///< seconds
    std::int64_t timeout = 0;      ///< seconds; 0: none
    std::string on_failure_sql;
    std::vector<job_step> steps; ///< at least one
    std::optional<job_page> page;
    place at, timezone_at;

    bool by_hand() const { return interval.empty() || interval == "@once"; }
    std::string definition() const; ///< a JSON object with all keys that are in effect
};

} // namespace barometre::project
