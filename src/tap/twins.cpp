#include "tap/twins.h"
#include "core/text/text.h"
#include "load/withheld.h"
#include "pg/spi.h"
#include "tap/stream.h"

#include <algorithm>
#include <map>

namespace barometre::tap {

twins find_twins(const discovered &found, const staged &read) {
    twins out;
    // Files of the same content that are gone, in the order of their paths; without a table there are no rows of them.
    std::multimap<std::string, const ledger_entry *> gone;
    if (found.table_exists)
        for (const std::string &path : found.gone)
            if (const ledger_entry &entry = found.known.files.at(path);
                entry.records > 0 && !entry.unpacked_hash.empty())
                gone.emplace(entry.unpacked_hash, &entry);

    std::map<std::string, std::string> present, begins; // by the hash of what a file holds, and of what it began with
    for (const file_plan &f : found.files) {
        if (f.action == file_action::parse && !f.prefix)
            continue;
        const ledger_entry &entry = found.known.files.at(f.old_path.empty() ? f.file.name : f.old_path);
        if (entry.records > 0 && !entry.unpacked_hash.empty())
            (f.prefix ? begins : present).emplace(entry.unpacked_hash, f.file.name);
    }
    const std::vector<const file_plan *> plans = found.to_parse();
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const file_plan &f = *plans[i];
        const load::file_content &held = read.filled.files[i];
        out.old_paths.push_back(f.old_path);
        if (f.records + held.records == 0)
            continue;
        const std::string content = bytes::to_hex(held.unpacked);
        if (f.id == 0) {
            if (const auto old = gone.find(content); old != gone.end()) {
                out.old_paths.back() = old->second->path;
                gone.erase(old);
            } else if (const auto twin = present.find(content); twin != present.end()) {
                out.sentences.push_back("file \"" + f.file.name + "\" has the same content as \"" + twin->second +
                                        "\"; it is loaded as a second file");
            }
        }
        present.emplace(content, f.file.name);
    }
    begins.merge(present);
    for (const auto &[content, entry] : gone)
        if (const auto twin = begins.find(content); twin != begins.end())
            out.doubled.push_back({*entry, twin->second});
    return out;
}

void refuse_gone(const project::stream &stream, const discovered &found, const twins &same) {
    std::map<std::string, std::string> lost; // path by id
    for (const std::string &path : found.gone)
        if (const ledger_entry &entry = found.known.files.at(path); !entry.reading.empty())
            lost.emplace(std::to_string(entry.id), path);
    for (const doubled_file &f : same.doubled)
        lost.erase(std::to_string(f.gone.id));
    for (const std::string &path : same.old_paths)
        if (!path.empty())
            lost.erase(std::to_string(found.known.files.at(path).id));
    std::vector<std::string> ids, kept, rows; // kept: those that have rows
    for (const auto &[id, path] : lost)
        ids.push_back(id);
    if (ids.empty())
        return;
    const auto counted = pg::project_sql("SELECT t._baro_file::text AS file, pg_catalog.count(*) FROM " +
                                         table_of(stream) + " AS t WHERE t._baro_file OPERATOR(pg_catalog.=) ANY (" +
                                         pg::int_array(ids) + ") GROUP BY 1 ORDER BY 1");
    if (counted.empty())
        return;
    for (std::size_t i = 0; i < counted.rows.size(); ++i) {
        kept.push_back(counted.text(i, 0));
        rows.push_back("\"" + lost[kept.back()] + "\" (rows: " + counted.text(i, 1) + ")");
    }
    throw error(sqlstate::contract,
                shown(stream) + ": its files are to be read otherwise than before, and " +
                    (kept.size() == 1 ? "one of them is gone" : std::to_string(kept.size()) + " of them are gone"),
                "Their rows would keep their old meaning beside the new one: " + text::first_of(rows, 20) + ".",
                "Put them back, or the keys of the stream as they were. To keep these rows as they are, a superuser "
                "says:  " +
                    accept_reading(stream, kept) + "  and the load runs again.");
}

std::int64_t delete_doubled(const project::stream &stream, const purpose &why, const twins &same) {
    std::vector<std::string> ids, names;
    for (const doubled_file &f : same.doubled) {
        ids.push_back(std::to_string(f.gone.id));
        names.push_back("\"" + f.gone.path + "\" (now \"" + f.twin + "\")");
    }
    if (ids.empty())
        return 0;
    const std::string rows =
        " FROM " + table_of(stream) + " WHERE _baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(ids) + ")";
    const std::int64_t deleted = load::delete_rows(table_of(stream), rows);
    why.tell(shown(stream) + ": " + std::to_string(deleted) + (deleted == 1 ? " row goes" : " rows go") +
             ", of files that are gone while others have their content: " + text::first_of(names, 5));
    return deleted;
}

} // namespace barometre::tap
