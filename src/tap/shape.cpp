#include "tap/shape.h"
#include "core/csv/look.h"
#include "load/csv_input.h"
#include "pg/cancels.h"
#include "tap/check_table.h"
#include "tap/columns.h"
#include "tap/stream.h"
#include "tap/table.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

namespace {

using load::planned_column;

/// Types are found on so many records of each file of a first load.
constexpr std::uint64_t first_records = 2000;

/// How wide the types of a table's columns may become, where they were found and not declared.
void open_table_columns(const project::stream &stream, shape &out) {
    for (std::size_t i = 0; i < out.columns.size(); ++i) {
        const planned_column &c = out.columns[i];
        const bool declared = std::any_of(stream.columns.begin(), stream.columns.end(), [&](const project::column &d) {
            return d.name == c.name && !d.type.empty();
        });
        const auto type = c.type == "bigint" ? csv::found_type::bigint : csv::found_type::numeric;
        const auto widest = stream.types_contract == project::type_contract::evolve   ? csv::found_type::text
                            : stream.types_contract == project::type_contract::freeze ? type
                                                                                      : csv::found_type::numeric;
        if (!declared && (c.type == "bigint" || c.type == "numeric"))
            out.open.add(i, type, widest);
    }
}

/// What is told of the files as they are opened: each thing once.
class opening {
public:
    opening(const project::stream &stream, const purpose &why) : stream_(stream), why_(why) {}

    void tell_delimiter(const load::input_file &input) {
        const std::string &delimiter = input.format.dialect.delimiter;
        if (stream_.dialect.delimiter.empty() && told_.insert(delimiter).second)
            why_.tell(shown(stream_) + ": the delimiter of file \"" + input.file.name + "\" is " +
                      csv::shown_delimiter(delimiter) + ", as its first records say");
    }
    void tell_renamings(const load::csv_input &reading) {
        for (const std::string &sentence : reading.renamings())
            if (told_.insert(sentence.substr(sentence.find(" is called "))).second)
                why_.tell(sentence);
    }

private:
    const project::stream &stream_;
    const purpose &why_;
    std::set<std::string> told_;
};

} // namespace

shape settle_shape(const project::stream &stream, const purpose &why, const discovered &found) {
    shape out;
    const std::vector<const file_plan *> plans = found.to_parse();
    if (found.table_exists)
        out.table = pg::columns_of(stream.tap, stream.name);
    if (plans.empty())
        return out;
    if (found.table_exists && !why.only_shows()) {
        widen_columns(stream, out.table);
        check_table(stream, out.table, found.known.hashed, why.full_refresh);
    }
    if (found.table_exists) {
        out.columns = columns_of_table(stream, out.table);
        open_table_columns(stream, out);
    }
    opening told(stream, why);
    std::vector<std::string> names; // of the file before
    std::vector<planned_column> given;
    std::vector<std::vector<planned_column>> by_file;
    bool first = !found.table_exists, look = false;
    for (const file_plan *f : plans) {
        pg::check_interrupts();
        load::input_file input{f->file, load::settle(format_of(stream), f->file), f->id};
        told.tell_delimiter(input);
        load::csv_input reading(input.file, input.format);
        input.fields = reading.names().size();
        input.prefix = f->prefix;
        input.most = why.most_records;
        out.files.push_back(std::move(input));
        if (reading.names().empty()) { // an empty file
            by_file.emplace_back();
            continue;
        }
        if (reading.names() != names) {
            given = plan_columns(stream, reading.names(), f->file.name);
            told.tell_renamings(reading); // not before: what the map misses may be the first record
            const std::size_t before = out.columns.size();
            if (first && given.size() <= most_columns)
                out.columns = given; // the first file makes the table
            else
                fit_columns(stream, f->file.name, given, out.columns, out.changes);
            for (std::size_t i = before; i < out.columns.size(); ++i)
                if (out.columns[i].type.empty()) {
                    out.open.add(i);
                    look = true;
                }
            first = false;
            names = reading.names();
        }
        by_file.push_back(given);
        if (look)
            reading.look(first_records, [&, sources = sources_for(out.columns, given)](const auto &fields) {
                out.open.see(fields, sources);
            });
    }
    for (std::size_t i = 0; i < out.files.size(); ++i)
        out.files[i].sources = sources_for(out.columns, by_file[i]);
    for (planned_column &c : out.columns) // of a table that is there: as declared
        for (const project::column &declared : stream.columns)
            if (declared.name == c.name) {
                c.formats = declared.formats;
                c.decimal = decimal_of(stream, declared);
            }
    out.open.apply(out.columns);
    return out;
}

} // namespace barometre::tap
