// From the bytes of a file to heap tuples: what the reader thread of a load does. No server is asked anything.
#include "core/csv/record_reader.h"
#include "pg/row_packer.h"
#include "pg/value_shape.h"
#include "samples.h"

#include <benchmark/benchmark.h>

using namespace barometre;

/// The catalog is asked about types of which there are none here.
value::shape pg::shape_of(oid) { return {}; }

namespace {

constexpr pg::oid int8 = 20, text_type = 25, timestamp = 1114, numeric = 1700; // as pg_type.dat has them

const std::vector<pg::oid> of_eight = {int8, text_type, text_type, text_type, timestamp, timestamp, int8, numeric};

/// Of a table with these columns and the lineage ones.
std::vector<pg::stored_type> types_of(const std::vector<pg::oid> &columns) {
    std::vector<pg::stored_type> out;
    for (const pg::oid type : columns)
        out.push_back({type});
    out.resize(out.size() + 2, {int8});
    return out;
}

/// Reads a file and packs its records. `as`: of the table's columns. `read_only`: the difference is the packer's share.
void pack_records(benchmark::State &state, samples::kind which, const std::vector<pg::oid> &as, bool read_only) {
    const std::string text = samples::records(which);
    const samples::file file(text);
    csv::dialect how;
    how.delimiter = ";";
    std::vector<pg::insert_column> columns(as.size());
    columns[0].required = true;
    std::vector<std::size_t> sources;
    for (std::size_t i = 0; i < as.size(); ++i)
        sources.push_back(i);
    pg::row_batch batch;
    std::uint64_t records = 0;
    for (auto _ : state) {
        pg::row_packer packer(types_of(as), columns);
        packer.take_from(sources);
        file.rewind();
        csv::record_reader reader(file.descriptor(), how);
        while (reader.next()) {
            if (read_only)
                continue;
            if (packer.put(reader.fields(), reader.has_margins(), 1, static_cast<std::int64_t>(reader.line()), batch) !=
                pg::row_packer::outcome::packed) {
                state.SkipWithError("a record was not packed");
                return;
            }
            if (batch.full())
                batch.clear();
        }
        batch.clear();
        records += reader.records();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
    state.SetItemsProcessed(static_cast<std::int64_t>(records));
}
BENCHMARK_CAPTURE(pack_records, eight_read_only, samples::kind::eight, of_eight, true);
BENCHMARK_CAPTURE(pack_records, eight, samples::kind::eight, of_eight, false);
BENCHMARK_CAPTURE(pack_records, eight_as_text, samples::kind::eight, std::vector<pg::oid>(8, text_type), false);
BENCHMARK_CAPTURE(pack_records, nulls, samples::kind::nulls, of_eight, false);
BENCHMARK_CAPTURE(pack_records, numbers, samples::kind::numbers, std::vector<pg::oid>(60, int8), false);
BENCHMARK_CAPTURE(pack_records, text, samples::kind::text, std::vector<pg::oid>({int8, text_type}), false);

} // namespace
