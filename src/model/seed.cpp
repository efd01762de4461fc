#include "model/seed.h"
#include "core/error.h"
#include "core/text/hash.h"
#include "load/csv_input.h"
#include "load/fill_table.h"
#include "load/staging_table.h"
#include "pg/cancels.h"
#include "pg/claim.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"

#include <algorithm>
#include <vector>

namespace barometre::model {

namespace {

std::optional<pg::data_file> find_file(const project::project &p, const project::seed &seed) {
    if (!seed.file.empty())
        if (auto file = pg::find_project_file(p.folder, seed.file))
            return file;
    return pg::find_data_file("seeds", seed.name + ".csv", pg::current_role());
}

/// How the column's values are written; empty: as the server writes them.
std::string formats_of(const project::column &c) {
    std::string out;
    for (const std::string &format : c.formats)
        out += " " + format;
    return out + (c.decimal ? std::string(" ") + c.decimal : "");
}

} // namespace

std::optional<seed_file> find_seed_file(const project::project &p, const project::seed &seed) {
    auto file = find_file(p, seed);
    if (!file)
        return std::nullopt;
    std::string types; // declared types belong to what makes a seed unchanged
    for (const project::column &c : seed.columns)
        types += c.name + " " + c.type + formats_of(c) + ",";
    if (p.date_order != value::date_order::none)
        types += value::date_style(p.date_order);
    pg::descriptor opened = pg::open_file(*file);
    return seed_file{*file, csv::to_hex(csv::hash_file(opened.get(), [] { pg::check_interrupts(); })) + " " +
                                text::hash(types)};
}

void fill_seed(const project::project &p, const project::seed &seed, const seed_file &from, const std::string &name,
               run::step &done) {
    const pg::data_file *file = &from.file;
    done.files = done.read = 1;
    load::csv_format format;
    format.what = "seed \"" + seed.name + "\"";
    format.drop_nameless_last = true;
    format.date_order = p.date_order;
    std::vector<load::planned_column> plan;
    format.dialect.delimiter = ",";
    load::input_file input{*file, load::settle(format, *file)};
    load::reject_log rejects(format, "", seed.name, {}, 0);
    rejects.name_file(0, file->name);
    {
        load::csv_input reading(*file, input.format);
        reading.on_bad([](const csv::bad_record &) {}); // told when it is loaded
        if (reading.names().empty())
            throw error(sqlstate::bad_file, "seed \"" + seed.name + "\": file \"" + file->name + "\" is empty", "",
                        "A seed needs a header line.");
        for (const std::string &sentence : reading.renamings())
            pg::notice(sentence);
        for (std::size_t i = 0; i < reading.names().size(); ++i) {
            load::planned_column column{reading.names()[i], "", i};
            for (const project::column &c : seed.columns)
                if (c.name == column.name) {
                    if (!c.type.empty())
                        column.type = pg::canonical_type(c.type, c.at.text());
                    column.formats = c.formats;
                    column.decimal = c.decimal ? c.decimal : '.';
                }
            plan.push_back(std::move(column));
        }
        for (const project::column &c : seed.columns)
            if (std::none_of(plan.begin(), plan.end(), [&](const auto &have) { return have.name == c.name; }))
                throw error(sqlstate::contract,
                            c.at.text() + ": seed \"" + seed.name + "\" has no column \"" + c.name + "\"", "",
                            "Correct the name, or the header of file \"" + file->name + "\".");
        input.fields = reading.names().size();
        load::found_types found;
        for (std::size_t i = 0; i < plan.size(); ++i)
            if (plan[i].type.empty())
                found.add(i);
        bool last_is_used = false;
        const auto sources = load::sources_of(plan);
        while (reading.next()) {
            const auto &fields = reading.reader().fields();
            found.see(fields, sources);
            last_is_used |= !fields.back().is_null && !fields.back().text.empty();
            if (reading.reader().records() % 1024 == 0)
                pg::check_interrupts();
        }
        found.apply(plan);
        if (reading.nameless_last() && !last_is_used) {
            pg::notice("seed \"" + seed.name + "\": the nameless last column of file \"" + file->name +
                       "\" has no values and is left out");
            plan.pop_back();
        }
    }
    pg::claim_schema(p.schema);
    pg::claim_relation(p.schema, seed.name, pg::claim_lock::none);
    load::create_staging(p.schema, name, plan);
    input.sources = load::sources_of(plan);
    const load::filled filled = load::fill_table(p.schema, name, plan, {input}, nullptr, rejects);
    rejects.judge(filled.stopped ? rejects.count() + 1 : filled.files.front().records);
    const load::file_content &held = filled.files.front();
    done.records = held.records;
    done.bytes = held.bytes;
    pg::project_script("ALTER TABLE " + pg::qualified(p.schema, name) +
                       " DROP COLUMN _baro_file, DROP COLUMN _baro_line, DROP COLUMN _baro_seq");
}

} // namespace barometre::model
