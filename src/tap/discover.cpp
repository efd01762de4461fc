#include "tap/discover.h"
#include "core/csv/encoding.h"
#include "core/text/text.h"
#include "pg/cancels.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "tap/adopt.h"
#include "tap/reading.h"
#include "tap/stream.h"

#include <algorithm>
#include <map>
#include <set>

namespace barometre::tap {

std::string hash_of_file(const pg::data_file &file) {
    pg::descriptor opened = pg::open_file(file);
    return pg::reading(file, [&] { return csv::to_hex(csv::hash_file(opened.get(), [] { pg::check_interrupts(); })); });
}

namespace {

/// Decides by its content about a file that has the size of its last load.
void compare_content(file_plan &plan, const ledger_entry &known) {
    try {
        plan.hash = hash_of_file(plan.file);
    } catch (const error &e) {
        // Made unreadable since: only its permissions changed, as far as anybody can see.
        const pg::file_state &now = plan.file.state, &then = known.state;
        if (e.sqlstate != sqlstate::bad_file || now.mtime_us != then.mtime_us || now.inode != then.inode)
            throw;
        pg::warning(e.message, e.hint, "Its size and time are those of its last load, so it counts as unchanged.");
        plan.action = file_action::unchanged;
        return;
    }
    if (plan.hash == known.hash)
        plan.action = file_action::touched;
}

/// Finds whether a file only grew since it was loaded.
void compare_prefix(file_plan &plan, const ledger_entry &known) {
    if (known.parsed_bytes == 0 || known.records == 0) // of which not even the header may have been there
        return;
    pg::descriptor opened = pg::open_file(plan.file);
    auto prefix = pg::reading(plan.file, [&] {
        return csv::read_prefix(opened.get(), static_cast<std::uint64_t>(known.parsed_bytes),
                                [] { pg::check_interrupts(); });
    });
    if (prefix.whole_lines && csv::to_hex(prefix.hash) == known.parsed_hash) {
        plan.prefix = std::move(prefix);
        plan.records = known.records;
    }
}

/// Compares the listed files with the ledger. A file whose size, times and inode
/// are those of the ledger is not opened; else its content decides. Without a
/// bookmark no times are trusted. `parse_all`: every file is to be parsed.
/// `tails`: of a file that grew only what follows may be parsed.
/// `listed` are all files that match, also those before start_date.
std::vector<file_plan> plan_files(const std::vector<pg::data_file> &files, const std::vector<pg::data_file> &listed,
                                  const ledger &known, bool parse_all, bool tails) {
    // Only for files that the ledger does not have by their names.
    std::set<std::string> present;
    std::set<std::int64_t> sizes;
    std::multimap<std::string, const ledger_entry *> by_hash;
    auto index_ledger = [&] {
        for (const pg::data_file &f : listed)
            present.insert(f.name);
        for (const auto &[path, entry] : known.files) {
            sizes.insert(entry.state.size);
            by_hash.emplace(entry.hash, &entry);
        }
    };
    std::set<std::int64_t> taken;
    std::vector<file_plan> plans;
    for (const pg::data_file &file : files) {
        file_plan plan;
        plan.file = file;
        auto entry = known.files.find(file.name);
        if (entry != known.files.end()) {
            plan.id = entry->second.id;
            if (tails && !parse_all && !entry->second.open_quote &&
                csv::compression_of(file.name) == csv::compression::none &&
                file.state.size > entry->second.parsed_bytes)
                compare_prefix(plan, entry->second);
            if (!parse_all && entry->second.state.size == file.state.size) {
                if (known.has_bookmark && entry->second.settled && entry->second.state == file.state) {
                    plan.action = file_action::unchanged;
                } else {
                    compare_content(plan, entry->second);
                }
            }
            plans.push_back(std::move(plan));
            continue;
        }
        // A name that is not in the ledger: a new file, or one that was renamed.
        if (present.empty())
            index_ledger();
        if (file.state.size > 0 && sizes.count(file.state.size)) {
            plan.hash = hash_of_file(file);
            const auto [first, last] = by_hash.equal_range(plan.hash);
            for (auto same = first; same != last; ++same) {
                const ledger_entry &old = *same->second;
                const std::string &path = old.path;
                if (present.count(path) || taken.count(old.id)) {
                    plan.twin = path;
                } else {
                    plan.id = old.id;
                    plan.old_path = path;
                    plan.twin.clear();
                    taken.insert(old.id);
                    if (!parse_all)
                        plan.action = file_action::renamed;
                    break;
                }
            }
        }
        plans.push_back(std::move(plan));
    }
    return plans;
}

bool was_read_otherwise(const project::stream &stream, const ledger &known) {
    if (known.files.empty())
        return false;
    const reading now(stream);
    return std::any_of(known.files.begin(), known.files.end(), [&](const auto &file) {
        const ledger_entry &entry = file.second;
        return !entry.reading.empty() && entry.reading != now.of(entry.delimiter);
    });
}

/// Rows of files that are gone can't be read again.
void refuse_gone(const project::stream &stream, const discovered &found) {
    std::set<std::int64_t> there;
    for (const file_plan &f : found.files)
        there.insert(f.id);
    std::map<std::string, std::string> gone; // path by id
    for (const auto &[path, entry] : found.known.files)
        if (!there.count(entry.id) && !entry.reading.empty())
            gone.emplace(std::to_string(entry.id), path);
    std::vector<std::string> ids, kept, rows; // kept: those that have rows
    for (const auto &[id, path] : gone)
        ids.push_back(id);
    if (ids.empty())
        return;
    const auto counted =
        pg::project_sql("SELECT t._baro_file::text AS file, pg_catalog.count(*) FROM " + table_of(stream) +
                            " AS t WHERE t._baro_file OPERATOR(pg_catalog.=) ANY "
                            "($1::int[]) GROUP BY 1 ORDER BY 1",
                        {pg::array_literal(ids)});
    if (counted.empty())
        return;
    for (std::size_t i = 0; i < counted.rows.size(); ++i) {
        kept.push_back(counted.text(i, 0));
        rows.push_back("\"" + gone[kept.back()] + "\" (rows: " + counted.text(i, 1) + ")");
    }
    const std::size_t shown_files = std::min<std::size_t>(rows.size(), 20);
    const std::string more =
        rows.size() > shown_files ? " and " + std::to_string(rows.size() - shown_files) + " more" : "";
    rows.resize(shown_files);
    throw error(sqlstate::contract,
                shown(stream) + ": its files are to be read otherwise than before, and " +
                    (kept.size() == 1 ? "one of them is gone" : std::to_string(kept.size()) + " of them are gone"),
                "Their rows would keep their old meaning beside the new one: " + text::join(rows) + more + ".",
                "Put them back, or the keys of the stream as they were. To keep these rows as they are, a superuser "
                "says:  " +
                    accept_reading(stream, kept) + "  and the load runs again.");
}

} // namespace

std::string accept_reading(const project::stream &stream, const std::vector<std::string> &ids) {
    return "UPDATE barometre.file SET reading = NULL WHERE " +
           (ids.empty() ? "tap = " + pg::quote_literal(stream.tap) + " AND stream = " + pg::quote_literal(stream.name)
                        : "id IN (" + text::join(ids) + ")") +
           ";";
}

std::vector<const file_plan *> discovered::to_parse() const {
    std::vector<const file_plan *> out;
    for (const file_plan &f : files)
        if (f.action == file_action::parse)
            out.push_back(&f);
    return out;
}

discovered discover(const project::stream &stream, const purpose &why) {
    discovered out;
    out.table_exists = has_table(stream);
    const auto owner = pg::current_role();
    const auto listed = pg::list_files(stream.path, stream.pattern, owner);
    std::vector<pg::data_file> files;
    const std::int64_t youngest = stream.min_age > 0 ? pg::now_us() - stream.min_age * 1'000'000 : INT64_MAX;
    out.known = read_ledger(stream);
    if (out.table_exists)
        out.table = pg::columns_of(stream.tap, stream.name);
    out.is_adopted = out.table_exists && is_of_others(stream, out.table, out.known);
    out.rereads = out.table_exists && !out.is_adopted && !why.full_refresh && !why.only_shows() &&
                  was_read_otherwise(stream, out.known);
    for (const pg::data_file &f : listed) {
        if (f.state.mtime_us < stream.start_date * 1'000'000 && !(out.rereads && out.known.files.count(f.name)))
            continue;
        if (f.state.mtime_us > youngest)
            why.tell(shown(stream) + ": file \"" + f.name + "\" is younger than min_age and waits for a later run");
        else
            files.push_back(f);
    }
    std::stable_sort(files.begin(), files.end(), [](const auto &a, const auto &b) {
        return std::pair(a.state.mtime_us, a.name) < std::pair(b.state.mtime_us, b.name);
    });
    if (why.full_refresh || out.rereads)
        for (const pg::data_file &f : listed)
            if (f.state.mtime_us > youngest && out.known.files.count(f.name))
                throw error(sqlstate::contract,
                            shown(stream) + ": file \"" + f.name + "\" is younger than min_age, and " +
                                (out.rereads ? "the files are to be read otherwise than before: all of them, or none"
                                             : "full_refresh would take its rows away"),
                            "",
                            out.rereads ? "Run it again when the file is older."
                                        : "Run it again when the file is older, or without full_refresh.");
    const bool tails = stream.encodings.size() == 1 && csv::is_utf8_name(stream.encodings[0]);
    out.files = plan_files(files, listed, out.known,
                           why.full_refresh || out.rereads || !out.table_exists || out.is_adopted, tails);
    if (out.rereads) {
        refuse_gone(stream, out);
        why.tell(shown(stream) + ": what the project says of how its files are read has changed, and all of them are "
                                 "read again");
    }
    for (const file_plan *f : out.to_parse())
        if (!f->twin.empty() && f->id == 0)
            why.tell(shown(stream) + ": file \"" + f->file.name + "\" has the same content as \"" + f->twin +
                     "\"; it is loaded as a second file");
    return out;
}

} // namespace barometre::tap
