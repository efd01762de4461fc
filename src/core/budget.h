#pragma once

#include "core/stopwatch.h"

#include <cstdint>

namespace barometre {

/// What all files and templates of one project may still use together, however many they are. It is there for mistakes
/// and malice: no project comes near it. Each function takes some of it, and gives false when not as much is left; who
/// asked says so in words of its own.
struct budget {
    std::uint64_t values = 1'000'000;                        ///< of YAML, those of an alias each time it is used
    std::uint64_t bytes = std::uint64_t{1} << 30;            ///< of all texts and lists that templates make
    std::uint64_t steps = 500'000'000;                       ///< of templates
    std::chrono::nanoseconds time = std::chrono::minutes(1); ///< in templates and YAML

    bool take_values(std::uint64_t n) { return take(values, n); }
    bool take_bytes(std::uint64_t n) { return take(bytes, n); }
    bool take_steps(std::uint64_t n) { return take(steps, n); }
    bool take_time(stopwatch &since) { return take(time, since.lap()); } ///< since it was asked last

private:
    template <class T> static bool take(T &left, T n) {
        const bool is_enough = n <= left;
        left = is_enough ? left - n : T{};
        return is_enough;
    }
};

} // namespace barometre
