#include "pg/locks.h"
#include "pg/settings.h"

#include <set>

extern "C" {
#include "common/hashfn.h"
#include "storage/latch.h"
#include "utils/wait_event.h"
}

namespace barometre::pg {

namespace {

std::uint64_t key_of(const std::string &kind, const std::string &name) {
    const std::string words = "barometre " + kind + " " + name;
    return hash_bytes_extended(reinterpret_cast<const unsigned char *>(words.data()), static_cast<int>(words.size()), 0);
}

std::set<session_lock *> taken;

} // namespace

bool try_lock_name(const std::string &kind, const std::string &name) {
    const Datum key = UInt64GetDatum(key_of(kind, name));
    return call([&] { return DatumGetBool(DirectFunctionCall1(pg_try_advisory_xact_lock_int8, key)); });
}

void wait_for_name(const std::string &kind, const std::string &name) {
    const Datum key = UInt64GetDatum(key_of(kind, name));
    call([&] { DirectFunctionCall1(pg_advisory_xact_lock_int8, key); });
}

// The last field of a tag says how many keys the lock has, as in the server's own functions.
session_lock::session_lock(const std::string &kind, const std::string &name) {
    const std::uint64_t key = key_of(kind, name);
    SET_LOCKTAG_ADVISORY(tag_, MyDatabaseId, static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key), 1);
}

session_lock::session_lock(std::int32_t first, std::int32_t second) {
    SET_LOCKTAG_ADVISORY(tag_, MyDatabaseId, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(second), 2);
}

bool session_lock::held() const { return LockHeldByMe(&tag_, ExclusiveLock); }

bool session_lock::try_take() {
    if (!held() && !call([&] { return LockAcquire(&tag_, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL; }))
        return false;
    taken.insert(this);
    return true;
}

void session_lock::wait() {
    if (!held())
        call([&] { LockAcquire(&tag_, ExclusiveLock, true, false); });
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
        if (held())
            call([&] { LockRelease(&tag_, ExclusiveLock, true); });
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

bool try_exclusive_lock(Oid table) {
    return call([&] { return ConditionalLockRelationOid(table, AccessExclusiveLock); });
}

void sleep_ms(long milliseconds) {
    call([&] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

} // namespace barometre::pg
