// libFuzzer's way in: the target that the variable FUZZ_TARGET names.

#include "targets.h"

#include <cstdio>
#include <cstdlib>

namespace {
const barometre::fuzz::target *chosen = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    const char *name = std::getenv("FUZZ_TARGET");
    for (const auto &one : barometre::fuzz::targets()) {
        if (name && std::string_view(name) == one.name)
            chosen = &one;
        else if (name && std::string_view(name) == "list")
            std::puts(one.name);
    }
    if (!chosen)
        std::exit(name && std::string_view(name) == "list" ? 0 : 1);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
    // A copy of exactly that size: what is read beyond it is found.
    const std::vector<char> input(data, data + size);
    chosen->run({input.data(), input.size()});
    return 0;
}
