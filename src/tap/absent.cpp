#include "tap/absent.h"
#include "core/text/text.h"
#include "load/record_input.h"
#include "load/staging_table.h"
#include "load/withheld.h"
#include "pg/messages.h"
#include "pg/own_heap.h"
#include "pg/spi.h"
#include "tap/columns.h"
#include "tap/losses.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

void read_newest(const project::stream &stream, const purpose &why, discovered &out) {
    if (!stream.delete_absent || why.only_shows() || out.to_parse().empty())
        return;
    out.files.back().action = file_action::parse;
}

namespace {

std::string newest_file(const discovered &found) { return text::quoted(found.files.back().file.name); }

/// A file that was loaded, is newer than all that are there, and is not one of them; empty: none is.
std::string newer_elsewhere(const discovered &found, const twins &same) {
    const pg::data_file &last = found.files.back().file;
    std::vector<std::string> present = same.old_paths;
    for (const file_plan &f : found.files)
        present.push_back(f.old_path.empty() ? f.file.name : f.old_path);
    for (const doubled_file &f : same.doubled)
        if (f.twin == last.name)
            present.push_back(f.gone.path);
    std::sort(present.begin(), present.end());
    const ledger_entry *newest = nullptr;
    const auto age = [](const ledger_entry &e) { return std::pair(e.state.mtime_us, e.path); };
    for (const auto &[path, entry] : found.known.files)
        if (age(entry) > std::pair(last.state.mtime_us, last.name) && (!newest || age(entry) > age(*newest)))
            newest = &entry;
    return newest && !std::binary_search(present.begin(), present.end(), newest->path) ? newest->path : "";
}

} // namespace

bool reads_truth(const project::stream &stream, const discovered &found, const twins &same) {
    return stream.delete_absent && !found.files.empty() && newer_elsewhere(found, same).empty();
}

absence::absence(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                 const twins &same, const std::vector<std::int64_t> &ids, const load::reject_log &rejects)
    : stream_(stream), why_(why), found_(found), read_(read), newest_(std::to_string(ids.back())) {
    if (!why.full_refresh && !read.in_place) // else what is not there is no matter
        elsewhere_ = newer_elsewhere(found, same);
    if (!elsewhere_.empty() || rejects.count() == 0)
        return;
    const std::int64_t records = read.filled.files.back().records;
    if (read.table.empty())
        unreadable_ = records;
    else
        find_rejected(records - pg::project_sql("SELECT pg_catalog.count(*) FROM " + read.table +
                                                " WHERE _baro_file OPERATOR(pg_catalog.=) " + newest_)
                                    .number(0, 0));
}

/// Reads the newest file once more, for its keys alone.
void absence::find_rejected(std::int64_t rows) {
    if (rows == 0)
        return;
    const load::input_file &newest = read_.files.back();
    load::input_file input = newest;
    std::vector<load::planned_column> keys;
    input.prefix.reset();
    input.sources.clear();
    for (const std::string &key : stream_.key_properties)
        for (std::size_t i = 0; i < read_.columns.size(); ++i)
            if (read_.columns[i].name == key) {
                keys.push_back(read_.columns[i]);
                input.sources.push_back(newest.sources[i]);
            }
    load::reject_log without_key(newest.format, stream_.tap, stream_.name, {0, 100}, 0);
    without_key.name_file(input.id, input.file.name);
    const std::string name = "_baro_keys_" + std::to_string(why_.run);
    load::create_staging(stream_.tap, name, keys);
    rejected_ = pg::qualified(stream_.tap, name);
    const load::filled filled = load::fill_table(stream_.tap, name, keys, {input}, nullptr, without_key);
    if (filled.files.back().hash != read_.filled.files.back().hash)
        throw load::changed_while_read(input.file);
    unreadable_ = without_key.count();
}

std::int64_t absence::take_out() {
    const bool has_others = read_.files.size() > 1 || !elsewhere_.empty();
    if (read_.table.empty() || !has_others || unreadable_ > 0)
        return 0;
    if (!elsewhere_.empty()) {
        if (!why_.is_silent())
            pg::warning(shown(stream_) + ": what was read changes nothing, because file \"" + elsewhere_ +
                            "\", which was loaded before, is newer, and the newest file is the whole truth",
                        "That file is not read by this call. SELECT * FROM baro_run('" + name_of(stream_) +
                            "', full_refresh => true);  makes the newest file of those that are there the truth.");
        return load::delete_rows(read_.table, " FROM " + read_.table);
    }
    std::string rows = " FROM " + read_.table + " AS t WHERE t._baro_file OPERATOR(pg_catalog.<>) " + newest_;
    rows += " AND NOT EXISTS (SELECT FROM " + read_.table + " AS s WHERE s._baro_file OPERATOR(pg_catalog.=) " +
            newest_ + " AND " + same_key(stream_, read_.columns, "t", "s") + ")";
    if (!rejected_.empty())
        rows += " AND NOT EXISTS (SELECT FROM " + rejected_ + " AS k WHERE " +
                same_key(stream_, read_.columns, "t", "k") + ")";
    return load::delete_rows(read_.table, rows);
}

std::int64_t absence::delete_rows() const {
    if (!why_.full_refresh && !elsewhere_.empty())
        return 0;
    const std::string target = table_of(stream_), newest = newest_file(found_);
    if (!why_.full_refresh && unreadable_ > 0) {
        if (!why_.is_silent())
            pg::warning(shown(stream_) + ": rows that file " + newest + " lacks stay, because " +
                            std::to_string(unreadable_) +
                            (unreadable_ == 1 ? " record was rejected whose key can't be read"
                                              : " records were rejected whose keys can't be read"),
                        "SELECT * FROM barometre.reject; says why. They go with the next file that is read whole.");
        return 0;
    }
    const auto beside = [&](const std::string &table) {
        return pg::beside(pg::oid_of(target), table, stream_.key_properties);
    };
    std::string rows = " FROM " + target + " AS t WHERE true";
    if (!read_.table.empty())
        rows += " AND NOT EXISTS (SELECT FROM " + beside(read_.table) + " AS s WHERE " +
                same_key(stream_, read_.columns, "t", "s") + ")";
    if (!why_.full_refresh && !rejected_.empty())
        rows += " AND NOT EXISTS (SELECT FROM " + beside(rejected_) + " AS k WHERE " +
                same_key(stream_, read_.columns, "t", "k") + ")";
    const std::int64_t gone = pg::project_sql("SELECT pg_catalog.count(*)" + rows).number(0, 0);
    if (gone == 0)
        return 0;
    check_deletes(stream_, gone, "file " + newest, "which it lacks",
                  "The newest file is the whole truth (delete_absent). It has " +
                      std::to_string(read_.filled.files.back().records) +
                      (read_.filled.files.back().records == 1 ? " record." : " records."),
                  "Put a whole file in its place");
    delete_rows_of(stream_, rows, "rows that file " + newest + " lacks",
                   "take delete_absent out of the stream. Nothing of this run was kept");
    why_.tell(shown(stream_) + ": " + std::to_string(gone) + (gone == 1 ? " row goes" : " rows go") + ", which file " +
              newest + " lacks");
    return gone;
}

void absence::drop() const {
    if (!rejected_.empty())
        pg::project_script("DROP TABLE " + rejected_);
}

} // namespace barometre::tap
