#pragma once

#include "core/interrupts.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <signal.h>

namespace barometre::thread {

/// A thread that makes batches while another one uses them: a number of them goes around between the two. All signals
/// are blocked in it. It is stopped and joined on every way out: at the end, by stop(), and by destruction.
template <class Batch> class producer {
public:
    /// Thrown in the thread, by next_batch() and by any check_interrupts(), when nothing more is wanted.
    struct stopped {};

    /// The thread's side.
    class outlet {
    public:
        /// An empty batch; waits while the other side is behind.
        std::unique_ptr<Batch> next_batch() {
            std::unique_lock lock(owner_.mutex_);
            owner_.to_thread_.wait(lock, [&] { return owner_.is_stopping_ || !owner_.empty_.empty(); });
            if (owner_.is_stopping_)
                throw stopped();
            auto batch = std::move(owner_.empty_.front());
            owner_.empty_.pop_front();
            return batch;
        }
        void put(std::unique_ptr<Batch> batch) {
            {
                std::lock_guard lock(owner_.mutex_);
                owner_.full_.push_back(std::move(batch));
            }
            owner_.to_user_.notify_one();
        }

    private:
        friend class producer;
        explicit outlet(producer &owner) : owner_(owner) {}
        producer &owner_;
    };

    /// Runs `work` in a thread. What it writes may be read after stop().
    explicit producer(std::function<void(outlet &)> work) {
        for (int i = 0; i < batches; ++i)
            empty_.push_back(std::make_unique<Batch>());
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            thread_ = std::thread([this, work = std::move(work)] { run(work); });
        } catch (...) {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            throw;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    ~producer() { stop(); }
    producer(const producer &) = delete;
    producer &operator=(const producer &) = delete;

    /// The next batch, in order; none at the end. Looks for interrupts while it waits. Throws what `work` threw, after
    /// the batches that came before.
    std::unique_ptr<Batch> take() {
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                to_user_.wait_for(lock, longest_wait, [&] { return has_ended_ || !full_.empty(); });
                if (!full_.empty()) {
                    auto batch = std::move(full_.front());
                    full_.pop_front();
                    return batch;
                }
                if (has_ended_) {
                    if (failure_)
                        std::rethrow_exception(failure_);
                    return nullptr;
                }
            }
            check_interrupts(); // with no lock held: it may not come back
        }
    }
    void give_back(std::unique_ptr<Batch> batch) {
        {
            std::lock_guard lock(mutex_);
            empty_.push_back(std::move(batch));
        }
        to_thread_.notify_one();
    }

    /// Waits until the thread has ended: soon, for it is told that nothing more is wanted.
    void stop() noexcept {
        is_stopping_ = true;
        {
            std::lock_guard lock(mutex_); // the thread is before its test, or waits
        }
        to_thread_.notify_all();
        if (thread_.joinable())
            thread_.join();
    }

private:
    static constexpr int batches = 16;
    static constexpr auto longest_wait = std::chrono::milliseconds(50);

    void run(const std::function<void(outlet &)> &work) {
        interrupts = {[](void *of) {
                          if (static_cast<producer *>(of)->is_stopping_.load(std::memory_order_relaxed))
                              throw stopped();
                      },
                      this};
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
            has_ended_ = true;
        }
        to_user_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable to_user_, to_thread_;
    std::deque<std::unique_ptr<Batch>> full_, empty_;
    std::exception_ptr failure_;
    bool has_ended_ = false;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

} // namespace barometre::thread
