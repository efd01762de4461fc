#include "pg/locks.h"
#include "pg/guard.h"
#include "pg/settings.h"

#include <set>

extern "C" {
#include "common/hashfn.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "utils/wait_event.h"
}

namespace barometre::pg {

namespace {

std::set<session_lock *> taken;

/// The last field of an advisory lock's tag (pg_locks.objsubid). The server's own functions make 1 and 2 of it, and
/// Citus 4 to 20. The second one stands in barometre_internal.run_alive, too.
constexpr std::uint16_t of_names = 1650, of_runs = 1651;

LOCKTAG tag_of(std::uint64_t key, std::uint16_t kind) {
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key),
                         kind);
    return tag;
}

/// Until the end of the transaction. False: another session has it, and `wait` is not set.
bool lock(const LOCKTAG &tag, bool wait) {
    return call([&] { return LockAcquire(&tag, ExclusiveLock, false, !wait) != LOCKACQUIRE_NOT_AVAIL; });
}

} // namespace

std::uint64_t lock_key(const std::string &kind, const std::string &name) {
    const std::string words = "barometre " + kind + " " + name;
    return hash_bytes_extended(reinterpret_cast<const unsigned char *>(words.data()), static_cast<int>(words.size()),
                               0);
}

bool try_lock_name(const std::string &kind, const std::string &name) {
    return lock(tag_of(lock_key(kind, name), of_names), false);
}

void wait_for_name(const std::string &kind, const std::string &name) {
    lock(tag_of(lock_key(kind, name), of_names), true);
}

void lock_run(std::int64_t id) { lock(tag_of(static_cast<std::uint64_t>(id), of_runs), true); }

bool keep_run(std::int64_t id) noexcept {
    try {
        const LOCKTAG tag = tag_of(static_cast<std::uint64_t>(id), of_runs);
        return call([&] { return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL; });
    } catch (...) {
        return false;
    }
}

void let_run_go(std::int64_t id) noexcept {
    try {
        const LOCKTAG tag = tag_of(static_cast<std::uint64_t>(id), of_runs);
        if (compat::holds(tag, ExclusiveLock)) // else SQL let go of it (pg_advisory_unlock_all())
            call([&] { LockRelease(&tag, ExclusiveLock, true); });
    } catch (...) { // it ends with the session
    }
}

void attend_run(std::int64_t id) {
    const LOCKTAG tag = tag_of(static_cast<std::uint64_t>(id), of_runs);
    (void)LockAcquire(&tag, AccessShareLock, true, false);
}

session_lock::session_lock(const std::string &kind, const std::string &name)
    : key_(lock_key(kind, name)), kind_(of_names) {}

session_lock::session_lock(std::int64_t run) : key_(static_cast<std::uint64_t>(run)), kind_(of_runs) {}

bool session_lock::held() const {
    const LOCKTAG tag = tag_of(key_, kind_);
    return compat::holds(tag, ExclusiveLock);
}

bool session_lock::try_take() {
    const LOCKTAG tag = tag_of(key_, kind_);
    if (!held() && !call([&] { return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL; }))
        return false;
    taken.insert(this);
    return true;
}

void session_lock::wait() {
    const LOCKTAG tag = tag_of(key_, kind_);
    if (!held())
        call([&] { LockAcquire(&tag, ExclusiveLock, true, false); });
    taken.insert(this);
}

bool session_lock::take_again() {
    bool all = true;
    for (session_lock *lock : std::set(taken))
        all &= lock->try_take();
    return all;
}

void session_lock::release() noexcept {
    try {
        taken.erase(this);
        const LOCKTAG tag = tag_of(key_, kind_);
        if (held())
            call([&] { LockRelease(&tag, ExclusiveLock, true); });
    } catch (...) { // it ends with the session
    }
}

void lock_name(const std::string &kind, const std::string &name) {
    if (wait_on_overlap())
        wait_for_name(kind, name);
    else if (!try_lock_name(kind, name))
        throw error(sqlstate::busy, kind + " \"" + name + "\" is being run by another session", "",
                    "Wait for it to end, or SET barometre.on_overlap = 'wait' to wait in the queue.");
}

bool try_exclusive_lock(oid table) {
    return call([&] { return ConditionalLockRelationOid(table, AccessExclusiveLock); });
}

bool try_write_lock(oid table) {
    return call([&] { return ConditionalLockRelationOid(table, ShareRowExclusiveLock); });
}

bool try_maintenance_lock(oid table) {
    return call([&] { return ConditionalLockRelationOid(table, ShareUpdateExclusiveLock); });
}

void lock_against_writes(oid table) {
    call([&] { LockRelationOid(table, ShareLock); });
}

void sleep_ms(long milliseconds) {
    call([&] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

} // namespace barometre::pg
