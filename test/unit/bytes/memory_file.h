#pragma once

#include <gtest/gtest.h>

#include <string>

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

namespace barometre::test {

/// A file in memory that holds some bytes and stands at its beginning.
struct memory_file {
    explicit memory_file(const std::string &bytes) : fd(memfd_create("test", 0)) {
        EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
        ::lseek(fd, 0, SEEK_SET);
    }
    ~memory_file() { ::close(fd); }
    memory_file(const memory_file &) = delete;
    memory_file &operator=(const memory_file &) = delete;
    const int fd;
};

inline std::string repeated(const std::string &text, int n) {
    std::string out;
    for (int i = 0; i < n; ++i)
        out += text;
    return out;
}

inline std::string gzip(const std::string &text) {
    z_stream z{};
    EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&z, text.size()), '\0');
    z.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef *>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - z.avail_out);
    deflateEnd(&z);
    return out;
}

} // namespace barometre::test
