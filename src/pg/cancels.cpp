#include "pg/cancels.h"
#include "core/interrupts.h"
#include "pg/guard.h"

#include <csignal>

extern "C" {
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timeout.h"
}

namespace barometre::pg {

void hand_out_interrupts() {
    interrupts.ask = [](void *) {
        if (INTERRUPTS_PENDING_CONDITION())
            call([] { CHECK_FOR_INTERRUPTS(); });
    };
}

// What HOLD_CANCEL_INTERRUPTS and RESUME_CANCEL_INTERRUPTS do, in words that C++ accepts.
held_cancels::held_cancels() { QueryCancelHoldoffCount = QueryCancelHoldoffCount + 1; }

held_cancels::~held_cancels() {
    if (QueryCancelHoldoffCount > 0) // the server's error handling sets it to 0
        QueryCancelHoldoffCount = QueryCancelHoldoffCount - 1;
}

namespace {

volatile std::sig_atomic_t over = 0;
TimeoutId mine = MAX_TIMEOUTS;
constexpr int again_ms = 1000;

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
        enable_timeout_every(mine, end, again_ms);
    });
    set_ = true;
}

time_limit::~time_limit() {
    if (!set_)
        return;
    disable_timeout(mine, false); // raises nothing
    if (over)
        QueryCancelPending = false; // what it stopped has stopped
    over = 0;
}

bool time_limit::reached() { return over != 0; }

} // namespace barometre::pg
