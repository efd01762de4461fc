#pragma once

#include <cstdint>
#include <memory>
#include <string>

/// Writes in a transaction of their own, made by a background worker with constant statements and texts as their
/// parameters.
namespace barometre::pg::autonomous {

/// What is run, as a superuser with an empty search path. `first`, if there is one, in a transaction before the others,
/// with the note's text; `finish` with the text, whether the session ended, and when; then `write` with the text that
/// it gave, if it gave one. What that gives in its first row and column goes to the server's log, and so for `first`.
struct statements {
    const char *first, *finish, *write;
};

/// What is to be written of a run.
struct note {
    std::int64_t run;
    statements how;
    std::string text;
    std::string ended;          ///< when what it tells of was over, if it has to wait; empty: when it is written
    bool session_ended = false; ///< else the transaction was rolled back
};

/// The background worker that writes a note. It goes on by itself when this is gone, and holds a lock that tells that
/// the run is alive until it has written.
class worker {
public:
    /// None: no worker is free, or there is no shared memory.
    static std::unique_ptr<worker> start(const note &what) noexcept;
    struct parts;
    explicit worker(std::unique_ptr<parts> made); ///< of start()
    ~worker();
    worker(const worker &) = delete;
    worker &operator=(const worker &) = delete;

    bool has_written() const; ///< and committed
    bool is_gone() const;     ///< the process has ended, or will never begin

    /// Waits until it has written or is gone, but not longer. A cancel ends that, too, and is left pending. What runs
    /// need be fit for nothing more, as after an error.
    void wait(int milliseconds) const;

private:
    std::unique_ptr<parts> parts_;
};

/// Sleeps in the same way, until something happens. False: a cancel is pending.
bool doze(int milliseconds);

/// The worker's life, from its argument on. Its function is barometre_autonomous_main, which the library exports.
[[noreturn]] void work(std::uintptr_t argument);

} // namespace barometre::pg::autonomous
