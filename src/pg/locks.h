#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <string>

namespace barometre::pg {

/// Locks a name until the end of the transaction, or fails with `busy` if barometre.on_overlap is error and another
/// session has it. Takes no snapshot: what the transaction sees may be decided afterwards. No SQL function takes a lock
/// of this kind, so that nobody who may only connect can stand in the way.
void lock_name(const std::string &kind, const std::string &name);

bool try_lock_name(const std::string &kind,
                   const std::string &name); ///< of the transaction; false: another session has it
void wait_for_name(const std::string &kind, const std::string &name);

/// hashtextextended('barometre KIND NAME', 0)
std::uint64_t lock_key(const std::string &kind, const std::string &name);

/// Says until the end of the transaction that a run is alive: barometre_internal.run_alive shows it.
void lock_run(std::int64_t id);
/// The same beyond the transaction that did so, until let_run_go() or the session's end: waits for nothing. False: it
/// could not.
bool keep_run(std::int64_t id) noexcept;
void let_run_go(std::int64_t id) noexcept;
/// The same by another process, beside the session whose run it is, until it ends. Raises the server's errors.
void attend_run(std::int64_t id);

/// A lock of the session, across transactions, until it is let go of or the session ends.
class session_lock {
public:
    session_lock(const std::string &kind, const std::string &name); ///< the same as that of lock_name()
    explicit session_lock(std::int64_t run);                        ///< the same as that of lock_run()
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
    bool held() const;

    const std::uint64_t key_;
    const std::uint16_t kind_;
};

/// Locks a table so that nobody else can even read it, if nobody does now.
bool try_exclusive_lock(oid table);

/// Locks a table so that nobody else can write into it, vacuum or change it, if nobody does now. Readers go on.
bool try_write_lock(oid table);

/// Locks a table as ANALYZE does, if nobody maintains it now. Readers and writers go on.
bool try_maintenance_lock(oid table);

/// Waits until nobody writes into a table, and lets nobody write until the transaction ends. Takes no snapshot.
void lock_against_writes(oid table);

/// Sleeps, but wakes for a cancel.
void sleep_ms(long milliseconds);

} // namespace barometre::pg
