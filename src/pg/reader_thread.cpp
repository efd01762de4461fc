#include "pg/reader_thread.h"
#include "pg/guard.h"
#include "pg/unwritten.h"

namespace barometre::pg {

namespace {

/// The thread of this backend, for its exit.
reader_thread *active = nullptr;

void stop_at_exit(int, Datum) {
    if (active)
        active->stop();
}

/// Before there is a thread.
std::function<void(reader_thread::outlet &)> registered(std::function<void(reader_thread::outlet &)> work) {
    static bool is_registered = false;
    if (!is_registered) {
        unwritten::watch_exit();
        call([] { before_shmem_exit(stop_at_exit, 0); });
        is_registered = true;
    }
    return work;
}

} // namespace

reader_thread::reader_thread(std::function<void(outlet &)> work) : producer_(registered(std::move(work))) {
    active = this;
}

reader_thread::~reader_thread() { stop(); }

void reader_thread::stop() noexcept {
    producer_.stop();
    active = nullptr;
}

void reader_thread::give_back(std::unique_ptr<row_batch> batch) {
    batch->clear();
    producer_.give_back(std::move(batch));
}

} // namespace barometre::pg
