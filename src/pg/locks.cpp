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

} // namespace

std::uint64_t lock_key(const std::string &kind, const std::string &name) {
    const std::string words = "barometre " + kind + " " + name;
    return hash_bytes_extended(reinterpret_cast<const unsigned char *>(words.data()), static_cast<int>(words.size()),
                               0);
}

bool try_lock_name(const std::string &kind, const std::string &name) {
    const Datum key = UInt64GetDatum(lock_key(kind, name));
    return call([&] { return DatumGetBool(DirectFunctionCall1(pg_try_advisory_xact_lock_int8, key)); });
}

void wait_for_name(const std::string &kind, const std::string &name) {
    const Datum key = UInt64GetDatum(lock_key(kind, name));
    call([&] { DirectFunctionCall1(pg_advisory_xact_lock_int8, key); });
}

session_lock::session_lock(const std::string &kind, const std::string &name) : session_lock(lock_key(kind, name)) {}

session_lock::session_lock(std::uint64_t key)
    : first_(static_cast<std::uint32_t>(key >> 32)), second_(static_cast<std::uint32_t>(key)), keys_(1) {}

session_lock::session_lock(std::int32_t first, std::int32_t second)
    : first_(static_cast<std::uint32_t>(first)), second_(static_cast<std::uint32_t>(second)), keys_(2) {}

namespace {

/// The last field says how many keys the lock has, as in the server's own functions.
LOCKTAG tag_of(std::uint32_t first, std::uint32_t second, std::uint16_t keys) {
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, first, second, keys);
    return tag;
}

} // namespace

bool session_lock::held() const {
    const LOCKTAG tag = tag_of(first_, second_, keys_);
    return LockHeldByMe(&tag, ExclusiveLock);
}

bool session_lock::try_take() {
    const LOCKTAG tag = tag_of(first_, second_, keys_);
    if (!held() && !call([&] { return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL; }))
        return false;
    taken.insert(this);
    return true;
}

void session_lock::wait() {
    const LOCKTAG tag = tag_of(first_, second_, keys_);
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
        const LOCKTAG tag = tag_of(first_, second_, keys_);
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

void sleep_ms(long milliseconds) {
    call([&] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

} // namespace barometre::pg
