// The reader of records, and the types it finds.
#include "core/csv/record_reader.h"
#include "core/record/found_type.h"
#include "samples.h"

#include <benchmark/benchmark.h>

using namespace barometre;

namespace {

csv::dialect semicolon() {
    csv::dialect how;
    how.delimiter = ";";
    return how;
}

void read_records(benchmark::State &state, samples::kind which) {
    const std::string text = samples::records(which);
    const samples::file file(text);
    std::uint64_t records = 0;
    for (auto _ : state) {
        file.rewind();
        csv::record_reader reader(file.descriptor(), semicolon());
        while (reader.next())
            benchmark::DoNotOptimize(reader.fields().data());
        records += reader.records();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
    state.SetItemsProcessed(static_cast<std::int64_t>(records));
}
BENCHMARK_CAPTURE(read_records, eight, samples::kind::eight);
BENCHMARK_CAPTURE(read_records, quoted, samples::kind::quoted);
BENCHMARK_CAPTURE(read_records, text, samples::kind::text);
BENCHMARK_CAPTURE(read_records, nulls, samples::kind::nulls);

/// What a file that did not change costs when its times did.
void hash_content(benchmark::State &state) {
    const std::string text = samples::records(samples::kind::eight);
    const samples::file file(text);
    for (auto _ : state)
        benchmark::DoNotOptimize(bytes::hash_file(file.descriptor()));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(hash_content);

void find_type(benchmark::State &state) {
    const std::string values[] = {"1000000", "déclaré", "2024-02-29 12:00:00", "123456789012345678", "75.25", "-3"};
    std::size_t bytes = 0;
    for (const std::string &v : values)
        bytes += v.size();
    for (auto _ : state)
        for (const std::string &v : values)
            benchmark::DoNotOptimize(record::type_of(v));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * std::size(values)));
}
BENCHMARK(find_type);

} // namespace
