#include "core/text/hash.h"
#include "core/text/text.h"

#include <xxhash.h>

namespace barometre::text {

std::string hash(std::string_view text) {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, XXH3_128bits(text.data(), text.size()));
    return hex({reinterpret_cast<const char *>(bytes.digest), sizeof bytes.digest});
}

} // namespace barometre::text
