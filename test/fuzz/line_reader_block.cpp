// Each io::LineReader allocates 48 MiB, for which AddressSanitizer takes about 10 ms. One such block is kept for the
// next, so that thousands of texts can be read. (What is written beyond it is found as before.)

#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {
constexpr std::size_t line_reader_block = 3 * (std::size_t{1} << 24);
std::atomic<void *> spare_block;
} // namespace

void *operator new[](std::size_t size) {
    if (size == line_reader_block)
        if (void *block = spare_block.exchange(nullptr))
            return block;
    if (void *block = std::malloc(size > 0 ? size : 1))
        return block;
    throw std::bad_alloc();
}
// AddressSanitizer's own would not go with the delete of here.
void *operator new[](std::size_t size, const std::nothrow_t &) noexcept { return std::malloc(size > 0 ? size : 1); }
void operator delete[](void *block) noexcept {
    void *none = nullptr;
    if (!block || malloc_usable_size(block) < line_reader_block || !spare_block.compare_exchange_strong(none, block))
        std::free(block);
}
void operator delete[](void *block, std::size_t) noexcept { operator delete[](block); }
