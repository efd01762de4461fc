// The fast readers of values.
#include "core/value/format.h"
#include "core/value/parse.h"
#include "core/value/refuse.h"

#include <benchmark/benchmark.h>

#include <limits>

using namespace barometre;

namespace {

/// Reads each of the texts; an item is one of them.
template <class Read> void each(benchmark::State &state, const std::vector<std::string> &texts, Read &&read) {
    std::size_t bytes = 0;
    for (const std::string &t : texts)
        bytes += t.size();
    for (auto _ : state)
        for (const std::string &t : texts)
            benchmark::DoNotOptimize(read(t));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * texts.size()));
}

void parse_integer(benchmark::State &state) {
    using limits = std::numeric_limits<std::int64_t>;
    each(state, {"7", "-75016", "1234567", "123456789012345678"},
         [](const std::string &t) { return value::parse_integer(t, limits::min(), limits::max()); });
}
void parse_float8(benchmark::State &state) {
    each(state, {"0.5", "-12.25", "3.14159265358979", "6.02e23"},
         [](const std::string &t) { return value::parse_float8(t); });
}
void pack_numeric(benchmark::State &state) {
    unsigned char to[64];
    each(state, {"7", "1234.50", "-0.001", "123456789012.34"},
         [&](const std::string &t) { return value::pack_numeric(t, to); });
}
void parse_date(benchmark::State &state) {
    each(state, {"2024-02-29", "1999-12-31"}, [](const std::string &t) { return value::parse_date(t); });
}
void parse_timestamp(benchmark::State &state) {
    each(state, {"2024-02-29 12:34:56", "1999-12-31T23:59", "2024-02-29 12:34:56.123456"},
         [](const std::string &t) { return value::parse_timestamp(t); });
}
void parse_timestamptz(benchmark::State &state) {
    each(state, {"2024-02-29 12:34:56+01", "1999-12-31T23:59:00Z"},
         [](const std::string &t) { return value::parse_timestamptz(t); });
}
void parse_uuid(benchmark::State &state) {
    unsigned char to[16];
    each(state, {"6f1ed002-ab5b-4c26-8b3e-2f0f1d1c9f11"},
         [&](const std::string &t) { return value::parse_uuid(t, to); });
}
void french_date(benchmark::State &state) {
    const value::time_format format("DD/MM/YYYY HH24:MI");
    each(state, {"29/02/2024 12:34", "31/12/1999 23:59"}, [&](const std::string &t) { return format.parse(t); });
}
void french_number(benchmark::State &state) {
    std::string to;
    each(state, {"1 234 567,50", "12,5", "-3"}, [&](const std::string &t) { return value::plain_number(t, ',', to); });
}
void refuse(benchmark::State &state) {
    each(state, {"12x", "1e", "2024-13-01", ""},
         [](const std::string &t) { return value::surely_refused(value::kind::bigint, t); });
}
BENCHMARK(parse_integer);
BENCHMARK(parse_float8);
BENCHMARK(pack_numeric);
BENCHMARK(parse_date);
BENCHMARK(parse_timestamp);
BENCHMARK(parse_timestamptz);
BENCHMARK(parse_uuid);
BENCHMARK(french_date);
BENCHMARK(french_number);
BENCHMARK(refuse);

} // namespace
