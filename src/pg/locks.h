#pragma once

#include "pg/guard.h"

#include <cstdint>

namespace barometre::pg {

/// Takes an advisory lock on a name until the end of the transaction, or fails
/// with `busy` if barometre.on_overlap is error and another session has it. Takes
/// no snapshot: what the transaction sees may be decided afterwards.
void lock_name(const std::string &kind, const std::string &name);

/// Who has a lock: the transaction, or the session, across transactions, until it lets go of it or ends.
enum class lock_holder { transaction, session };
bool try_lock_name(const std::string &kind, const std::string &name, lock_holder holder = lock_holder::transaction); ///< false: another session has it
void wait_for_name(const std::string &kind, const std::string &name, lock_holder holder = lock_holder::transaction);
void unlock_name_of_session(const std::string &kind, const std::string &name);

void unlock_numbers_of_session(std::int32_t first, std::int32_t second); ///< of pg_advisory_lock(first, second)

/// Locks a table so that nobody else can even read it, if nobody does now.
bool try_exclusive_lock(Oid table);

/// Sleeps, but wakes for a cancel.
void sleep_ms(long milliseconds);

} // namespace barometre::pg
