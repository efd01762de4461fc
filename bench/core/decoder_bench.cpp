// Decompressing and transcoding. Bytes are those of the text in UTF-8, whatever the file has.
#include "core/csv/decoder.h"
#include "samples.h"

#include <benchmark/benchmark.h>

using namespace barometre;

namespace {

void decode(benchmark::State &state, const std::string &bytes, csv::compression packed, const char *encoding) {
    const samples::file file(bytes);
    std::string to(512 * 1024, '\0');
    std::size_t given = 0;
    for (auto _ : state) {
        file.rewind();
        csv::decoder decoder(file.descriptor(), packed, encoding, 0, std::make_shared<csv::read_progress>());
        while (const std::size_t n = decoder.read(to.data(), to.size()))
            given += n;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(given));
}

std::string text() { return samples::records(samples::kind::eight); }

void decode_plain(benchmark::State &state) { decode(state, text(), csv::compression::none, "utf-8"); }
void decode_gzip(benchmark::State &state) { decode(state, samples::gzipped(text()), csv::compression::gzip, "utf-8"); }
void decode_zstd(benchmark::State &state) {
    decode(state, samples::zstandard(text()), csv::compression::zstd, "utf-8");
}
void decode_utf_16(benchmark::State &state) {
    decode(state, samples::transcoded(text(), "UTF-16LE"), csv::compression::none, "utf-16le");
}
void decode_windows_1252(benchmark::State &state) {
    decode(state, samples::transcoded(text(), "WINDOWS-1252"), csv::compression::none, "windows-1252");
}
void decode_gzip_windows_1252(benchmark::State &state) {
    decode(state, samples::gzipped(samples::transcoded(text(), "WINDOWS-1252")), csv::compression::gzip,
           "windows-1252");
}
BENCHMARK(decode_plain);
BENCHMARK(decode_gzip);
BENCHMARK(decode_zstd);
BENCHMARK(decode_utf_16);
BENCHMARK(decode_windows_1252);
BENCHMARK(decode_gzip_windows_1252);

} // namespace
