#!/usr/bin/env bash
# baro_job(..., from_failed => true) goes on with the last run of a job at the step that failed, if its steps are what they were.
. "$(dirname "$0")/../lib.sh"
new_database
config() { use_project <<YML
version: 1
name: p
roles: {loader: meltano}
jobs:
  - name: j
    steps: [{sql: insert into done values (1)}, {sql: insert into done select 2 from ready}, {sql: '${1:-insert into done values (3)}'}]
  - {name: skips, on_failure: skip, steps: [{sql: insert into done values (1)}, {sql: insert into done select 2 from ready}, {sql: insert into done values (3)}, {transform: '*'}]}
  - {name: a, interval: '@daily', steps: [{sql: insert into done values (4)}, {sql: insert into done select 5 from ready}]}
  - {name: b, interval: '@daily', after: a, steps: [{sql: insert into done values (6)}]}
  - {name: killed, steps: [{sql: insert into done values (7)}, {sql: 'select pg_advisory_xact_lock_shared(42)'}, {sql: insert into done values (8)}]}
YML
}
config
echo 'select 1 as one' >"$project/models/m.sql"
role=postgres sql "CREATE TABLE public.done (n int); ALTER TABLE public.done OWNER TO meltano; GRANT CREATE ON SCHEMA public TO meltano" >/dev/null
job() { notices "CALL baro_job('$1'${2:+, $2})"; }
done_() { sql "SELECT string_agg(n::text, ' ' ORDER BY ctid) FROM done"; }
ready() { sql "CREATE TABLE public.ready AS SELECT 1 AS one"; }
steps() { sql "SELECT string_agg(status || coalesce(' (' || why || ')', ''), ', ' ORDER BY number) FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run WHERE kind = 'job')"; }
number() { sql "SELECT max(id) FROM barometre.run WHERE kind = 'job'"; }
anew() { sql "DELETE FROM done; DROP TABLE IF EXISTS public.ready" >/dev/null; }

like "a job that never ran has nothing to go on with" "$(job j "from_failed => true")" '^ERROR:  job "j" has no run to go on with'
like "with what to call" "$(job j "from_failed => true")" "^HINT:  To run all of it: CALL baro_job\('j'\);"
like "a failed job says how to go on" "$(job j)" "^HINT:  .*or go on at the step that failed: CALL baro_job\('j', from_failed => true\);"
first=$(number)
like "it fails again at the same step" "$(job j "from_failed => true")" '^ERROR:  job "j" failed: step 2/3'
ready
last=$(number)
like "it says where it goes on" "$(job j "from_failed => true")" "NOTICE:  job \"j\" goes on with run $last at step 2 of 3"
is "what was done is not done again" "$(done_)" "1 2 3"
is "and is told as that, also after two failures" "$(steps)" "unchanged (run $first did it), succeeded, succeeded"
is "it is a run of its own that succeeded, and says with which it went on" "$(sql "SELECT status || ' ' || (message ~ '^goes on with run [0-9]+ at step 2 of 3$') FROM barometre.run WHERE id = $(number)")" "succeeded true"
is "no failure is left" "$(sql "SELECT count(*) FROM barometre_internal.failure")" 0
like "one that succeeded has nothing to go on with" "$(job j "from_failed => true")" '^ERROR:  the last run of job "j" succeeded: there is nothing to go on with'
like "nor is it for pg_cron" "$(job j "now(), from_failed => true")" '^ERROR:  from_failed is for calls by hand'

# --- The steps are others ---
anew
job j >/dev/null
config 'insert into done values (33)'
last=$(number)
out=$(job j "from_failed => true")
like "with other steps it does not go on" "$out" "^ERROR:  the steps of job \"j\" are others than those of run $last"
like "the difference is told" "$out" '^DETAIL:  Step 3 was \{"sql": "insert into done values \(3\)"\}, and is \{"sql": "insert into done values \(33\)"\}\.'
is "and no run is made" "$(number)" "$last"
config
ready
job j "from_failed => true" >/dev/null
is "with the same ones again it does" "$(done_)" "1 2 3"

# --- A job that skips failures ---
anew
job skips >/dev/null
is "the others were done" "$(done_)" "1 3"
ready
job skips "from_failed => true" >/dev/null
is "only what failed is, of SQL, done again" "$(done_)" "1 3 2"
like "but what reads it is" "$(steps)" '^unchanged \(run [0-9]+ did it\), succeeded, unchanged \(run [0-9]+ did it\), succeeded$'

# --- Jobs that come after it ---
anew
day=$(sql "SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'")
role=postgres sql "UPDATE barometre_internal.job SET scheduled_since = now() - interval '2 days'" >/dev/null
job a "'$day'" >/dev/null
like "a job after one that failed is skipped" "$(job b "'$day'")" 'WARNING:  job "b" is skipped: job "a", which it comes after, failed'
like "and skipped again as long as that did not succeed" "$(job b "from_failed => true")" 'WARNING:  job "b" is skipped: job "a", which it comes after, failed'
ready
job a "from_failed => true" >/dev/null
is "the run is for the time of the failed one" "$(sql "SELECT bool_and(scheduled_for = '$day') FROM barometre.run WHERE name = 'a' AND kind = 'job'")" t
job b "from_failed => true" >/dev/null
is "so that the job after it can go on" "$(done_)" "4 5 6"

# --- One whose process is gone ---
anew
close_gate
psql -X -q -d "$db" -U meltano -c "CALL baro_job('killed')" >/dev/null 2>&1 &
at_gate
like "overlap is what it always is" "$(job killed "from_failed => true")" '^ERROR:  job "killed" is being run by another session'
role=postgres sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$db' AND application_name LIKE 'baro_job%'" >/dev/null
wait
open_gate
job killed "from_failed => true" >/dev/null
is "an interrupted run is gone on with" "$(done_)" "7 8"
finish
