#pragma once

namespace barometre {

/// How a thread learns that it is to stop. `ask` throws then.
struct interrupt_check {
    void (*ask)(void *of) = nullptr;
    void *of = nullptr;
};

/// What this thread was handed. The backend's thread has the server's own check (pg/cancels.h), a thread that reads for
/// it one for whether the backend still wants something (pg/reader_thread.h). Where nothing was handed, nobody can ask.
inline thread_local interrupt_check interrupts;

/// Every loop over input asks here, so that no work is too long to be stopped. Costs next to nothing while nobody did.
inline void check_interrupts() {
    if (interrupts.ask)
        interrupts.ask(interrupts.of);
}

} // namespace barometre
