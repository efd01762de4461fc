#pragma once

#include "pg/row_packer.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace barometre::pg {

/// A thread that makes batches of rows while the backend inserts them. All
/// signals are blocked in it, and it is stopped and joined on every way out of
/// the backend's work: return, exception, and FATAL, which unwinds nothing.
class reader_thread {
public:
    /// The thread's side of the queue.
    class outlet {
    public:
        /// An empty batch; waits while the backend is behind. False: stop reading.
        bool next_batch(std::unique_ptr<row_batch> &batch);
        void put(std::unique_ptr<row_batch> batch);
        bool stopped() const { return owner_.stopping_.load(std::memory_order_relaxed); }

    private:
        friend class reader_thread;
        explicit outlet(reader_thread &owner) : owner_(owner) {}
        reader_thread &owner_;
    };

    /// Runs `work` in a thread. It must call nothing of the server.
    explicit reader_thread(std::function<void(outlet &)> work);
    ~reader_thread();
    reader_thread(const reader_thread &) = delete;
    reader_thread &operator=(const reader_thread &) = delete;

    /// The next batch, in order; none at the end. Looks for interrupts while it
    /// waits. Throws what `work` threw, after the batches that came before.
    std::unique_ptr<row_batch> take();
    void give_back(std::unique_ptr<row_batch> batch);

private:
    void stop() noexcept;
    static void stop_at_exit(int code, std::uintptr_t argument);

    std::mutex mutex_;
    std::condition_variable to_backend_, to_reader_;
    std::deque<std::unique_ptr<row_batch>> full_, empty_;
    std::exception_ptr failure_;
    bool ended_ = false;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace barometre::pg
