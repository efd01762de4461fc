// Decompressing and transcoding. Bytes are those of the text in UTF-8, whatever the file has.
#include "core/bytes/decoder.h"
#include "samples.h"

#include <benchmark/benchmark.h>

using namespace barometre;

namespace {

void decode(benchmark::State &state, const std::string &bytes, bytes::compression packed, const char *encoding) {
    const samples::file file(bytes);
    std::string to(512 * 1024, '\0');
    std::size_t given = 0;
    for (auto _ : state) {
        file.rewind();
        bytes::decoder decoder(file.descriptor(), {encoding, packed}, std::make_shared<bytes::read_progress>());
        while (const std::size_t n = decoder.read(to.data(), to.size()))
            given += n;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(given));
}

std::string text() { return samples::records(samples::kind::eight); }

void decode_plain(benchmark::State &state) { decode(state, text(), bytes::compression::none, "utf-8"); }
void decode_gzip(benchmark::State &state) {
    decode(state, samples::gzipped(text()), bytes::compression::gzip, "utf-8");
}
void decode_zstd(benchmark::State &state) {
    decode(state, samples::zstandard(text()), bytes::compression::zstd, "utf-8");
}
void decode_utf_16(benchmark::State &state) {
    decode(state, samples::transcoded(text(), "UTF-16LE"), bytes::compression::none, "utf-16le");
}
void decode_windows_1252(benchmark::State &state) {
    decode(state, samples::transcoded(text(), "WINDOWS-1252"), bytes::compression::none, "windows-1252");
}
void decode_gzip_windows_1252(benchmark::State &state) {
    decode(state, samples::gzipped(samples::transcoded(text(), "WINDOWS-1252")), bytes::compression::gzip,
           "windows-1252");
}
BENCHMARK(decode_plain);
BENCHMARK(decode_gzip);
BENCHMARK(decode_zstd);
BENCHMARK(decode_utf_16);
BENCHMARK(decode_windows_1252);
BENCHMARK(decode_gzip_windows_1252);

} // namespace
