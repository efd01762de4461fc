#pragma once

#include <cstddef>
#include <cstdint>

namespace barometre::bytes {

/// Counts the line ends (LF, CR LF, CR) of a text that comes in parts. A CR that ends a part counts with the next.
struct line_counter {
    std::uint64_t lines = 0;
    std::uint64_t line_feeds = 0; ///< those of them that are newlines
    bool cr_waits = false;
    void over(const char *text, std::size_t size);
};

} // namespace barometre::bytes
