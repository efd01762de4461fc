#pragma once

#include "pg/autonomous.h"

/// What is to be written of runs, and is not yet: it outlives the rollback of the transaction that it is about. A
/// worker writes it (pg/autonomous), or if none is free the session, in its next call, or when it ends in a transaction
/// of its own. Until then the run's lock says that it is alive. One note a run: a later one takes the place of an
/// earlier one.
namespace barometre::pg::unwritten {

/// To be written if the current (sub)transaction aborts, also because the session is ended. A commit forgets it.
void on_abort(autonomous::note what);
/// To be written if the session ends before forget().
void on_exit(autonomous::note what);
void forget(std::int64_t run);

/// To be written now. Waits for that, two seconds at most, or until a cancel, which is left pending. For where an error
/// was caught and will be thrown on: an abort can't wait. Throws nothing but what ends the session.
void now(autonomous::note what) noexcept;

/// At the begin of a call: writes what nobody has written, in the current transaction.
void settle();

/// Has the end of the session come after what was done before: call it before another before_shmem_exit() that must be
/// over when what is left is written.
void watch_exit();

} // namespace barometre::pg::unwritten
