#pragma once

namespace barometre::csv {

/// While one is alive in a thread, a reader that comes after another one there takes over its buffer: for many small
/// files.
class kept_buffer {
public:
    kept_buffer();
    ~kept_buffer();
    kept_buffer(const kept_buffer &) = delete;
    kept_buffer &operator=(const kept_buffer &) = delete;
};

} // namespace barometre::csv
