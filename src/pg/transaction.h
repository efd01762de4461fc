#pragma once

#include <cstdint>
#include <functional>
#include <string>

/// The transaction that the session is in.
namespace barometre::pg {

/// Makes the transaction, which must not have looked at anything yet, see one state of the database to its end.
void one_snapshot();
/// The opposite: each statement sees what is committed, if the transaction has not looked at anything yet.
void read_committed();
bool has_one_snapshot(); ///< REPEATABLE READ or SERIALIZABLE

bool is_read_only(); ///< the transaction may write nothing
/// Throws where it is so: `call` would write, be it that all is rolled back.
void refuse_read_only(const std::string &call);

std::uint64_t transaction_number(); ///< of the whole transaction, on this server

/// Runs `f` in a subtransaction: what it did is undone when it throws, and the
/// exception goes on. Whatever is thrown, none is left open.
void in_subtransaction(const std::function<void()> &f);

/// The same, and the server refuses to write anything in it.
void reading_only(const std::function<void()> &f);

/// Runs `f`, and undoes all that it did.
void rolled_back(const std::function<void()> &f);

} // namespace barometre::pg
