#pragma once

#include <cstdint>
#include <string>

/// Writes that outlive the rollback of the transaction that asks for them. They are made by a background worker, with
/// constant statements and a text as their parameter, and nobody waits for it: a worker that had to wait for the
/// caller's locks would otherwise wait for ever.
namespace barometre::pg::autonomous {

/// What the worker runs, as a superuser with an empty search path: `finish` with the text and whether the session
/// ended, then `write` with the text that it gave, if it gave one. What that gives in its first row and column goes to
/// the server's log.
struct statements {
    const char *finish, *write;
};

/// Has a worker write `text` now, on its own. Gives false when there is no free worker.
bool write(const statements &how, const std::string &text);

/// Keeps `text` in shared memory until the current (sub)transaction ends: a
/// commit forgets it, an abort, also that of a session which is terminated, has
/// it written. The same `id` again replaces the text.
void on_abort(std::int64_t id, const statements &how, const std::string &text);

/// The worker's life, from its argument on. Its function is barometre_autonomous_main, which the library exports.
[[noreturn]] void work(std::uintptr_t argument);

} // namespace barometre::pg::autonomous
