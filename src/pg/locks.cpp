#include "pg/locks.h"
#include "pg/settings.h"

extern "C" {
#include "common/hashfn.h"
#include "storage/latch.h"
#include "utils/wait_event.h"
}

namespace barometre::pg {

namespace {

Datum key_of(const std::string &kind, const std::string &name) {
    const std::string words = "barometre " + kind + " " + name;
    return UInt64GetDatum(hash_bytes_extended(reinterpret_cast<const unsigned char *>(words.data()), static_cast<int>(words.size()), 0));
}

} // namespace

bool try_lock_name(const std::string &kind, const std::string &name, lock_holder holder) {
    const Datum key = key_of(kind, name);
    const PGFunction lock = holder == lock_holder::session ? pg_try_advisory_lock_int8 : pg_try_advisory_xact_lock_int8;
    return call([&] { return DatumGetBool(DirectFunctionCall1(lock, key)); });
}

void wait_for_name(const std::string &kind, const std::string &name, lock_holder holder) {
    const Datum key = key_of(kind, name);
    const PGFunction lock = holder == lock_holder::session ? pg_advisory_lock_int8 : pg_advisory_xact_lock_int8;
    call([&] { DirectFunctionCall1(lock, key); });
}

void unlock_name_of_session(const std::string &kind, const std::string &name) {
    const Datum key = key_of(kind, name);
    call([&] { DirectFunctionCall1(pg_advisory_unlock_int8, key); });
}

void unlock_numbers_of_session(std::int32_t first, std::int32_t second) {
    call([&] { DirectFunctionCall2(pg_advisory_unlock_int4, Int32GetDatum(first), Int32GetDatum(second)); });
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
