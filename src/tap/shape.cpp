#include "tap/shape.h"
#include "core/csv/look.h"
#include "core/text/text.h"
#include "load/csv_input.h"
#include "pg/cancels.h"
#include "tap/check_table.h"
#include "tap/columns.h"
#include "tap/field_names.h"
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
    /// Of a list, which one was taken.
    void tell_encoding(const load::input_file &input) {
        const std::string &taken = input.format.dialect.encoding;
        if (stream_.encodings.size() > 1 && told_.insert("encoding " + taken).second)
            why_.tell(shown(stream_) + ": the encoding of file \"" + input.file.name + "\" is " + taken +
                      (taken == stream_.encodings.back() ? ", the last of the list, since it is in none of the others"
                                                         : ", the first of the list in which all of it is valid"));
    }
    void tell_renamings(const load::input_file &input, const name::named_header &named) {
        for (const std::string &sentence : load::renamings(input.format, input.file, named))
            if (told_.insert(sentence.substr(sentence.find(" is called "))).second)
                why_.tell(sentence);
    }

private:
    const project::stream &stream_;
    const purpose &why_;
    std::set<std::string> told_;
};

/// That a later file has one of the columns at least: else it is delimited otherwise, lacks its header, whose place its
/// first record would take, or is another table's.
void check_kinship(const project::stream &stream, const load::input_file &input, const std::vector<std::string> &names,
                   const std::vector<planned_column> &columns) {
    for (const std::string &name : names)
        for (const project::mapping &m : targets_of(stream, name))
            if (std::any_of(columns.begin(), columns.end(), [&](const auto &c) { return c.name == m.target; }))
                return;
    const std::string other = load::seeming_delimiter(input.file, input.format);
    const std::string what = shown(stream) + ": file \"" + input.file.name + "\" has none of the columns of the table";
    const std::string kept = "; nothing of this run was kept.";
    if (!other.empty())
        throw error(sqlstate::contract,
                    what + ": it seems to be delimited by " + csv::shown_delimiter(other) + ", and is read with " +
                        csv::shown_delimiter(input.format.dialect.delimiter),
                    "", "Write it as the other files, or correct the key \"delimiter\" of the stream" + kept);
    // Without a header they are values.
    throw error(sqlstate::contract, what,
                input.format.hides_values
                    ? ""
                    : "Its first record says " + text::join(names, ", ", text::quoted) + "; the columns are " +
                          text::join(names_of(columns), ", ", text::quoted) + ".",
                "If it lacks its header line, add it; if it is another table's, correct the key \"pattern\" of the "
                "stream" +
                    kept);
}

} // namespace

shape settle_shape(const project::stream &stream, const purpose &why, const discovered &found) {
    shape out;
    const std::vector<const file_plan *> plans = found.to_parse();
    if (found.table_exists)
        out.table = pg::columns_of(stream.tap, stream.name);
    field_names fields(stream, out.table);
    fields.learn(found);
    if (plans.empty()) {
        out.fields = fields.to_remember(names_of(columns_of_table(stream, out.table)));
        return out;
    }
    if (found.table_exists && !why.only_shows()) {
        widen_columns(stream, out.table);
        check_key(stream);
        check_hashed_types(stream, out.table);
        if (!why.full_refresh && !found.rereads) // else they are replaced
            check_hashed(stream, out.table, found.known.hashed);
    }
    if (found.table_exists) {
        out.columns = columns_of_table(stream, out.table);
        open_table_columns(stream, out);
    }
    opening told(stream, why);
    std::vector<std::string> header, names; // of the file before
    std::vector<planned_column> given;
    std::vector<std::vector<planned_column>> by_file;
    bool first = !found.table_exists, look = false;
    for (const file_plan *f : plans) {
        pg::check_interrupts();
        load::input_file input{f->file, load::settle(format_of(stream), f->file), f->id};
        told.tell_encoding(input);
        told.tell_delimiter(input);
        load::csv_input reading(input.file, input.format);
        input.header = reading.header();
        input.prefix = f->prefix;
        input.most = why.most_records;
        if (input.header.empty()) { // an empty file
            out.files.push_back(std::move(input));
            by_file.emplace_back();
            continue;
        }
        if (input.header != header) {
            const name::named_header named = fields.name_file(f->file.name, input.header);
            names = named.names;
            if (!first)
                check_kinship(stream, input, names, out.columns);
            given = plan_columns(stream, names, input);
            told.tell_renamings(input, named); // not before: what the map misses may be the first record
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
            header = input.header;
        }
        input.names = names;
        out.files.push_back(std::move(input));
        by_file.push_back(given);
        if (look)
            reading.look(first_records, [&, sources = sources_for(out.columns, given)](const auto &values) {
                out.open.see(values, sources);
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
    out.fields = fields.to_remember(names_of(out.columns));
    return out;
}

} // namespace barometre::tap
