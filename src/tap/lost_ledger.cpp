#include "tap/lost_ledger.h"
#include "pg/spi.h"
#include "tap/columns.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

std::vector<std::int64_t> recover_ids(const project::stream &stream, const discovered &found, const staged &read) {
    std::vector<std::int64_t> ids;
    std::vector<std::string> fresh, kept{"0"}; // of no file, as it was decided
    const std::vector<const file_plan *> plans = found.to_parse();
    for (std::size_t i = 0; i < plans.size(); ++i) {
        ids.push_back(read.files[i].id);
        if (!found.known.files.count(plans[i]->file.name) && plans[i]->old_path.empty())
            fresh.push_back(std::to_string(ids.back()));
    }
    if (found.known.complete || fresh.empty())
        return ids;
    for (const auto &[path, entry] : found.known.files)
        kept.push_back(std::to_string(entry.id));
    const std::string content = "ROW(" + pg::column_list(names_of(read.columns), "x.") + ")::text";
    auto matches =
        pg::project_sql("WITH s AS (SELECT x._baro_file AS file, " + content +
                            " AS content, pg_catalog.count(*) AS n FROM " + read.table +
                            " AS x WHERE x._baro_file OPERATOR(pg_catalog.=) ANY ($1::int[]) GROUP BY 1, 2), t AS "
                            "(SELECT x._baro_file AS file, " +
                            content + " AS content, pg_catalog.count(*) AS n FROM " + table_of(stream) +
                            " AS x WHERE x._baro_file OPERATOR(pg_catalog.<>) ALL ($2::int[]) GROUP BY 1, 2) "
                            "SELECT s.file, t.file FROM s JOIN t ON s.content OPERATOR(pg_catalog.=) t.content GROUP "
                            "BY 1, 2 ORDER BY pg_catalog.sum(least(s.n, t.n)) "
                            "DESC, 1, 2",
                        {pg::array_literal(fresh), pg::array_literal(kept)});
    std::set<std::int64_t> done, taken;
    for (std::size_t i = 0; i < matches.rows.size(); ++i) {
        const std::int64_t mine = matches.number(i, 0), old = matches.number(i, 1);
        if (done.count(mine) || taken.count(old))
            continue;
        done.insert(mine);
        taken.insert(old);
        pg::sql("UPDATE " + read.table + " SET _baro_file = $2::int WHERE _baro_file = $1::int",
                {std::to_string(mine), std::to_string(old)});
        std::replace(ids.begin(), ids.end(), mine, old);
    }
    return ids;
}

} // namespace barometre::tap
