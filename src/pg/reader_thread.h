#pragma once

#include "core/thread/producer.h"
#include "pg/row_packer.h"

namespace barometre::pg {

/// A thread that makes batches of rows while the backend inserts them. It is stopped and joined on every way out of the
/// backend's work: return, exception, and FATAL, which unwinds nothing.
class reader_thread {
public:
    using producer = thread::producer<row_batch>;
    using outlet = producer::outlet;
    using stopped = producer::stopped;

    /// Runs `work` in a thread. It must call nothing of the server.
    explicit reader_thread(std::function<void(outlet &)> work);
    ~reader_thread();
    reader_thread(const reader_thread &) = delete;
    reader_thread &operator=(const reader_thread &) = delete;

    std::unique_ptr<row_batch> take() { return producer_.take(); }
    void give_back(std::unique_ptr<row_batch> batch);
    /// What `work` wrote may be read after this.
    void stop() noexcept;

private:
    producer producer_;
};

} // namespace barometre::pg
