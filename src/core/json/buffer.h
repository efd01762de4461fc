#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace barometre::json {

/// Bytes that grow, as a rule without being copied, and are never set to 0: of what is not used the server's memory
/// has no pages.
class buffer {
public:
    char *data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }
    void resize(std::size_t size) {
        char *const larger = static_cast<char *>(std::realloc(bytes_.get(), size));
        if (!larger)
            throw std::bad_alloc();
        (void)bytes_.release(); // it was freed, or is the same
        bytes_.reset(larger);
        size_ = size;
    }

private:
    struct freed {
        void operator()(char *bytes) const { std::free(bytes); }
    };
    std::unique_ptr<char, freed> bytes_;
    std::size_t size_ = 0;
};

} // namespace barometre::json
