#include "tap/lost_ledger.h"
#include "pg/spi.h"
#include "tap/columns.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

namespace {

/// Gives the staged rows of some files the ids that their rows in the table have.
void take_ids(const staged &read, const std::vector<std::string> &mine, const std::vector<std::string> &old) {
    if (!mine.empty())
        pg::sql("UPDATE " + read.table +
                    " AS t SET _baro_file = x.old FROM unnest($1::int[], $2::int[]) AS x (mine, old) WHERE "
                    "t._baro_file = x.mine",
                {pg::array_literal(mine), pg::array_literal(old)});
}

} // namespace

std::vector<std::int64_t> recover_ids(const project::stream &stream, const discovered &found, const staged &read,
                                      const twins &same) {
    std::vector<std::int64_t> ids;
    std::vector<std::string> mine, old;
    std::vector<std::string> fresh, kept{"0"}; // of no file, as it was decided
    const std::vector<const file_plan *> plans = found.to_parse();
    for (std::size_t i = 0; i < plans.size(); ++i) {
        ids.push_back(read.files[i].id);
        if (plans[i]->id != 0)
            continue;
        if (same.old_paths[i].empty()) {
            fresh.push_back(std::to_string(ids.back()));
            continue;
        }
        mine.push_back(std::to_string(ids.back()));
        ids.back() = found.known.files.at(same.old_paths[i]).id;
        old.push_back(std::to_string(ids.back()));
    }
    take_ids(read, mine, old);
    mine.clear();
    old.clear();
    if (found.known.complete || fresh.empty() || // else a table without rows costs all the texts of what comes
        pg::project_sql("SELECT FROM " + table_of(stream) + " LIMIT 1").processed == 0)
        return ids;
    for (const auto &[path, entry] : found.known.files)
        kept.push_back(std::to_string(entry.id));
    const std::string content = "ROW(" + pg::column_list(names_of(read.columns), "x.") + ")::text";
    auto matches = pg::project_sql(
        "WITH s AS (SELECT x._baro_file AS file, " + content + " AS content, pg_catalog.count(*) AS n FROM " +
        read.table + " AS x WHERE x._baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(fresh) +
        ") GROUP BY 1, 2), t AS "
        "(SELECT x._baro_file AS file, " +
        content + " AS content, pg_catalog.count(*) AS n FROM " + table_of(stream) +
        " AS x WHERE x._baro_file OPERATOR(pg_catalog.<>) ALL (" + pg::int_array(kept) +
        ") GROUP BY 1, 2) "
        "SELECT s.file, t.file FROM s JOIN t ON s.content OPERATOR(pg_catalog.=) t.content GROUP "
        "BY 1, 2 ORDER BY pg_catalog.sum(least(s.n, t.n)) "
        "DESC, 1, 2");
    std::set<std::int64_t> done, taken;
    for (std::size_t i = 0; i < matches.rows.size(); ++i) {
        const std::int64_t here = matches.number(i, 0), there = matches.number(i, 1);
        if (done.count(here) || taken.count(there))
            continue;
        done.insert(here);
        taken.insert(there);
        mine.push_back(std::to_string(here));
        old.push_back(std::to_string(there));
        std::replace(ids.begin(), ids.end(), here, there);
    }
    take_ids(read, mine, old);
    return ids;
}

} // namespace barometre::tap
