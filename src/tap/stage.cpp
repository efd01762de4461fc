#include "tap/stage.h"
#include "core/text/text.h"
#include "load/record_input.h"
#include "load/staging_table.h"
#include "pg/claim.h"
#include "pg/spi.h"
#include "tap/skipping.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

void number_files(std::vector<load::input_file> &files) {
    const auto fresh = std::count_if(files.begin(), files.end(), [](const load::input_file &f) { return f.id == 0; });
    const auto ids = new_file_ids(static_cast<std::size_t>(fresh));
    auto id = ids.begin();
    for (load::input_file &f : files)
        if (f.id == 0)
            f.id = *id++;
}

load::file_content read_nothing(const load::input_file &f, load::reject_log &rejects) {
    const std::unique_ptr<load::record_input> reading = f.format->open(f);
    if (!reading->header().empty())
        throw load::changed_while_read(f.file);
    rejects.name_file(f.id, f.file.name);
    load::file_content held;
    reading->on_bad = [&](pg::reject bad) {
        ++held.records;
        bad.file = f.id;
        rejects.add(std::move(bad));
    };
    if (reading->next())
        throw error(sqlstate::contract,
                    f.format->what + ": file \"" + f.file.name + "\", line " + std::to_string(reading->line()) +
                        ": a record without any field makes no table",
                    "", "Correct the file, or " + f.format->advice() + "; nothing of this run was kept.");
    reading->check_unchanged();
    held.bytes = static_cast<std::int64_t>(reading->bytes());
    held.blank = static_cast<std::int64_t>(reading->blank_lines());
    held.hash = reading->hash();
    held.unpacked = reading->unpacked_hash();
    rejects.know_records(f.file.name, held.records);
    return held;
}

/// Of files without even a header: they are read once more, because what has one by now would never be looked at again,
/// and for what can't be read of them.
load::filled nothing(const std::vector<load::input_file> &files, bool past_unreadable, load::reject_log &rejects) {
    load::filled out;
    for (const load::input_file &f : files)
        try {
            out.files.push_back(read_nothing(f, rejects));
        } catch (const error &e) {
            if (!past_unreadable)
                throw;
            out.unreadable.emplace_back(f.file.name, e);
        }
    return out;
}

/// Throws all that could not be read to its end, at once.
void refuse_unreadable(const load::filled &read) {
    std::vector<load::bad_file> bad;
    for (const auto &[file, e] : read.unreadable)
        note_bad_file(bad, file, e);
    if (!bad.empty())
        throw bad_files(bad);
}

} // namespace

staged stage(const project::stream &stream, const purpose &why, const discovered &found, const shape &planned,
             load::reject_log &rejects) {
    staged out;
    out.files = planned.files;
    if (!why.only_shows())
        number_files(out.files);
    if (planned.columns.empty()) {
        out.filled = nothing(out.files, why.skips, rejects);
        refuse_unreadable(out.filled);
        for (const load::file_content &f : out.filled.files)
            out.records += f.records;
        return out;
    }
    for (const load::input_file &f : out.files) {
        rejects.name_file(f.id, f.file.name);
        if (f.prefix)
            rejects.judge_part();
    }
    pg::claim_schema(stream.tap);
    // Rows of a table that is spread come into it by SQL, as into one that is there already.
    out.in_place = !found.table_exists && !why.only_shows() && !stream.spread.is_said();
    out.columns = planned.columns;
    const std::string name = out.in_place ? stream.name : "_baro_staging_" + std::to_string(why.run);
    out.table = pg::qualified(stream.tap, name);
    // What a full refresh, delete_absent, another reading or a lost ledger is told from must be in the staging table.
    const bool all = !found.table_exists || why.only_shows() || stream.key_properties.empty() || why.full_refresh ||
                     stream.delete_absent || found.rereads || !found.known.complete || !planned.unsettled.empty();
    load::found_types open = planned.open;
    bool ascends = true;
    const auto fill = [&] {
        if (out.in_place) {
            out.ddl = create_table(stream, out.columns);
            out.key_ddl = begin_key(stream, out.columns);
        } else {
            load::create_staging(stream.tap, name, out.columns);
        }
        out.filled = load::fill_table(stream.tap, name, out.columns, out.files, &open, rejects, all ? "" : stream.name,
                                      ascends, why.skips);
        refuse_unreadable(out.filled);
        if (!out.key_ddl.empty() && !out.filled.wider && !out.filled.has_key) {
            drop_key(stream);
            out.key_ddl.clear();
        }
    };
    fill();
    if (out.filled.lost) {
        ascends = false;
        open = planned.open;
        pg::project_script("DROP TABLE " + out.table);
        rejects.forget();
        fill();
    }
    if (out.filled.wider) {
        const std::vector<load::file_content> seen = out.filled.files;
        pg::project_script("DROP TABLE " + out.table);
        rejects.forget();
        bool has_grown = false;
        for (std::size_t i = 0; i < seen.size(); ++i)
            has_grown |= seen[i].header.size() > out.files[i].header.size();
        if (has_grown) {
            out.grown = seen;
            return out;
        }
        open.apply(out.columns);
        fill();
        for (std::size_t i = 0; i < std::min(seen.size(), out.filled.files.size()); ++i)
            if (seen[i].hash != out.filled.files[i].hash) {
                const error changed = load::changed_while_read(out.files[i].file);
                if (why.skips)
                    throw bad_files({{out.files[i].file.name, changed}});
                throw changed;
            }
    }
    for (const load::file_content &f : out.filled.files)
        out.records += f.records;
    for (std::size_t i = 0; i < out.columns.size(); ++i)
        if (open.has_unseen(i))
            out.unsettled.push_back(out.columns[i].name);
    out.changes = planned.changes;
    if (found.table_exists) {
        for (const load::planned_column &c : out.columns)
            if (c.type != "text" && text::contains(planned.unsettled, c.name))
                out.settled.push_back(c.name);
        out.wanted = alteration_of(stream, planned.table, out.columns, out.settled);
        out.changes.insert(out.changes.end(), out.wanted.changes.begin(), out.wanted.changes.end());
    }
    return out;
}

void judge(const staged &read, const load::reject_log &rejects) {
    rejects.judge(read.filled.stopped ? std::max(read.records, rejects.count() + 1) : read.records);
}

} // namespace barometre::tap
