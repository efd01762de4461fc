#!/usr/bin/env bash
# The schedule, with a real pg_cron in a server of its own: jobs that run by themselves, and a restart in the middle.
. "$(dirname "$0")/../lib.sh"
has_extension pg_cron || skip_all "pg_cron is not installed"
own_server "shared_preload_libraries = 'pg_cron'" "cron.database_name = '$db'" "cron.use_background_workers = on"
new_database
mkdir -p "$project"
cat > "$project/barometre.yml" <<'YML'
version: 1
name: cron
roles: {loader: meltano}
jobs:
  - name: each-minute
    interval: '* * * * *'
    steps: [{sql: "insert into public.done values ('by itself')"}]
  - name: fails
    interval: '* * * * *'
    steps: [{sql: 'select 1/0'}]
  - name: nightly
    interval: '@daily'
    timezone: Europe/Paris
    steps: [{sql: 'select 1'}]
  - {name: by-hand, steps: [{sql: 'select pg_sleep(60)'}]}
  - {name: off, enabled: false, interval: '@daily', steps: [{sql: 'select 1'}]}
YML
role=postgres sql "ALTER DATABASE $db SET barometre.project_directory = '$project'" >/dev/null
role=postgres sql "SELECT count(*) FROM baro_grant()" >/dev/null
entries() { role=postgres sql "SELECT string_agg(jobname || ' ' || schedule || ' ' || username, ', ' ORDER BY jobname) FROM cron.job"; }

like "without the extension the schedule says so" "$(sql "SELECT * FROM baro_schedule()")" 'the extension pg_cron is not in this database'
role=postgres sql "CREATE EXTENSION pg_cron" >/dev/null
like "without USAGE, too" "$(sql "SELECT * FROM baro_schedule()")" 'permission denied for schema cron'
role=postgres sql "SELECT count(*) FROM baro_grant()" >/dev/null
sql "CREATE TABLE public.done (what text)" >/dev/null
open_session ear meltano
ask ear "LISTEN barometre"
is "the loading role schedules, without being superuser" "$(sql "SELECT job, change FROM baro_schedule()")" "each-minute|added
fails|added
nightly|added"
is "as its own entries, on Greenwich's clock" "$(entries)" "barometre $db each-minute * * * * * meltano, barometre $db fails * * * * * meltano, barometre $db nightly 0 22,23 * * * meltano"
is "again nothing changes" "$(sql "SELECT DISTINCT change FROM baro_schedule()")" unchanged
role=postgres sql "SELECT cron.schedule('mine', '0 0 * * *', 'SELECT 1')" >/dev/null
sed -i "s/'@daily'\$/'@hourly'/; /name: off/d" "$project/barometre.yml"
is "a change of the project is a change of the schedule" "$(sql "SELECT job, schedule FROM baro_schedule() WHERE change = 'changed'")" "nightly|30 * * * *"
soon "SELECT count(*) > 0 FROM public.done" 75
is "a job runs by itself" "$(sql "SELECT min(what) FROM public.done")" "by itself"
soon "SELECT count(*) > 0 FROM cron.job_run_details WHERE status = 'failed'" 75
like "one that fails is failed for pg_cron" "$(role=postgres sql "SELECT return_message FROM cron.job_run_details WHERE status = 'failed' LIMIT 1")" 'job "fails" failed: step 1/1 \(sql select 1/0\): division by zero'
is "and in the memory of runs" "$(sql "SELECT DISTINCT status FROM barometre.run WHERE kind = 'job' AND name = 'fails'")" failed
like "and in barometre.failures" "$(sql "SELECT replace(f::text, E'\n', ' ') FROM barometre.failures f")" 'division by zero'
like "status shows each job" "$(sql "SELECT s::text FROM barometre.status s WHERE job = 'each-minute'")" 'succeeded'
like "the server log warns" "$(server_log all)" 'WARNING:.*job "fails"'
unlike "and when each runs next" "$(sql "SELECT next_run FROM barometre.status WHERE job = 'nightly'")" 'not scheduled'
is "baro_unschedule removes them" "$(sql "SELECT count(*) FROM baro_unschedule() WHERE change = 'removed'")" 3
is "of which status knows" "$(sql "SELECT next_run FROM barometre.status WHERE job = 'nightly'")" "not scheduled"
is "and nothing else" "$(entries)" "mine 0 0 * * * postgres"
like "who listens has heard" "$(ask ear "SELECT 1")" '"name": "fails".*"status": "failed"|"status": "failed".*"fails"|fails.*failed'

# A restart in the middle.
sql "CALL baro_job('by-hand')" >/dev/null 2>&1 & 
soon "SELECT count(*) > 0 FROM barometre.run WHERE name = 'by-hand' AND status = 'running'"
as_cluster_user "$server_bin/pg_ctl" -D "$cluster_home/pg" -m fast -w restart -l "$cluster_home/server.log" >/dev/null 2>&1
keep_sessions
sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "a job whose server was restarted is interrupted" "$(sql "SELECT status FROM barometre.run WHERE kind = 'job' AND name = 'by-hand' LIMIT 1")" interrupted
is "and is not running for ever" "$(timeout 20 psql -X -q -At -d $db -U meltano -c "SET statement_timeout = '1s'" -c "CALL baro_job('by-hand')" 2>&1 | grep -c 'being run')" 0
finish
