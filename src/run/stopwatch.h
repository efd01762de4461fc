#pragma once

#include <chrono>

namespace barometre::run {

/// Seconds since it was made, for steps.
class stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace barometre::run
