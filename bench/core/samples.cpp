#include "samples.h"

#include <iconv.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include <sys/mman.h>
#include <unistd.h>

namespace samples {

namespace {

void require(bool holds, const char *what) {
    if (holds)
        return;
    std::fprintf(stderr, "bench-core: %s failed\n", what);
    std::exit(1);
}

} // namespace

file::file(std::string_view bytes) : descriptor_(memfd_create("sample", 0)) {
    require(descriptor_ >= 0, "memfd_create");
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        require(written > 0, "write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    rewind();
}

file::~file() { ::close(descriptor_); }

void file::rewind() const { ::lseek(descriptor_, 0, SEEK_SET); }

std::string records(kind which, std::size_t size) {
    static constexpr const char *words[] = {"brigade", "Préplainte",         "déclaré", "gendarmerie nationale",
                                            "accueil", "réponse en 3 jours", "75016",   "Île-de-France"};
    std::minstd_rand random(20260101); // the same file at each run
    const auto upto = [&](unsigned most) { return static_cast<unsigned>(random() % most); };
    std::string out;
    char text[64];
    for (int i = 0; out.size() < size; ++i) {
        std::vector<std::string> fields;
        const auto time = [&] {
            std::snprintf(text, sizeof text, "20%02u-%02u-%02u %02u:%02u:%02u", 10 + upto(15), 1 + upto(12),
                          1 + upto(28), upto(24), upto(60), upto(60));
            fields.emplace_back(text);
        };
        for (unsigned n = 0; which == kind::numbers && n < 60; ++n)
            fields.push_back(std::to_string(upto(120)));
        if (which != kind::numbers)
            fields.push_back(std::to_string(1'000'000 + i));
        if (which == kind::text) {
            std::string long_one = "\"";
            for (unsigned n = 20 + upto(30); n > 0; --n)
                long_one += std::string(words[upto(8)]) + (upto(12) == 0   ? "\n"
                                                           : upto(40) == 0 ? " \"\"cité\"\" "
                                                                           : "; ");
            fields.push_back(long_one + "\"");
        } else if (which != kind::numbers) {
            for (int n = 0; n < 3; ++n)
                fields.emplace_back(words[upto(8)]);
            time();
            time();
            fields.push_back(std::to_string(upto(1'000'000)));
            std::snprintf(text, sizeof text, "%u.%02u", upto(10'000), upto(100));
            fields.emplace_back(text);
        }
        for (std::size_t n = 0; n < fields.size(); ++n) {
            if (which == kind::nulls && n > 0 && upto(5) < 2)
                fields[n].clear();
            out += n == 0 ? "" : ";";
            out += which == kind::quoted ? '"' + fields[n] + '"' : fields[n];
        }
        out += '\n';
    }
    return out;
}

std::string gzipped(std::string_view text) {
    z_stream z{};
    require(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
    std::string out(deflateBound(&z, text.size()), '\0');
    z.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef *>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    require(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

std::string zstandard(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
    require(!ZSTD_isError(size), "ZSTD_compress");
    out.resize(size);
    return out;
}

std::string transcoded(std::string_view utf8, const char *encoding) {
    const iconv_t converter = iconv_open(encoding, "UTF-8");
    require(converter != reinterpret_cast<iconv_t>(-1), "iconv_open");
    std::string out(4 * utf8.size() + 16, '\0');
    char *from = const_cast<char *>(utf8.data()), *to = out.data();
    std::size_t left = utf8.size(), room = out.size();
    require(iconv(converter, &from, &left, &to, &room) != static_cast<std::size_t>(-1), "iconv");
    iconv_close(converter);
    out.resize(out.size() - room);
    return out;
}

} // namespace samples
