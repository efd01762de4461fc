#include "pg/reader_thread.h"
#include "pg/cancels.h"
#include "pg/guard.h"

#include <chrono>

#include <signal.h>

namespace barometre::pg {

namespace {

constexpr int batches = 16;
constexpr auto longest_wait = std::chrono::milliseconds(50);

/// The thread of this backend, for its exit.
reader_thread *active = nullptr;

} // namespace

bool reader_thread::outlet::next_batch(std::unique_ptr<row_batch> &batch) {
    std::unique_lock lock(owner_.mutex_);
    owner_.to_reader_.wait(lock, [&] { return stopped() || !owner_.empty_.empty(); });
    if (stopped())
        return false;
    batch = std::move(owner_.empty_.front());
    owner_.empty_.pop_front();
    return true;
}

void reader_thread::outlet::put(std::unique_ptr<row_batch> batch) {
    {
        std::lock_guard lock(owner_.mutex_);
        owner_.full_.push_back(std::move(batch));
    }
    owner_.to_backend_.notify_one();
}

reader_thread::reader_thread(std::function<void(outlet &)> work) {
    static bool registered = false;
    if (!registered) {
        call([] { before_shmem_exit(stop_at_exit, 0); });
        registered = true;
    }
    for (int i = 0; i < batches; ++i)
        empty_.push_back(std::make_unique<row_batch>());
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread_ = std::thread([this, work = std::move(work)] {
            std::exception_ptr failure;
            try {
                outlet here(*this);
                work(here);
            } catch (...) {
                failure = std::current_exception();
            }
            {
                std::lock_guard lock(mutex_);
                failure_ = failure;
                ended_ = true;
            }
            to_backend_.notify_one();
        });
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    active = this;
}

reader_thread::~reader_thread() { stop(); }

void reader_thread::stop() noexcept {
    stopping_ = true;
    {
        std::lock_guard lock(mutex_); // the reader is before its test, or waits
    }
    to_reader_.notify_all();
    if (thread_.joinable())
        thread_.join();
    active = nullptr;
}

void reader_thread::stop_at_exit(int, std::uintptr_t) {
    if (active)
        active->stop();
}

std::unique_ptr<row_batch> reader_thread::take() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            to_backend_.wait_for(lock, longest_wait, [&] { return ended_ || !full_.empty(); });
            if (!full_.empty()) {
                auto batch = std::move(full_.front());
                full_.pop_front();
                return batch;
            }
            if (ended_) {
                if (failure_)
                    std::rethrow_exception(failure_);
                return nullptr;
            }
        }
        check_interrupts(); // with no lock held: it may not come back
    }
}

void reader_thread::give_back(std::unique_ptr<row_batch> batch) {
    batch->clear();
    {
        std::lock_guard lock(mutex_);
        empty_.push_back(std::move(batch));
    }
    to_reader_.notify_one();
}

} // namespace barometre::pg
