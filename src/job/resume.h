#pragma once

#include "core/project/project.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Going on with a run of a job that failed.
namespace barometre::job {

/// What a job that goes on with an earlier run takes from that.
struct earlier_run {
    std::int64_t id = 0;
    std::optional<std::int64_t> slot; ///< the time that it was scheduled for
    std::vector<std::string> done; ///< of each step of the job: which run did it, as a clause; empty: it is to be done
    std::string sentence() const;  ///< with which run it goes on, and where
};

/// The steps of a job as JSON, as its runs remember them.
std::string steps_json(const project::job &j);

/// The last run of a job, which failed, was interrupted, or was skipped because of the job before it. What was done
/// before the first step that did not succeed is done; after it nothing but SQL that succeeded, which may have done
/// what must not be done twice. Throws when there is no such run, and when its steps were others than those of the job.
earlier_run find_failed_run(const project::job &j);

/// Throws if the steps of the job are others by now.
void refuse_changed_steps(const project::job &j, std::int64_t run);

} // namespace barometre::job
