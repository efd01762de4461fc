#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <string>

namespace barometre::pg {

/// Takes an advisory lock on a name until the end of the transaction, or fails
/// with `busy` if barometre.on_overlap is error and another session has it. Takes
/// no snapshot: what the transaction sees may be decided afterwards.
void lock_name(const std::string &kind, const std::string &name);

bool try_lock_name(const std::string &kind,
                   const std::string &name); ///< of the transaction; false: another session has it
void wait_for_name(const std::string &kind, const std::string &name);

/// The key of the advisory lock on a name: hashtextextended('barometre KIND NAME', 0).
std::uint64_t lock_key(const std::string &kind, const std::string &name);

/// An advisory lock of the session, across transactions, until it is let go of or the session ends.
class session_lock {
public:
    session_lock(const std::string &kind, const std::string &name); ///< the same as that of lock_name()
    session_lock(std::int32_t first, std::int32_t second);          ///< that of pg_advisory_lock(first, second)
    ~session_lock() { release(); }
    session_lock(const session_lock &) = delete;
    session_lock &operator=(const session_lock &) = delete;

    bool try_take(); ///< false: another session has it. Does nothing when it is held
    void wait();
    void release() noexcept;
    /// Takes all locks again that were taken and not released, and that SQL let go of (pg_advisory_unlock_all()).
    /// False: another session has one of them now.
    static bool take_again();

private:
    explicit session_lock(std::uint64_t key);
    bool held() const;

    const std::uint32_t first_, second_;
    const std::uint16_t keys_; ///< how many it was given: 1 of 64 bits, or 2
};

/// Locks a table so that nobody else can even read it, if nobody does now.
bool try_exclusive_lock(oid table);

/// Sleeps, but wakes for a cancel.
void sleep_ms(long milliseconds);

} // namespace barometre::pg
