// From the bytes of a file to heap tuples: what the reader thread of a load does. The packer needs of the server the
// layout of its structures alone, so that a table's description is made here.
#include "pg/row_packer.h"
#include "samples.h"

#include <benchmark/benchmark.h>

using namespace barometre;

namespace {

/// Of a table with these columns and the lineage ones.
class shape {
public:
    explicit shape(const std::vector<Oid> &types)
        : memory_(sizeof(TupleDescData) + (types.size() + 2) * sizeof(FormData_pg_attribute)) {
        description()->natts = static_cast<int>(types.size()) + 2;
        for (std::size_t i = 0; i < types.size(); ++i) {
            description()->attrs[i].atttypid = types[i];
            description()->attrs[i].atttypmod = -1;
        }
    }
    TupleDesc description() { return reinterpret_cast<TupleDesc>(memory_.data()); }

private:
    std::vector<char> memory_; // of zeroes
};

const std::vector<Oid> of_eight = {INT8OID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPOID, TIMESTAMPOID, INT8OID, NUMERICOID};

/// Reads a file and packs its records. `as`: of the table's columns. `read_only`: the difference is the packer's share.
void pack_records(benchmark::State &state, samples::kind which, const std::vector<Oid> &as, bool read_only) {
    const std::string text = samples::records(which);
    const samples::file file(text);
    csv::dialect how;
    how.delimiter = ";";
    std::vector<pg::insert_column> columns(as.size());
    columns[0].required = true;
    std::vector<std::size_t> sources;
    for (std::size_t i = 0; i < as.size(); ++i)
        sources.push_back(i);
    shape table(as);
    pg::row_batch batch;
    std::uint64_t records = 0;
    for (auto _ : state) {
        pg::row_packer packer(table.description(), columns);
        file.rewind();
        csv::record_reader reader(file.descriptor(), how);
        while (reader.next()) {
            if (read_only)
                continue;
            if (packer.put(reader.fields(), sources, 1, static_cast<std::int64_t>(reader.line()), batch) !=
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
BENCHMARK_CAPTURE(pack_records, eight_as_text, samples::kind::eight, std::vector<Oid>(8, TEXTOID), false);
BENCHMARK_CAPTURE(pack_records, nulls, samples::kind::nulls, of_eight, false);
BENCHMARK_CAPTURE(pack_records, text, samples::kind::text, std::vector<Oid>({INT8OID, TEXTOID}), false);

} // namespace
