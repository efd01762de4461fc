#pragma once

#include "core/project/project.h"
#include "load/rejects.h"

namespace barometre::tap {

class skipping;

/// What the files of a stream are read for: to be loaded (by a run), to see what a load would do, or to see records.
struct purpose {
    std::int64_t run =
        0; ///< that keeps what is loaded; 0: a trial, which is rolled back, says nothing, and may reject all records
    bool full_refresh = false;
    std::int64_t most_records = 0; ///< to be shown, of one file, and not to be moved; 0: a load or its trial

    /// What is left out instead of stopping the load; none: nothing may be.
    skipping *skips = nullptr;
    bool is_attempt = false; ///< to load some of the files alone: it is rolled back, and says nothing

    bool is_trial() const { return run == 0; }
    bool is_silent() const { return is_trial() || is_attempt; }
    bool only_shows() const { return most_records > 0; }
    void tell(const std::string &sentence) const; ///< a NOTICE, unless it is silent
};

/// For the records that can't be loaded, with as many as may be.
load::reject_log rejects_for(const project::stream &stream, const purpose &why);

} // namespace barometre::tap
