#include "model/seed.h"
#include "core/csv/look.h"
#include "core/csv/seed_types.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/text/hash.h"
#include "core/text/text.h"
#include "load/csv_input.h"
#include "load/fill_table.h"
#include "load/staging_table.h"
#include "pg/claim.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/row_packer.h"
#include "pg/spi.h"

#include <algorithm>
#include <vector>

namespace barometre::model {

namespace {

std::optional<pg::data_file> find_file(const project::project &p, const project::seed &seed) {
    if (!seed.file.empty()) {
        const auto [folder, path] = p.locate(seed.file);
        if (auto file = pg::find_project_file(folder, path))
            return file;
    }
    return pg::find_data_file("seeds", seed.name + ".csv", pg::current_role());
}

/// How the column's values are written; empty: as the server writes them.
std::string formats_of(const project::column &c) {
    std::string out;
    for (const std::string &format : c.formats)
        out += " " + format;
    return out + (c.decimal ? std::string(" ") + c.decimal : "");
}

/// How the file is written.
load::csv_format format_of(const project::seed &seed, const pg::data_file &file) {
    load::csv_format format;
    format.what = "seed \"" + seed.name + "\"";
    format.drop_nameless_last = format.is_seed = true;
    format.pads_short = seed.pads_short;
    format.dialect.delimiter = seed.delimiter;
    return load::settled(format, file);
}

/// The delimiter that a seed is read by. Where none is found the load says so, and not who only looks at what changed.
std::string delimiter_of(const project::seed &seed, const pg::data_file &file) {
    if (!seed.delimiter.empty())
        return seed.delimiter;
    try {
        return format_of(seed, file).dialect.delimiter;
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return ",";
    }
}

/// Refuses a file that is read as a single column because it is parted by another delimiter than the declared one.
void refuse_other_delimiter(const project::seed &seed, const pg::data_file &file, const load::csv_format &format) {
    const std::string &declared = seed.delimiter;
    if (declared.empty())
        return;
    for (const std::string other : {",", ";", "\t", "|"}) {
        load::csv_format trial = format;
        trial.dialect.delimiter = other;
        std::size_t columns = 0;
        try {
            columns = load::csv_input(file, trial).header().size();
        } catch (const error &e) { // it is none then
            if (e.is_intervention())
                throw;
        }
        if (other != declared && columns > 1)
            throw error(sqlstate::bad_file,
                        format.what + ": file \"" + file.name + "\" has one column by the delimiter " +
                            csv::shown_delimiter(declared) + ", and " + std::to_string(columns) + " by " +
                            csv::shown_delimiter(other),
                        "",
                        "Correct the key \"delimiter\" of the seed; without it the delimiter is found. A header that "
                        "has such a character in a name is written in quotes.");
    }
}

/// The columns of the table, with the types that are declared.
std::vector<load::planned_column> plan_columns(const project::seed &seed, const pg::data_file &file,
                                               const std::vector<std::string> &names) {
    std::vector<load::planned_column> plan;
    for (std::size_t i = 0; i < names.size(); ++i) {
        plan.push_back({names[i], "", i});
        plan.back().decimal = seed.decimal;
    }
    const load::places places(names);
    for (const project::column &c : seed.columns) {
        const std::size_t at = places[c.name];
        if (at == load::places::none)
            throw error(sqlstate::contract,
                        c.at.text() + ": seed \"" + seed.name + "\" has no column \"" + c.name + "\"", "",
                        "Correct the name, or the header of file \"" + file.name + "\".");
        if (!c.type.empty())
            plan[at].type = pg::canonical_type(c.type, c.at.text());
        plan[at].formats = c.formats;
        plan[at].decimal = c.decimal ? c.decimal : seed.decimal;
    }
    return plan;
}

/// Finds the other types over the whole file. A column that readers have as text stays text where it is no number: what
/// hangs on it would break, and a version before found no other types.
void find_types(const project::seed &seed, load::csv_input &reading, std::vector<load::planned_column> &plan) {
    std::vector<std::pair<std::size_t, csv::seed_type>> open;
    for (std::size_t i = 0; i < plan.size(); ++i)
        if (plan[i].type.empty())
            open.emplace_back(i, csv::seed_type(plan[i].decimal));
    bool last_is_used = false;
    for (std::size_t records = 1; reading.next(); ++records) { // what is bad is told when it is loaded
        const auto &fields = reading.fields();
        for (auto &[column, type] : open)
            if (const record::field &f = pg::field_at(fields, plan[column].field); !f.is_null)
                type.see(f.text);
        last_is_used |= !fields.back().is_null && !fields.back().text.empty();
        if (records % 1024 == 0)
            check_interrupts();
    }
    const std::vector<pg::table_column> published = pg::columns_of(seed.schema, seed.relation());
    for (const auto &[column, type] : open) {
        load::planned_column &c = plan[column];
        if (!type.is_number_or_text() && text::contains(published, pg::table_column{c.name, "text"})) {
            pg::notice("seed \"" + seed.name + "\": column \"" + c.name + "\" has only values of type " +
                           type.sql_name() + " and stays text, as its table has it",
                       "Declare the type in the project to change it.");
            c.type = "text";
            continue;
        }
        c.type = type.sql_name();
        c.formats = type.formats();
    }
    if (reading.nameless_last() && !last_is_used) {
        pg::notice("seed \"" + seed.name + "\": the nameless last column of file \"" + reading.file().name +
                   "\" has no values and is left out");
        plan.pop_back();
    }
}

/// What is read of a seed's file, and the columns that it makes.
struct settled_seed {
    load::input_file input;
    std::vector<load::planned_column> plan;
};
settled_seed settle(const project::project &p, const project::seed &seed, const pg::data_file &file) {
    const auto settled = std::make_shared<load::csv_format>(format_of(seed, file));
    settled->date_order = p.date_order;
    const load::csv_format &format = *settled;
    settled_seed out{{file, settled}, {}};
    if (format.delimiter() != ",")
        if (const std::string found = format.found(file); !found.empty())
            pg::notice(format.what + ": " + found);
    load::csv_input reading(file, format);
    if (reading.header().empty())
        throw error(sqlstate::bad_file, "seed \"" + seed.name + "\": file \"" + file.name + "\" is empty", "",
                    "A seed needs a header line.");
    if (reading.header().size() == 1)
        refuse_other_delimiter(seed, file, format);
    load::check_width(format.what + ": file \"" + file.name + "\"", reading.header().size(), false,
                      "Check the key \"delimiter\", or load it as a stream, whose map can drop columns.");
    name::named_header named = load::name_fields(reading.header());
    if (reading.nameless_last())
        std::erase_if(named.renamed, [&](const auto &r) { return r.position == named.names.size(); });
    for (const std::string &sentence : load::renamings(format, file, named))
        pg::notice(sentence);
    out.plan = plan_columns(seed, file, named.names);
    out.input.header = reading.header();
    out.input.names = named.names;
    find_types(seed, reading, out.plan);
    return out;
}

} // namespace

std::optional<seed_file> find_seed_file(const project::project &p, const project::seed &seed) {
    auto file = find_file(p, seed);
    if (!file)
        return std::nullopt;
    *file = pg::open_file(*file);
    std::string how; // what is declared belongs to what makes a seed unchanged, and so does what is found
    for (const project::column &c : seed.columns)
        how += c.name + " " + c.type + formats_of(c) + ",";
    const std::string delimiter = delimiter_of(seed, *file);
    if (delimiter != ",")
        how += " delimiter " + delimiter;
    if (seed.decimal != '.')
        how += std::string(" decimal ") + seed.decimal;
    if (seed.pads_short)
        how += " short rows";
    for (const auto *hooks : {&seed.pre_hooks, &seed.post_hooks})
        for (const project::hook &h : *hooks)
            how += (hooks == &seed.pre_hooks ? " before " : " after ") + h.source;
    if (p.date_order != value::date_order::none)
        how += value::date_style(p.date_order);
    const std::string content =
        bytes::to_hex(pg::reading(*file, [&] { return bytes::hash_file(pg::descriptor_of(*file)); }));
    file->opened.reset(); // there may be many seeds
    return seed_file{*file, content, content + " " + text::hash(how)};
}

void fill_seed(const project::project &p, const project::seed &seed, const seed_file &from, const std::string &name,
               run::step &done) {
    const pg::data_file opened = pg::open_file(from.file), *file = &opened;
    done.files = done.read = 1;
    auto [input, plan] = settle(p, seed, opened);
    load::reject_log rejects(input.format, "", seed.name, {}, 0);
    rejects.name_file(0, file->name);
    pg::claim_schema(seed.schema);
    pg::claim_relation(seed.schema, seed.relation(), pg::claim_lock::none);
    load::create_staging(seed.schema, name, plan);
    input.sources = load::sources_of(plan);
    const load::filled filled = load::fill_table(seed.schema, name, plan, {input}, nullptr, rejects);
    rejects.judge(filled.stopped ? rejects.count() + 1 : filled.files.front().records);
    const load::file_content &held = filled.files.front();
    if (bytes::to_hex(held.hash) != from.content) // what is remembered would be another content than the table has
        throw load::changed_while_read(*file);
    done.records = held.records;
    done.bytes = held.bytes;
    pg::project_script("ALTER TABLE " + pg::qualified(seed.schema, name) +
                       " DROP COLUMN _baro_file, DROP COLUMN _baro_line, DROP COLUMN _baro_seq");
}

std::string put_seed(const project::project &p, const std::string &name) {
    const std::string folders =
        text::join(p.seed_folders, ", or ", [](const std::string &folder) { return folder + "/"; });
    return "Put " + name + ".csv into " + (folders.empty() ? "" : folders + " of the project, or into ") +
           "seeds/ below barometre.data_directory.";
}

std::string seed_definition(const project::project &p, const project::seed &seed) {
    const std::optional<pg::data_file> found = find_file(p, seed);
    if (!found)
        throw error(sqlstate::bad_file, "seed \"" + seed.name + "\" has no file", "", put_seed(p, seed.name));
    const pg::data_file file = pg::open_file(*found);
    return "-- The rows are those of " + (seed.file.empty() ? "seeds/" + seed.name + ".csv" : seed.file) +
           ".\nCREATE TABLE " + pg::qualified(seed.schema, seed.relation()) + " (\n    " +
           text::join(settle(p, seed, file).plan, ",\n    ",
                      [](const load::planned_column &c) { return pg::quote_identifier(c.name) + " " + c.type; }) +
           "\n)";
}

} // namespace barometre::model
