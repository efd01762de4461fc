#include "pg/time_limit.h"

#include <csignal>

extern "C" {
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timeout.h"
}

namespace barometre::pg {

namespace {

volatile std::sig_atomic_t over = 0;
TimeoutId mine = MAX_TIMEOUTS;

extern "C" void cancel_work() {
    over = 1;
    InterruptPending = true;
    QueryCancelPending = true;
    SetLatch(MyLatch);
}

} // namespace

time_limit::time_limit(std::int64_t seconds) {
    over = 0;
    if (seconds <= 0)
        return;
    const TimestampTz end = GetCurrentTimestamp() + seconds * USECS_PER_SEC;
    call([&] {
        if (mine == MAX_TIMEOUTS)
            mine = RegisterTimeout(USER_TIMEOUT, cancel_work);
        enable_timeout_at(mine, end);
    });
    set_ = true;
}

time_limit::~time_limit() {
    if (set_)
        disable_timeout(mine, false); // raises nothing
}

bool time_limit::reached() { return over != 0; }

} // namespace barometre::pg
