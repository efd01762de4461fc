#include "tap/losses.h"
#include "core/text/text.h"
#include "load/merge.h"
#include "load/same_rows.h"
#include "load/withheld.h"
#include "pg/spi.h"
#include "tap/columns.h"
#include "tap/stream.h"
#include "tap/table.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

namespace {

/// The files whose rows stay because they are read, under whatever name, and those that another file has the rows of.
std::set<std::string> kept_paths(const project::stream &stream, const discovered &found, const twins &same) {
    std::set<std::string> out(same.old_paths.begin(), same.old_paths.end());
    for (const file_plan &f : found.files)
        out.insert({f.file.name, f.old_path});
    if (stream.key_properties.empty()) // else the rows are compared
        for (const doubled_file &f : same.doubled)
            out.insert(f.gone.path);
    return out;
}

std::int64_t count_lost(const project::stream &stream, const staged &read, const std::vector<std::string> &ids) {
    if (!stream.key_properties.empty() && !read.table.empty())
        return load::count_absent(table_of(stream), read.table, names_of(read.columns), types_of(read.columns),
                                  stream.key_properties, ids);
    return pg::project_sql("SELECT pg_catalog.count(*) FROM " + table_of(stream) +
                           " WHERE _baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(ids) + ")")
        .number(0, 0);
}

} // namespace

void check_deletes(const project::stream &stream, std::int64_t rows, const std::string &what, const std::string &why,
                   const std::string &detail, const std::string &instead) {
    const std::int64_t all = count_rows(stream);
    const project::limit most = stream.most_deletes();
    if (!most.allows(rows, all))
        throw error(sqlstate::contract,
                    shown(stream) + ": " + what + " would take away " + std::to_string(rows) + " of " +
                        std::to_string(all) + " rows, " + why + ", and max_deletes is " + most.text(),
                    detail, instead + ", or let the rows go with  max_deletes: 100%  in the stream.");
}

std::int64_t delete_rows_of(const project::stream &stream, const std::string &rows, const std::string &which,
                            const std::string &instead) {
    try {
        return load::delete_found(
            table_of(stream), rows,
            pg::qualified(stream.tap, "_baro_gone_" + std::to_string(pg::oid_of(table_of(stream)))));
    } catch (const error &e) {
        if (e.sqlstate != "23503" && e.sqlstate != "23001")
            throw;
        throw error(sqlstate::contract,
                    shown(stream) + ": " + which + " can't be deleted, because other rows refer to them: " + e.message,
                    e.detail,
                    "Delete those first, give the foreign key ON DELETE CASCADE or SET NULL, or " + instead + ".");
    }
}

void refuse_losses(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                   const twins &same) {
    if (!why.full_refresh)
        return;
    const std::set<std::string> kept = kept_paths(stream, found, same);
    std::vector<std::string> ids, files;
    bool any_old = false;
    for (const auto &[path, entry] : found.known.files) {
        if (kept.count(path))
            continue;
        ids.push_back(std::to_string(entry.id));
        if (entry.records > 0)
            files.push_back(text::quoted(path));
        any_old = any_old || !std::binary_search(found.gone.begin(), found.gone.end(), path);
    }
    const std::int64_t lost = ids.empty() ? 0 : count_lost(stream, read, ids);
    if (lost == 0)
        return;
    const std::string reason = any_old ? "gone or older than start_date" : "gone";
    const std::string those = text::first_of(files, 5);
    check_deletes(stream, lost, "full_refresh", "whose files are " + reason, text::sentence("The files are " + those),
                  "Put the files back");
    why.tell(shown(stream) + ": " + std::to_string(lost) + (lost == 1 ? " row goes" : " rows go") +
             ", of files that are " + reason + ": " + those);
}

} // namespace barometre::tap
