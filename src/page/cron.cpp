#include "page/cron.h"
#include "core/json/writer.h"
#include "pg/identity.h"
#include "pg/settings.h"

namespace barometre::page {

pg::cell cron_entries() {
    const std::string home = pg::setting("cron.database_name");
    if (home.empty())
        return std::nullopt;
    const std::string none = json::object().add("database", home).raw("entries", "[]").text();
    if (home != pg::database_name())
        return none;
    return pg::as_extension([&]() -> pg::cell {
        if (pg::sql("SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron'").empty())
            return none;
        return pg::
            sql("SELECT pg_catalog.jsonb_build_object('database', $1, 'entries', coalesce(pg_catalog.jsonb_agg("
                "pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('job', j.jobname, 'schedule', j.schedule, "
                "'active', j.active, 'last', l.last)) ORDER BY j.jobname), '[]')) FROM cron.job j LEFT JOIN LATERAL ("
                "SELECT pg_catalog.jsonb_build_object('status', d.status, 'at', pg_catalog.date_trunc('second', "
                "d.start_time), 'message', d.return_message) AS last FROM cron.job_run_details d WHERE d.jobid = "
                "j.jobid ORDER BY d.runid DESC LIMIT 1) AS l ON true WHERE j.database = $1 AND "
                "pg_catalog.starts_with(j.jobname, 'barometre ')",
                {home})
                .at(0, 0);
    });
}

} // namespace barometre::page
