#include "job/cron.h"
#include "core/error.h"
#include "core/text/text.h"
#include "job/due.h"
#include "pg/identity.h"
#include "pg/installed.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/settings.h"
#include "pg/time.h"

#include <algorithm>

namespace barometre::job {

namespace {

constexpr char prefix[] = "barometre ";

/// The beginning of all commands that are barometre's.
std::string call() { return "CALL " + pg::qualified(pg::extension_schema(), "baro_job") + "("; }

/// Cuts a name that is longer than one of the server's, so that it stays valid UTF-8 and no two become one.
std::string fitted(std::string name) {
    if (name.size() <= pg::longest_name)
        return name;
    const std::string rest = pg::sql("SELECT pg_catalog.left(pg_catalog.md5($1), 8)", {name}).text(0, 0);
    return std::string(text::cut(name, pg::longest_name - 1 - rest.size())) + " " + rest;
}

/// A role has one entry of a name on the whole server.
std::string entry_name(const std::string &job) { return fitted(prefix + pg::database_name() + " " + job); }

/// The job that a command of barometre's calls.
std::string job_of(const std::string &command) {
    const std::size_t begin = command.find('\'') + 1; // names have no quotes
    return command.substr(begin, command.find('\'', begin) - begin);
}

[[noreturn]] void in_another_database(const std::vector<cron_entry> &wanted, const std::string &home) {
    const std::string mine = pg::quote_literal(pg::database_name()),
                      role = pg::quote_literal(pg::role_name(pg::current_role()));
    std::string kept, added;
    for (const cron_entry &e : wanted) {
        const std::string name = pg::quote_literal(entry_name(e.job));
        text::append(kept, name);
        added += "\nSELECT cron.schedule_in_database(" + name + ", " + pg::quote_literal(e.schedule) + ", " +
                 pg::quote_literal(e.command) + ", " + mine + ", " + role + ");";
    }
    throw error(sqlstate::not_configured, "pg_cron lives in database \"" + home + "\", and not in this one",
                "In database \"" + home +
                    "\", as a superuser:\nSELECT cron.unschedule(jobid) FROM cron.job WHERE database = " + mine +
                    " AND username = " + role + " AND starts_with(jobname, " + pg::quote_literal(prefix) + ")" +
                    (kept.empty() ? "" : " AND jobname NOT IN (" + kept + ")") + ";" + added,
                "Set cron.database_name = " + mine +
                    " in postgresql.conf and restart the server, or let its DBA run the statements in DETAIL.");
}

void check_cron(const std::vector<cron_entry> &wanted) {
    const std::string home = pg::setting("cron.database_name"), mine = pg::database_name();
    if (home.empty() || pg::setting("shared_preload_libraries").find("pg_cron") == std::string::npos)
        throw error(sqlstate::not_configured, "pg_cron is not running on this server",
                    "Everything but baro_schedule() and baro_unschedule() works without it.",
                    "Install it (Debian: postgresql-" + pg::server_major() +
                        "-cron), add pg_cron to shared_preload_libraries, set "
                        "cron.database_name = '" +
                        mine +
                        "' and cron.use_background_workers = on in postgresql.conf, restart the server, and CREATE "
                        "EXTENSION pg_cron;");
    if (home != mine)
        in_another_database(wanted, home);
    const std::string role = pg::role_name(pg::current_role());
    auto found = pg::sql("SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_extension e "
                         "JOIN pg_catalog.pg_namespace n ON n.nspname = 'cron' WHERE e.extname = 'pg_cron'");
    if (found.empty())
        throw error(sqlstate::not_configured, "the extension pg_cron is not in this database", "",
                    "As a superuser: CREATE EXTENSION pg_cron; SELECT * FROM baro_grant();");
    if (!found.yes(0, 0))
        throw error("42501", "permission denied for schema cron",
                    "Jobs are scheduled as role \"" + role + "\", who owns the project.",
                    "As a superuser: SELECT * FROM baro_grant();  or: GRANT USAGE ON SCHEMA cron TO " +
                        pg::quote_identifier(role) + ";");
}

/// pg_cron connects as the owner.
void check_owner() {
    const std::string role = pg::role_name(pg::current_role()), quoted = pg::quote_identifier(role);
    const auto may = pg::sql("SELECT rolcanlogin, pg_catalog.has_database_privilege(pg_catalog.current_database(), "
                             "'CONNECT') FROM pg_catalog.pg_roles WHERE rolname = $1",
                             {role});
    if (!may.yes(0, 0))
        throw error(sqlstate::not_configured,
                    "role \"" + role + "\", who owns the project, may not log in, as which pg_cron runs its jobs", "",
                    "As a superuser: ALTER ROLE " + quoted + " LOGIN;  It needs no password.");
    if (!may.yes(0, 1))
        throw error(sqlstate::not_configured,
                    "role \"" + role +
                        "\", who owns the project, may not connect to this database, as which pg_cron runs its jobs",
                    "",
                    "As a superuser: GRANT CONNECT ON DATABASE " + pg::quote_identifier(pg::database_name()) + " TO " +
                        quoted + ";");
}

} // namespace

std::vector<cron_entry> entries(const project::project &p) {
    const std::int64_t now = pg::now();
    std::vector<cron_entry> out;
    for (const project::job &j : p.jobs)
        if (const std::string schedule = gmt_schedule(j, now); !schedule.empty())
            out.push_back({j.name, schedule, command_of(j.name)});
    return out;
}

std::string command_of(const std::string &job) { return call() + pg::quote_literal(job) + ", now())"; }

std::vector<cron_change> set_entries(const std::vector<cron_entry> &wanted) {
    check_cron(wanted);
    if (!wanted.empty())
        check_owner();
    pg::wait_for_name("schedule", pg::database_name());
    // Where an entry connects to is a part of it, which cron.schedule() does not change.
    auto found = pg::sql("SELECT jobid, jobname, schedule, command, active AND nodename = $3 AND nodeport = $4::int, "
                         "pg_catalog.starts_with(command, $1) FROM cron.job "
                         "WHERE username = current_user AND database = pg_catalog.current_database() AND "
                         "pg_catalog.starts_with(jobname, $2) ORDER BY jobname",
                         {call(), prefix, pg::setting("cron.host"), pg::setting("port")});
    std::vector<cron_change> out;
    std::vector<std::string> names;
    for (const cron_entry &e : wanted)
        names.push_back(entry_name(e.job));
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        if (!found.yes(i, 5) || std::find(names.begin(), names.end(), found.text(i, 1)) != names.end())
            continue;
        pg::sql("SELECT cron.unschedule($1::bigint)", {found.at(i, 0)});
        out.push_back({{job_of(found.text(i, 3)), found.text(i, 2), found.text(i, 3)}, "removed"});
    }
    for (std::size_t n = 0; n < wanted.size(); ++n) {
        const cron_entry &e = wanted[n];
        cron_change made{e, "added"};
        for (std::size_t i = 0; i < found.rows.size(); ++i) {
            if (found.text(i, 1) != names[n])
                continue;
            if (!found.yes(i, 5))
                throw error(sqlstate::busy, "cron.job has an entry \"" + names[n] + "\" that is none of barometre's",
                            "Its command is: " + found.text(i, 3),
                            "SELECT cron.unschedule(" + pg::quote_literal(names[n]) +
                                ");  or give the job another name.");
            made.change = found.text(i, 2) == e.schedule && found.text(i, 3) == e.command && found.yes(i, 4)
                              ? "unchanged"
                              : "changed";
            if (!found.yes(i, 4))
                pg::sql("SELECT cron.unschedule($1::bigint)", {found.at(i, 0)});
        }
        if (made.change != "unchanged")
            pg::sql("SELECT cron.schedule($1, $2, $3)", {names[n], e.schedule, e.command});
        out.push_back(made);
    }
    return out;
}

void tell_of_other_databases() {
    auto found = pg::sql("SELECT database, count(*), pg_catalog.bool_or(database NOT IN (SELECT datname FROM "
                         "pg_catalog.pg_database)) FROM cron.job "
                         "WHERE username = current_user AND database <> pg_catalog.current_database() AND "
                         "pg_catalog.starts_with(jobname, $1) "
                         "AND pg_catalog.strpos(command, 'baro_job(') > 0 GROUP BY 1 ORDER BY 1",
                         {prefix});
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        pg::notice("cron.job has " + found.text(i, 1) + (found.number(i, 1) == 1 ? " entry" : " entries") +
                       " for database \"" + found.text(i, 0) + "\", too" +
                       (found.yes(i, 2) ? ", which does not exist" : ""),
                   "If this database was called so before, or its dump came from there, remove them: SELECT "
                   "cron.unschedule(jobid) FROM cron.job WHERE database = " +
                       pg::quote_literal(found.text(i, 0)) + " AND starts_with(jobname, '" + prefix + "');");
}

bool expect_runs(const std::vector<cron_entry> &wanted) {
    std::vector<std::string> names;
    for (const cron_entry &e : wanted)
        names.push_back(e.job);
    return pg::as_extension([&] {
        return pg::sql("UPDATE barometre_internal.job SET scheduled_since = CASE WHEN name = ANY ($1::text[]) THEN "
                       "now() END "
                       "WHERE (scheduled_since IS NOT NULL) <> (name = ANY ($1::text[]))",
                       {pg::array_literal(names)})
                   .processed > 0;
    });
}

void expect_runs_of(const std::string &job) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.job SET scheduled_since = now() WHERE name = $1 AND scheduled_since IS NULL",
                {job});
    });
}

void tell_how_it_connects() {
    if (pg::setting("cron.use_background_workers") == "on")
        return;
    const std::string host = pg::setting("cron.host"), role = pg::role_name(pg::current_role()),
                      who = pg::database_name() + " " + role;
    const bool socket = host.empty() || host[0] == '/';
    pg::notice("pg_cron will connect " + (socket ? "by the server's socket" : "to \"" + host + "\"") + " as role \"" +
                   role + "\", without a password",
               "If cron.job_run_details says \"connection failed\", pg_hba.conf does not let it in. Before its other "
               "lines, it needs: " +
                   (socket ? "local " + who + " trust"
                           : "host " + who + " 127.0.0.1/32 trust  and  host " + who + " ::1/128 trust") +
                   ". Or set cron.use_background_workers = on, which needs no connection.");
}

} // namespace barometre::job
