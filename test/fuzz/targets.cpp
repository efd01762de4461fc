#include "targets.h"

#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

namespace barometre::fuzz {

std::span<const target> targets() {
    static constexpr target all[] = {
        {"csv", csv},
        {"look", look},
        {"decoder", decoder},
        {"project", project},
        {"jinja", jinja},
        {"cron", cron},
        {"selection", selection},
        {"value", value},
        {"written", written},
        {"header", header},
        {"json", json},
        {"words", words},
        {"registered", registered},
        {"json_records", json_records},
        {"singer", singer},
    };
    return all;
}

std::string shown(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : bytes.substr(0, 2000)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F && c != '\\' && c != '"')
            out += c;
        else
            (out += "\\x") += {digits[byte >> 4], digits[byte & 15]};
    }
    return out + '"';
}

memory_file::memory_file(std::string_view bytes) : descriptor(::memfd_create("fuzz", 0)) {
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (n <= 0)
            std::abort();
        done += static_cast<std::size_t>(n);
    }
    ::lseek(descriptor, 0, SEEK_SET);
}
memory_file::~memory_file() { ::close(descriptor); }

} // namespace barometre::fuzz
