#!/usr/bin/env bash
# A scheduled job that does not run is told, though nothing of it ever began.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: missed
roles: {loader: meltano}
jobs:
  - {name: by-hand, steps: [{sql: 'select 1'}]}
  - {name: first, interval: '* * * * *', steps: [{sql: 'select 1'}]}
  - {name: later, interval: '0 2 * * *', timezone: Europe/Paris, start_date: 2999-01-01, steps: [{sql: 'select 1'}]}
  - {name: nightly, interval: '0 2 * * *', timezone: Europe/Paris, steps: [{sql: 'select 1'}]}
  - {name: second, interval: '0 3 * * *', after: first, steps: [{sql: 'select 1'}]}
YML
super() { role=postgres sql "$1"; }
expected() { super "UPDATE barometre_internal.job SET scheduled_since = now() - interval '$1'" >/dev/null; }
missed() { sql "SELECT coalesce(string_agg(job, ' ' ORDER BY job), '') FROM barometre.missed"; }
status() { sql "SELECT last_run, next_run FROM barometre.status WHERE job = '$1'"; }
sql "SELECT count(*) FROM baro_seed()" >/dev/null

is "nobody scheduled it" "$(status nightly | sed 's/|.*|/|/')" "never run|not scheduled"
is "by hand" "$(status by-hand)" "never run|by hand"
is "what is not scheduled is not missed" "$(missed)" ""
expected '2 days'
is "a scheduled job that did not run is missed" "$(missed)" "first nightly second"
like "status shows when it was due, by its clock" "$(sql "SELECT last_run, started, took FROM barometre.status WHERE job = 'nightly'")" '^missed\|[0-9-]* 02:00 [A-Z]+\|$'
like "and when it is due next" "$(status nightly)" '^missed\|[0-9-]* 02:00 CES?T$'
like "failures says where to look" "$(sql "SELECT what, why, what_to_do FROM barometre_internal.failure WHERE what = 'job nightly'")" "pg_cron did not start it.*cron.job_run_details.*baro_schedule.*CALL baro_job\('nightly'\);"
like "that is a statement which the server can read" "$(sql "PREPARE p AS $(sql "SELECT regexp_replace(what_to_do, ';.*', '') FROM barometre_internal.failure WHERE what = 'job nightly'")")" 'relation "cron.job" does not exist'
expected '1 second'
is "before it was scheduled nothing is missed" "$(missed)" ""
expected '2 days'
use_points
stop_at run.success
sql "CALL baro_job('nightly')" >/dev/null 2>&1 & call=$!
at_point run.success
long=$(super "UPDATE barometre.run SET started_at = now() - interval '30 hours' WHERE status = 'running' RETURNING id")
is "what is still running is not missed" "$(missed) $(sql "SELECT last_run FROM barometre.status WHERE job = 'nightly'")" "first second running"
go_on run.success; wait $call
super "DELETE FROM barometre.run WHERE id = $long" >/dev/null
sql "CALL baro_job('nightly')" >/dev/null
is "a run by hand makes up for it" "$(sql "SELECT last_run FROM barometre.status WHERE job = 'nightly'") $(missed)" "succeeded first second"
sql "CALL baro_job('first')" >/dev/null
sed -i "s/'0 3 \* \* \*'/'1 3 * * *'/" "$project/barometre.yml"
sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "nothing is missed of a time that was only just asked for" "$(missed) $(super "SELECT scheduled_since > now() - interval '1 minute' FROM barometre_internal.job WHERE name = 'second'")" " t"
is "and other jobs are still expected" "$(super "SELECT scheduled_since < now() - interval '1 day' FROM barometre_internal.job WHERE name = 'nightly'")" t
super "UPDATE barometre_internal.job SET scheduled_since = NULL" >/dev/null
sql "CALL baro_job('first', now())" >/dev/null 2>&1
is "who was called by pg_cron once is expected again" "$(super "SELECT string_agg(name, ' ') FROM barometre_internal.job WHERE scheduled_since IS NOT NULL")" first
like "without pg_cron who unschedules is told, and nothing is expected any more" "$(notices "SELECT * FROM baro_unschedule()")" 'WARNING:  jobs are no longer expected to run by themselves, but: pg_cron is not running'
is "that holds" "$(super "SELECT count(*) FROM barometre_internal.job WHERE scheduled_since IS NOT NULL")" 0
like "and again it is an error" "$(notices "SELECT * FROM baro_unschedule()")" 'ERROR:  pg_cron is not running'
finish
