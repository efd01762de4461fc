#include "audit/source_age.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/messages.h"
#include "pg/query.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <map>

namespace barometre::audit {

namespace {

/// How old the newest data are; the words are those of barometre.freshness.
std::string judged(const project::freshness_config &wanted, const pg::cell &seconds) {
    const auto beyond = [&](std::int64_t limit) {
        return limit && (!seconds || std::stod(*seconds) > static_cast<double>(limit)); // nothing there: older than all
    };
    return beyond(wanted.error_after) ? "stale" : beyond(wanted.warn_after) ? "late" : "fresh";
}

/// The greatest value, as dbt asks for it. What has no zone is in the project's.
void measure(const project::source_table &s, run::source_age &found) {
    const project::freshness_config &wanted = *s.freshness;
    pg::check_reading(s.schema, s.identifier);
    // Each expression ends in a newline, so that it may end in a comment.
    const std::string newest = "SELECT pg_catalog.max((" + wanted.column + "\n)) AS newest FROM " +
                               pg::qualified(s.schema, s.identifier) +
                               (wanted.filter.empty() ? "" : " WHERE (" + wanted.filter + "\n)");
    const std::string type = pg::analyze_query(newest).columns.at(0).type;
    if (type != "date" && !type.starts_with("timestamp"))
        throw error(sqlstate::contract, "loaded_at_field \"" + wanted.column + "\" is of type " + type +
                                            ", and must be a date or a timestamp");
    const auto got = pg::project_sql(
        "SELECT m.at AS newest, pg_catalog.isfinite(m.at) AS finite, CASE WHEN pg_catalog.isfinite(m.at) THEN "
        "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) m.at) END AS seconds "
        "FROM (SELECT n.newest::pg_catalog.timestamptz AS at FROM (" +
        newest + ") AS n) AS m");
    found.newest = got.at(0, "newest");
    if (found.newest && !got.yes(0, "finite"))
        throw error(sqlstate::contract, "the greatest value of loaded_at_field \"" + wanted.column + "\" is " +
                                            *found.newest + ", which is no time");
    found.status = judged(wanted, got.at(0, "seconds"));
}

} // namespace

std::vector<const project::source_table *> measurable(const project::project &p,
                                                      const std::function<bool(const std::string &)> &chosen) {
    std::vector<const project::source_table *> out;
    for (const project::source_table &s : p.sources)
        if (s.freshness && !s.freshness->column.empty() && chosen(s.node()))
            out.push_back(&s);
    return out;
}

void measure_ages(const std::vector<const project::source_table *> &sources, run::record &memory,
                  const std::function<void(std::size_t, const std::string &)> &progress) {
    std::map<std::string, std::size_t> counts;
    std::string first;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const project::source_table &s = *sources[i];
        progress(i, s.node());
        run::source_age found{.source = s.node()};
        try {
            pg::in_subtransaction([&] { measure(s, found); });
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
            found.newest.reset();
            found.error = e.message;
            if (first.empty())
                first = "source \"" + s.node() + "\" (" + s.at.text() + "): " + e.message;
        }
        ++counts[found.status];
        memory.keep_age(found);
    }
    const auto number = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " source" : " sources"); };
    if (const std::size_t failed = counts["unknown"])
        pg::warning("how new the data of " + number(failed) + " is can't be measured: " + first +
                        (failed > 1 ? ", ..." : ""),
                    "Correct \"loaded_at_field\" and \"filter\" there, or make the table.");
    std::string old;
    for (const std::string status : {"late", "stale"})
        if (counts[status])
            text::append(old, std::to_string(counts[status]) + " " + status, ", ");
    if (!old.empty())
        pg::notice("of " + number(sources.size()) + " that " + (sources.size() == 1 ? "was" : "were") +
                   " measured: " + old + " (SELECT * FROM barometre.freshness;)");
}

} // namespace barometre::audit
