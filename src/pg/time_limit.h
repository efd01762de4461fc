#pragma once

#include "pg/guard.h"

#include <cstdint>

namespace barometre::pg {

/// Cancels what the session is doing when the time is over, across transactions, as long as it lives. There is one at a
/// time in a session.
class time_limit {
public:
    explicit time_limit(std::int64_t seconds); ///< 0: none
    ~time_limit();
    time_limit(const time_limit &) = delete;
    time_limit &operator=(const time_limit &) = delete;
    static bool reached(); ///< the time of the last one was over

private:
    bool set_ = false;
};

} // namespace barometre::pg
