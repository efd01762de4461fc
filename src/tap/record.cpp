#include "tap/record.h"
#include "core/text/text.h"
#include "model/relation/attributes.h"
#include "pg/messages.h"
#include "pg/transaction.h"
#include "registry/change.h"
#include "tap/adopt.h"
#include "tap/forgotten.h"
#include "tap/left_out.h"
#include "tap/reading.h"
#include "tap/stream_columns.h"
#include "tap/table.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

namespace {

run::step step_of(const project::stream &stream, const discovered &found, const staged &read, const merged &moved,
                  const load::reject_log &rejects) {
    run::step step;
    step.kind = "stream";
    step.name = name_of(stream);
    step.why = text::join(read.changes, "; ");
    step.files =
        static_cast<std::int64_t>(found.shares_files ? found.matching : found.files.size() + found.left_out.size());
    step.read = static_cast<std::int64_t>(read.files.size());
    step.records = read.records;
    for (const load::file_content &f : read.filled.files) {
        step.bytes += f.bytes;
        step.blank_lines += f.blank;
    }
    for (const load::input_file &f : read.files)
        if (f.prefix)
            step.bytes -= static_cast<std::int64_t>(f.prefix->bytes);
    step.inserted = moved.rows.inserted;
    step.updated = moved.rows.updated;
    step.unchanged = moved.rows.unchanged;
    step.superseded = moved.rows.superseded;
    step.deleted = moved.rows.deleted;
    step.rejected = rejects.count();
    const std::int64_t known = step.inserted + step.updated + step.unchanged + step.rejected + step.superseded;
    if (known != step.records)
        throw error(sqlstate::internal,
                    shown(stream) + ": " + std::to_string(step.records) + " records were read, but " +
                        std::to_string(known) + " are accounted for",
                    "", "Nothing of this run was kept. Please report this.");
    return step;
}

/// Writes the ledger; true: something of it is new.
bool record_ledger(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                   const merged &moved) {
    std::vector<loaded_file> loaded;
    std::vector<seen_file> touched;
    std::vector<std::string> old_paths, whole;
    if (found.files.empty() && found.known.files.empty())
        return false;               // nor are the types of the stream looked at, which may not exist yet
    std::set<std::string> read_now; // by the paths that the ledger has
    const reading now(stream);
    for (const file_plan &f : found.files) {
        if (f.action == file_action::unchanged)
            continue;
        if (f.action != file_action::parse) {
            touched.push_back({f.id, f.file, f.old_path});
            continue;
        }
        const std::size_t n = loaded.size();
        const std::string &old_path = moved.same.old_paths[n];
        if (!old_path.empty())
            old_paths.push_back(old_path);
        if (!f.prefix)
            whole.push_back(f.file.name);
        const load::file_content &held = read.filled.files[n];
        const std::string delimiter = read.files[n].format->delimiter();
        loaded.push_back({{moved.file_ids[n], f.file},
                          f.records + held.records,
                          held.bytes,
                          bytes::to_hex(held.hash),
                          held.records > 0 || bytes::compression_of(f.file.name) == bytes::compression::none
                              ? bytes::to_hex(held.unpacked)
                              : "",
                          now.of(delimiter),
                          delimiter});
        read_now.insert(old_path.empty() ? f.file.name : old_path);
    }
    if (stream.key_properties.empty()) // else the rows stay, and with them what names their file
        for (const doubled_file &f : moved.same.doubled)
            old_paths.push_back(f.gone.path);
    if (!found.table_exists) // the rows that they had are gone with it
        for (const file_plan &f : found.left_out)
            if (f.id != 0)
                old_paths.push_back(f.old_path.empty() ? f.file.name : f.old_path);
    if (!old_paths.empty())
        forget_files(stream, old_paths);
    record_touched(stream, touched, found.listed_us);
    if (!whole.empty())
        forget_rejects(stream, whole, why.run);
    record_files(stream, loaded, found.listed_us, why.run);
    // Also of files that are gone: no row of theirs is left that has another meaning.
    std::vector<ledger_entry> others;
    for (const auto &[path, entry] : found.known.files) {
        if (read_now.count(path))
            continue;
        others.push_back(entry);
        others.back().reading = now.of(entry.delimiter);
        if (others.back().reading == entry.reading)
            others.pop_back();
    }
    record_reading(others);
    return !loaded.empty() || !touched.empty() || !old_paths.empty();
}

std::vector<std::string> paths_of(const std::vector<load::input_file> &files) {
    std::vector<std::string> paths;
    for (const load::input_file &f : files)
        paths.push_back(f.file.name);
    return paths;
}

pg::cell greatest_key(const project::stream &stream) {
    const std::string key = pg::quote_identifier(stream.key_properties[0]);
    const auto top = pg::project_sql("SELECT t." + key + "::text FROM " + table_of(stream) + " AS t ORDER BY t." + key +
                                     " DESC LIMIT 1");
    return top.empty() ? std::nullopt : top.at(0, 0);
}

void move_bookmark(const project::stream &stream, const purpose &why, const discovered &found, const shape &planned,
                   const merged &moved, const run::step &step) {
    bookmark mark;
    mark.records = step.records;
    // What the table has without a ledger nobody counted.
    if (found.known.has_bookmark || planned.table.empty())
        mark.rows = step.inserted - step.deleted;
    if (!stream.key_properties.empty() && step.read > 0 && moved.table_exists)
        mark.newest_data = greatest_key(stream);
    mark.newest.of = newest_of(stream);
    mark.newest.of_all_rows =
        why.full_refresh || step.deleted > 0 || step.updated > 0 || found.known.newest_of != mark.newest.of;
    if (!why.is_trial() && moved.table_exists) {
        std::vector<std::string> ids;
        for (const std::int64_t id : moved.file_ids)
            ids.push_back(std::to_string(id));
        mark.newest = find_newest_value(stream, mark.newest.of_all_rows, ids);
    }
    record_bookmark(stream, mark, why.run);
}

/// True: what the project says of the table is said otherwise than before, or of another table.
bool describe_table(const project::stream &stream, const discovered &found, const merged &moved) {
    const std::string wanted = model::relation::description_json(stream.description, stream.described());
    const std::string before = found.table_exists ? found.known.described : "";
    if (!moved.table_exists || wanted == before)
        return false;
    try {
        pg::in_subtransaction([&] {
            model::relation::describe(stream.tap, stream.name, 'r', stream.description, stream.described(),
                                      before.empty() ? "{}" : before);
        });
    } catch (const error &e) { // who may write a table may not be who may comment on it
        if (e.is_intervention())
            throw;
        pg::warning(shown(stream) + ": what the project says of it does not become comments: " + e.message,
                    "Let the role that loads it own its table.");
    }
    return true;
}

} // namespace

void forget_missing(const project::stream &stream, const discovered &found) {
    std::set<std::string> present;
    for (const file_plan &f : found.files)
        present.insert(f.file.name);
    std::vector<std::string> gone;
    for (const auto &[path, entry] : found.known.files)
        if (!present.count(path))
            gone.push_back(path);
    if (!gone.empty())
        forget_files(stream, gone);
}

void settle_bookmark(const project::stream &stream, const purpose &why, std::int64_t gained) {
    bookmark mark;
    mark.rows = gained;
    mark.is_of_all_rows = mark.newest.of_all_rows = true;
    mark.newest.of = newest_of(stream);
    if (has_table(stream)) {
        if (!stream.key_properties.empty())
            mark.newest_data = greatest_key(stream);
        mark.newest = find_newest_value(stream, true, {});
    }
    record_bookmark(stream, mark, why.run);
}

run::step record(const project::stream &stream, const purpose &why, const discovered &found, const shape &planned,
                 const staged &read, const merged &moved, load::reject_log &rejects) {
    run::step step = step_of(stream, found, read, moved, rejects);
    rejects.store();
    for (const std::string &change : read.changes)
        why.tell(shown(stream) + ": " + change);
    const bool rows_changed = step.inserted + step.updated + step.deleted > 0;
    if (moved.table_exists && (step.read > 0 || step.deleted > 0) &&
        (rows_changed || planned.table != pg::columns_of(stream.tap, stream.name)))
        registry::stamp_change(stream.tap, stream.name);

    if (moved.table_exists && (step.read > 0 || step.deleted > 0) && !why.only_shows())
        step.rows = read.in_place ? step.inserted : count_rows(stream);

    if (planned.fields)
        record_stream_columns(stream, *planned.fields);
    if (read.unsettled != planned.unsettled && !read.columns.empty())
        record_unsettled(stream, read.unsettled);
    if (!found.shares_files)
        record_left_out(stream, why, found);
    const bool ledger_changed =
        found.shares_files ? found.ledger_changed : record_ledger(stream, why, found, read, moved);
    if (found.shares_files && step.read > 0)
        forget_rejects(stream, paths_of(read.files), why.run);
    if (hashed_columns(stream) != found.known.hashed && format_of(stream)->hides_values)
        forget_raw(stream);
    if (why.full_refresh && !found.shares_files) {
        forget_missing(stream, found);
        recall_contents(stream);
    }
    record_forgotten(stream, found);
    const ledger &known = found.known;
    const bool never_loaded = found.files.empty() && known.files.empty();
    const bool as_before = !describe_table(stream, found, moved) && !ledger_changed && known.has_bookmark &&
                           known.complete && known.newest_of == newest_of(stream);
    if (!never_loaded && !as_before)
        move_bookmark(stream, why, found, planned, moved, step);
    return step;
}

} // namespace barometre::tap
