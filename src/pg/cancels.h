#pragma once

#include <cstdint>

namespace barometre::pg {

/// Hands the backend's thread the server's check (core/interrupts.h): it throws where a cancel or a termination was
/// asked for.
void hand_out_interrupts();

/// While it lives, a cancel waits: the user's, and one by a timeout. A termination does not. For short work that must
/// be whole.
class held_cancels {
public:
    held_cancels();
    ~held_cancels();
    held_cancels(const held_cancels &) = delete;
    held_cancels &operator=(const held_cancels &) = delete;
};

/// While it lives, what runs in this session is cancelled once that many seconds are over, and again each second after
/// that, should it go on nevertheless. 0: no limit. One at a time.
class time_limit {
public:
    explicit time_limit(std::int64_t seconds);
    ~time_limit();
    time_limit(const time_limit &) = delete;
    time_limit &operator=(const time_limit &) = delete;
    static bool reached(); ///< the time of the one that lives is over

private:
    bool set_ = false;
};

} // namespace barometre::pg
