#!/usr/bin/env bash
# Jobs: by hand, on a schedule, when they fail, and who may.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: jobs
roles: {loader: meltano}
taps: [{name: t, streams: [{name: s, path: ., pattern: 's.*\.csv', key_properties: [id]}]}]
jobs:
  - name: all-of-it
    steps: [{run: t}, {transform: '*'}, {test: '*'}]
  - name: goes-on
    on_failure: continue
    steps: [{sql: 'select 1/0'}, {sql: "insert into public.done values ('second')"}]
  - name: stops
    steps: [{sql: "insert into public.done values ('kept')"}, {sql: 'select nope'}, {sql: "insert into public.done values ('never')"}]
    on_failure_sql: "insert into public.done values ('alert ' || $2)"
  - name: tries
    retries: {count: 2, delay: 0 s}
    steps: [{sql: "insert into public.tries select nextval('public.n'); do $$ begin if (select last_value from public.n) < 3 then raise exception 'not yet'; end if; end $$"}]
  - name: slow
    timeout: 1 s
    steps: [{sql: 'select pg_sleep(20)'}, {sql: "insert into public.done values ('too late')"}]
  - name: sleeps
    steps: [{sql: 'select pg_advisory_xact_lock_shared(42)'}] # while a test lets it
  - name: daily
    interval: '30 2 * * *'
    timezone: Europe/Paris
    steps: [{sql: "insert into public.done values ('daily')"}]
  - name: second
    interval: '@daily'
    after: first
    steps: [{sql: "insert into public.done values ('second')"}]
  - name: first
    interval: '@daily'
    steps: [{sql: "insert into public.done values ('first')"}]
YML
job() { notices "CALL baro_job('$1'${2:+, '$2'})"; }
last() { sql "SELECT status FROM barometre.run WHERE kind = 'job' AND name = '$1' ORDER BY id DESC LIMIT 1"; }
steps() { sql "SELECT string_agg(status, ' ' ORDER BY number) FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run WHERE kind = 'job' AND name = '$1')"; }
done_() { sql "SELECT coalesce(string_agg(what, ', '), '') FROM public.done"; }
sql "CREATE TABLE public.done (what text); CREATE TABLE public.tries (n int); CREATE SEQUENCE public.n" >/dev/null
echo "select * from {{ source('t', 's') }}" > "$project/models/m.sql"
printf 'id,v\n1,10\n2,20\n' > "$BARO_DATA/s.csv"; chmod a+r "$BARO_DATA/s.csv"

like "a job does its steps, and tells of each" "$(job all-of-it)" 'job all-of-it, step 3/3 test \*: succeeded'
is "which is kept" "$(last all-of-it) $(steps all-of-it)" "succeeded succeeded succeeded succeeded"
is "each step has a run of its own, too" "$(sql "SELECT string_agg(kind, ' ' ORDER BY id) FROM barometre.run")" "job run transform test"
is "the work is done" "$(sql "SELECT count(*) FROM analytics.m")" 2
like "a name that isn't there is an error with the nearest" "$(job all_of_it)" 'Did you mean "all-of-it"'
like "not in a transaction block" "$(notices "BEGIN; CALL baro_job('all-of-it'); COMMIT")" "can't run inside a transaction block"

like "a job whose step failed ends with an error" "$(job stops)" 'ERROR:  job "stops" failed: step 2/3 \(sql select nope\): column "nope" does not exist'
is "what was done before is committed, the rest is not tried" "$(done_)" "kept, alert stops"
is "all of it is kept" "$(last stops) $(steps stops)" "failed succeeded failed skipped"
sql "TRUNCATE public.done" >/dev/null
job goes-on >/dev/null
is "on_failure: continue, another word for skip, goes on" "$(done_) $(last goes-on) $(steps goes-on)" "second failed failed succeeded"
echo "select 1 as x where false" > "$project/tests/never.sql"; echo "select * from {{ ref('m') }}" > "$project/tests/fails.sql"
like "a failing test fails its step" "$(job all-of-it)" 'step 2/3 \(transform \*\)|1 test failed: fails singular \(2 rows\)'
rm "$project"/tests/*
like "what failed for the moment is tried again" "$(job tries)" 'is tried again in 0 s: not yet'
is "until it passes" "$(last tries) $(sql "SELECT last_value FROM public.n") $(sql "SELECT count(*) FROM public.tries")" "succeeded 3 1"
is "and the step says so" "$(sql "SELECT why FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run WHERE kind = 'job') AND kind = 'sql'")" "attempt 3 of 3"
sql "TRUNCATE public.done" >/dev/null
like "a timeout ends a job" "$(job slow)" "the job's timeout of 1 s is over"
is "and the steps after" "$(steps slow),$(done_)" "failed skipped,"
is "the session goes on" "$(notices "CALL baro_job('slow')" >/dev/null; sql "SELECT 1")" 1

# Overlap.
close_gate
job sleeps >/dev/null & sleeping=$!
soon "SELECT count(*) > 0 FROM barometre.run WHERE kind = 'job' AND name = 'sleeps' AND status = 'running'"
like "by hand a job that is running is an error" "$(job sleeps)" 'job "sleeps" is being run by another session'
open_gate
wait $sleeping
is "afterwards it can run" "$(last sleeps)" succeeded
close_gate
job sleeps >/dev/null & sleeping=$!
soon "SELECT count(*) > 0 FROM barometre.run WHERE kind = 'job' AND name = 'sleeps' AND status = 'running'"
role=postgres sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$db' AND query LIKE 'CALL baro_job(''sleeps''%'" >/dev/null
wait $sleeping 2>/dev/null
open_gate
sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "a job whose process was killed is interrupted" "$(last sleeps)" interrupted
job sleeps >/dev/null
is "and can be run again" "$(last sleeps)" succeeded

# When it is due: a time as pg_cron gives it.
sql "TRUNCATE public.done" >/dev/null
like "a call at another time does nothing" "$(job daily '2025-01-15 03:30+00')" 'is not due'
job daily '2025-01-15 01:30+00' >/dev/null
is "in winter it is due by winter time" "$(done_)" daily
like "once for that time" "$(job daily '2025-01-15 01:31+00')" 'was run for this time already'
sql "TRUNCATE public.done" >/dev/null
job daily '2025-07-15 01:30+00' >/dev/null; job daily '2025-07-15 00:30+00' >/dev/null
is "in summer by summer time" "$(done_)" daily
sql "TRUNCATE public.done" >/dev/null
for minute in 00:30 01:30 02:30; do job daily "2025-03-30 $minute+00" >/dev/null; done
is "once on the day that lacks the hour" "$(done_)" daily
sql "TRUNCATE public.done" >/dev/null
for minute in 00:30 01:30 02:30; do job daily "2025-10-26 $minute+00" >/dev/null; done
is "once on the day that has it twice" "$(done_)" daily
sql "TRUNCATE public.done" >/dev/null
today=$(sql "SELECT current_date")
job first "$(date -u -d "$today -1 day" +%F) 00:00+00" >/dev/null; job second "$(date -u -d "$today -1 day" +%F) 00:00+00" >/dev/null
is "a job runs after the one it comes after" "$(done_)" "first, second"

# Who may.
role=postgres sql "CREATE ROLE jobs_guest LOGIN" >/dev/null
like "others can't start a job" "$(role=jobs_guest notices "CALL baro_job('all-of-it')")" 'permission denied'
like "without pg_cron the schedule says what to install" "$(sql "SELECT * FROM baro_schedule()")" 'pg_cron is not running on this server'
like "and how" "$(sql "SELECT * FROM baro_schedule()")" "add pg_cron to shared_preload_libraries, set cron.database_name = '$db'"
finish
