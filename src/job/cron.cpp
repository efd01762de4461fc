#include "job/cron.h"
#include "core/error.h"
#include "job/due.h"
#include "pg/identity.h"
#include "pg/settings.h"
#include "pg/time_zone.h"

#include <algorithm>

namespace barometre::job {

namespace {

constexpr char prefix[] = "barometre ";

std::string database() { return pg::sql("SELECT pg_catalog.current_database()").text(0, 0); }

/// The beginning of all commands that are barometre's.
std::string call() { return "CALL " + pg::qualified(pg::extension_schema(), "baro_job") + "("; }

[[noreturn]] void in_another_database(const std::vector<cron_entry> &wanted, const std::string &home) {
    std::string statements = "In database \"" + home + "\", as a superuser:";
    const std::string mine = database(), role = pg::role_name(pg::current_role());
    for (const cron_entry &e : wanted)
        statements += "\nSELECT cron.schedule_in_database(" + pg::quote_literal(prefix + e.job) + ", " + pg::quote_literal(e.schedule) + ", " +
                      pg::quote_literal(e.command) + ", " + pg::quote_literal(mine) + ", " + pg::quote_literal(role) + ");";
    throw error(sqlstate::not_configured, "pg_cron lives in database \"" + home + "\", and not in this one", wanted.empty() ? "" : statements,
                "Set cron.database_name = '" + mine + "' in postgresql.conf and restart the server, or let its DBA run the statements in DETAIL.");
}

void check_cron(const std::vector<cron_entry> &wanted) {
    const std::string home = pg::setting("cron.database_name"), mine = database();
    if (home.empty())
        throw error(sqlstate::not_configured, "pg_cron is not running on this server", "Everything but baro_schedule() and baro_unschedule() works without it.",
                    "Install its package (postgresql-15-cron), set shared_preload_libraries = 'pg_cron', cron.database_name = '" + mine +
                        "' and cron.use_background_workers = on in postgresql.conf, restart the server, and CREATE EXTENSION pg_cron;");
    if (home != mine)
        in_another_database(wanted, home);
    const std::string role = pg::role_name(pg::current_role());
    auto found = pg::sql("SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_extension e "
                         "JOIN pg_catalog.pg_namespace n ON n.nspname = 'cron' WHERE e.extname = 'pg_cron'");
    if (found.empty())
        throw error(sqlstate::not_configured, "the extension pg_cron is not in this database", "", "As a superuser: CREATE EXTENSION pg_cron; SELECT * FROM baro_grant();");
    if (!found.yes(0, 0))
        throw error("42501", "permission denied for schema cron", "Jobs are scheduled as role \"" + role + "\", who owns the project.",
                    "As a superuser: SELECT * FROM baro_grant();  or: GRANT USAGE ON SCHEMA cron TO " + pg::quote_identifier(role) + ";");
}

} // namespace

std::vector<cron_entry> entries(const project::project &p) {
    const std::int64_t now = pg::seconds_since_1970(GetCurrentTimestamp());
    std::vector<cron_entry> out;
    for (const project::job &j : p.jobs)
        if (const std::string schedule = gmt_schedule(j, now); !schedule.empty())
            out.push_back({j.name, schedule, command_of(j.name)});
    return out;
}

std::string command_of(const std::string &job) { return call() + pg::quote_literal(job) + ", now())"; }

std::vector<cron_change> set_entries(const std::vector<cron_entry> &wanted) {
    check_cron(wanted);
    auto found = pg::sql("SELECT jobid, jobname, schedule, command, active, pg_catalog.starts_with(command, $1) FROM cron.job "
                         "WHERE username = current_user AND database = pg_catalog.current_database() AND pg_catalog.starts_with(jobname, $2) ORDER BY jobname",
                         {call(), prefix});
    std::vector<cron_change> out;
    auto is_wanted = [&](const std::string &name) { return std::any_of(wanted.begin(), wanted.end(), [&](const auto &w) { return prefix + w.job == name; }); };
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        if (is_wanted(found.text(i, 1)) || !found.yes(i, 5))
            continue;
        pg::sql("SELECT cron.unschedule($1::bigint)", {found.at(i, 0)});
        out.push_back({{found.text(i, 1).substr(sizeof prefix - 1), found.text(i, 2), found.text(i, 3)}, "removed"});
    }
    for (const cron_entry &e : wanted) {
        cron_change made{e, "added"};
        for (std::size_t i = 0; i < found.rows.size(); ++i) {
            if (found.text(i, 1) != prefix + e.job)
                continue;
            if (!found.yes(i, 5))
                throw error(sqlstate::busy, "cron.job has an entry \"" + found.text(i, 1) + "\" that is none of barometre's", "Its command is: " + found.text(i, 3),
                            "SELECT cron.unschedule('" + found.text(i, 1) + "');  or give the job another name.");
            const bool same = found.text(i, 2) == e.schedule && found.text(i, 3) == e.command && found.yes(i, 4);
            made.change = same ? "kept" : "changed";
            if (!same && !found.yes(i, 4)) // it can't be made active but anew
                pg::sql("SELECT cron.unschedule($1::bigint)", {found.at(i, 0)});
        }
        if (made.change != "kept")
            pg::sql("SELECT cron.schedule($1, $2, $3)", {prefix + e.job, e.schedule, e.command});
        out.push_back(made);
    }
    return out;
}

void expect_runs(const std::vector<cron_entry> &wanted) {
    std::vector<std::string> names;
    for (const cron_entry &e : wanted)
        names.push_back(e.job);
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.job SET scheduled_since = CASE WHEN name = ANY ($1::text[]) THEN now() END "
                "WHERE (scheduled_since IS NOT NULL) <> (name = ANY ($1::text[]))",
                {pg::array_literal(names)});
    });
}

void expect_runs_of(const std::string &job) {
    pg::as_extension([&] { pg::sql("UPDATE barometre.job SET scheduled_since = now() WHERE name = $1 AND scheduled_since IS NULL", {job}); });
}

void tell_how_it_connects() {
    if (pg::setting("cron.use_background_workers") == "on")
        return;
    const std::string host = pg::setting("cron.host"), role = pg::role_name(pg::current_role());
    pg::notice("pg_cron will connect to \"" + (host.empty() ? "localhost" : host) + "\" as role \"" + role + "\" without a password",
               "If cron.job_run_details says \"connection failed\", add a line to pg_hba.conf that lets it in, for example: local " + database() + " " + role +
                   " trust, with cron.host = '' for the socket; or set cron.use_background_workers = on, which needs no connection.");
}

} // namespace barometre::job
