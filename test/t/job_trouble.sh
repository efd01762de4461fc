#!/usr/bin/env bash
# Jobs in trouble: cancels, time limits, lost locks and broken projects, wherever they hit, leave a true record.
. "$(dirname "$0")/../lib.sh"
new_database
project_with() { { printf 'version: 1\nname: trouble\nroles: {loader: meltano}\n'; cat; } | use_project; sql "SELECT count(*) FROM baro_seed()" >/dev/null; }
job() { notices "CALL baro_job('$1'${2:+, '$2'})"; }
super() { role=postgres sql "$1"; }
signal() { super "SELECT pg_$1_backend(pid) FROM pg_stat_activity WHERE datname = '$db' AND query LIKE '%CALL baro_job(''$2''%' AND pid <> pg_backend_pid()" >/dev/null; }
open_session holder postgres
hold() { ask holder "BEGIN; $1" >/dev/null; }
let_go() { ask holder ROLLBACK; }
hold_steps="LOCK TABLE barometre.step IN SHARE ROW EXCLUSIVE MODE"
waits() { soon "SELECT count(*) > 0 FROM pg_locks WHERE $here AND relation = 'barometre.$1'::regclass AND NOT granted"; }
runs() { super "SELECT coalesce(string_agg(kind || ' ' || name || ' ' || status, ', ' ORDER BY id), '') FROM barometre_internal.run_state"; }
failures() { sql "SELECT coalesce(string_agg(what || coalesce(' ' || place, '') || ': ' || why, ' / ' ORDER BY what, place), '') FROM barometre_internal.failure"; }
job_with() { PGOPTIONS="-c $1" psql -X -q -At -d $db -U meltano -c "CALL baro_job('$2')" 2>&1; }
forget() { super "TRUNCATE barometre.run, barometre.step, barometre.test_result, barometre.reject, public.done" >/dev/null; }
locks() { super "SELECT count(*) FROM pg_locks WHERE $here AND locktype = 'advisory'"; }
sql "CREATE TABLE public.done (what text); CREATE TABLE public.parent (id int PRIMARY KEY); CREATE TABLE public.child (id int REFERENCES public.parent DEFERRABLE INITIALLY DEFERRED);
     CREATE TABLE public.alerts (run bigint, job text, what text)" >/dev/null
many=$(for i in $(seq 900); do printf '{sql: "select %d, pg_sleep(0.002)"}, ' "$i"; done)
project_with <<YML
jobs:
  - {name: goes-on, on_failure: skip, steps: [{sql: 'select 1/0'}, {sql: select 1}]}
  - {name: late-error, steps: [{sql: 'insert into public.child values (1)'}]}
  - {name: many, timeout: 1 s, on_failure_sql: "insert into public.done values ('alert')", steps: [$many{sql: select 1}]}
  - {name: sleeps, on_failure_sql: "insert into public.done values (\$3)", steps: [{sql: 'select pg_advisory_xact_lock_shared(42), pg_sleep(1)'}, {sql: select 1}]}
  - {name: fails, on_failure: continue, steps: [{sql: 'select pg_advisory_xact_lock_shared(42); select 1/0'}, {sql: select 1}]}
  - {name: locks, retries: {count: 1, delay: 0 s}, steps: [{sql: select pg_sleep(1)}]}
  - {name: waits, timeout: 1 s, retries: {count: 1, delay: 9 s}, steps: [{sql: "do \$\$ begin raise 'not yet'; end \$\$"}]}
  - {name: stubborn, timeout: 1 s, steps: [{sql: "do \$\$ begin perform pg_sleep(3); exception when query_canceled then null; end \$\$"}, {sql: select 1}]}
  - {name: lets-go, steps: [{sql: select pg_advisory_unlock_all()}, {sql: select pg_advisory_xact_lock_shared(42)}]}
  - {name: commits, on_failure_sql: commit, steps: [{sql: select 1/0}]}
  - {name: alerts, on_failure_sql: 'insert into public.alerts values (\$1, \$2, \$3)', steps: [{sql: select 1/0}]}
  - {name: bad-alert, on_failure_sql: select 1/0, steps: [{sql: select 1/0}]}
  - {name: resets, steps: [{sql: "reset role; insert into public.done values (current_user)"}]}
YML

job goes-on >/dev/null
is "a later step that is well hides no step that failed" "$(failures)" "sql goes-on step 1: division by zero"
forget
job late-error >/dev/null
is "what a deferred constraint finds is the step's failure" "$(runs)" "job late-error failed, sql late-error step 1 failed"
like "with its words" "$(failures)" 'violates foreign key constraint'
forget

like "a timeout between steps says so" "$(job many)" "ERROR:  job \"many\" failed: step [0-9]+/901.*: the job's timeout of 1 s is over"
# It may come when the step has no more to do than to end: then that succeeded.
like "the job, and its step if it was in one, failed, and are not interrupted" "$(super "SELECT string_agg(DISTINCT kind || ' ' || status, ', ') FROM barometre_internal.run_state WHERE status <> 'succeeded' AND name NOT LIKE '%sql'")" '^job failed(, sql failed)?$'
is "the alert is raised" "$(sql "SELECT what FROM public.done")" alert
is "each step is kept" "$(sql "SELECT count(*) FROM barometre.step")" 901
forget

close_gate
job sleeps > "$BARO_DATA/out" & pid=$!
at_gate; hold "$hold_steps"; open_gate; waits step
signal cancel sleeps; let_go; wait $pid
like "a cancel while a step's success is written down undoes the step" "$(cat "$BARO_DATA/out")" 'ERROR:  job "sleeps" failed: step 1/2 \(sql .*\): canceling statement'
is "and all is kept" "$(runs)" "job sleeps failed, sql sleeps step 1 failed, sql sleeps on_failure_sql succeeded"
is "no lock is left" "$(locks)" 0
forget

close_gate
job fails > "$BARO_DATA/out" & pid=$!
at_gate; hold "SELECT FROM barometre.run FOR UPDATE"; open_gate
soon "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$db' AND query LIKE 'CALL baro_job%' AND wait_event_type = 'Lock'"
signal cancel fails; let_go; wait $pid
like "a cancel while a failure is written down does not take its place" "$(cat "$BARO_DATA/out")" 'step 1/2 \(.*\): division by zero'
is "both are kept" "$(runs)" "job fails failed, sql fails step 1 failed, sql fails step 2 failed"
forget

job_with lock_timeout=300ms locks > "$BARO_DATA/out" & pid=$!
soon "SELECT count(*) > 0 FROM barometre.run WHERE name = 'locks step 1'"
hold "$hold_steps"; waits step; sleep 0.5; let_go; wait $pid
is "a lock_timeout is for the work, not for its record" "$(runs)" "job locks succeeded, sql locks step 1 succeeded"
forget

like "a timeout while a step waits to be tried again is told with what it waited for" "$(job waits)" "the job's timeout of 1 s is over, while it waited to try again after: not yet"
is "an attempt that was not made is not counted" "$(sql "SELECT why FROM barometre.step WHERE kind = 'sql' AND status = 'failed'")" ""
like "failures say the same" "$(failures)" "not yet"
forget
like "a step that swallows the timeout is the last one" "$(job stubborn)" "job \"stubborn\" failed: step 1/2: the job's timeout of 1 s is over, which it took no notice of"
is "it is skipped" "$(sql "SELECT string_agg(status, ' ' ORDER BY number) FROM barometre.step WHERE run = 1 OR run = (SELECT max(id) FROM barometre.run WHERE kind = 'job')")" "succeeded skipped"
sql "CALL baro_job('sleeps'); SELECT 1" >/dev/null
is "the limit of one job is none of the next" "$(psql -X -q -At -d $db -U meltano -c "SET client_min_messages = error" -c "CALL baro_job('waits')" -c "CALL baro_job('sleeps')" 2>/dev/null; sql "SELECT status FROM barometre.run WHERE kind = 'job' ORDER BY id DESC LIMIT 1")" succeeded
forget

close_gate
sql "CALL baro_job('lets-go')" >/dev/null & pid=$!
at_gate
like "a job that let go of its locks is still run once" "$(job lets-go)" 'is being run by another session'
is "and is running" "$(super "SELECT status FROM barometre_internal.run_state WHERE kind = 'job'")" running
like "progress shows what it is at" "$(sql "SELECT call, working_on, number, of FROM barometre.progress")" '^baro_job\|lets-go: sql\|2\|2$'
open_gate; wait $pid; forget

job alerts >/dev/null
is "on_failure_sql gets a number, and texts" "$(sql "SELECT run = (SELECT max(id) FROM barometre.run WHERE kind = 'job'), job, what FROM public.alerts")" "t|alerts|step 1/1 (sql select 1/0): division by zero"
like "one that commits is told that it can't" "$(job commits)" "WARNING:  on_failure_sql of job \"commits\" failed: a transaction can't be begun or ended here"
forget
job bad-alert >/dev/null
is "an alert that failed is a failure" "$(sql "SELECT count(*) FROM barometre_internal.failure WHERE what = 'sql bad-alert on_failure_sql'")" 1
sed -i 's|{name: bad-alert, on_failure_sql: select 1/0, steps: \[{sql: select 1/0}\]}|{name: bad-alert, on_failure_sql: select 1/0, steps: [{sql: select 1}]}|; /name: alerts/d' "$project/barometre.yml"
job bad-alert >/dev/null
is "until the job succeeds, and jobs that left the project have none" "$(failures)" ""
sql "SELECT count(*) FROM baro_test('nope')" >/dev/null
is "a name that was mistyped by hand is no failure that stays" "$(failures)" ""
forget

super "GRANT ALL ON public.done TO PUBLIC" >/dev/null
like "a superuser's call to what needs the owner is told so" "$(role=postgres sql "CALL baro_job('late-error')"; sql "SELECT hint FROM barometre.run WHERE kind = 'sql' ORDER BY id DESC LIMIT 1")" 'Connect as the role that owns the project'
forget
psql -X -q -At -d $db -U postgres -c "SET ROLE meltano" -c "CALL baro_job('resets')" >/dev/null 2>&1
is "after SET ROLE the project's SQL can't go back" "$(sql "SELECT count(*) FROM public.done")|$(runs)" "0|job resets failed, sql resets step 1 failed"
like "a read-only session is told why" "$(job_with default_transaction_read_only=on goes-on)" 'HINT:.*READ WRITE'
like "no name, no job" "$(notices "CALL baro_job(NULL)")" 'wants the name of a job'
forget

# By the clock.
project_with <<'YML'
jobs:
  - {name: a, interval: '@daily', steps: [{sql: select pg_advisory_xact_lock_shared(42)}]}
  - {name: b, interval: '@daily', after: a, timeout: 30 s, steps: [{sql: select 1}]}
  - {name: c, interval: '@daily', after: b, steps: [{sql: select 1}]}
  - {name: d, interval: '@daily', after: a, timeout: 1 s, on_failure_sql: "insert into public.done values ($3)", steps: [{sql: select 1}]}
  - {name: fails, interval: '@daily', steps: [{sql: select 1/0}]}
  - {name: then, interval: '@daily', after: fails, steps: [{sql: select 1}]}
  - {name: unlocks, interval: '@daily', steps: [{sql: select pg_advisory_unlock_all()}, {sql: 'select pg_advisory_xact_lock_shared(42), pg_sleep(1)'}]}
  - {name: locked, interval: '@daily', after: unlocks, steps: [{sql: select 1}]}
  - {name: queued, steps: [{sql: select pg_advisory_xact_lock_shared(42)}]}
YML
day=$(sql "SELECT date_trunc('day', now() AT TIME ZONE 'UTC') || '+00'")
pids=
close_gate
for j in a b c; do sql "CALL baro_job('$j', '$day')" >/dev/null 2>&1 & pids="$pids $!"; soon "SELECT count(*) > 0 FROM barometre.run WHERE name = '$j'"; done
like "a second call for the same time waits for nothing" "$(job a "$day")" 'NOTICE:  job "a" was run for this time already'
# Between two looks of who waits nothing is shown.
soon "SELECT string_agg(working_on, ', ' ORDER BY working_on) ~ '^a: sql, b: waits for a, c: waits for b' FROM barometre.progress"
ok "what a job waits for can be seen" $?
open_gate; wait $pids
is "a chain runs in its order, each once" "$(sql "SELECT string_agg(name || ' ' || status, ', ' ORDER BY finished_at) FROM barometre.run WHERE kind = 'job'")" "a succeeded, b succeeded, c succeeded"
forget
sql "CALL baro_job('c', '$day')" >/dev/null
is "who is called first begins those that come before it" "$(sql "SELECT string_agg(name || ' ' || status || ' ' || (scheduled_for = '$day'), ', ' ORDER BY finished_at) FROM barometre.run WHERE kind = 'job'")" "a succeeded true, b succeeded true, c succeeded true"
like "and they are not run again" "$(job b "$day")" 'was run for this time already'
forget
close_gate
sql "CALL baro_job('a', '$day')" >/dev/null & pid=$!
at_gate
sql "CALL baro_job('d', '$day')" > "$BARO_DATA/out" & second=$!
soon "SELECT count(*) > 0 FROM barometre.progress WHERE working_on = 'd: waits for a'"
signal cancel d; wait $second
like "a cancel while a job waits for another" "$(cat "$BARO_DATA/out")" 'ERROR:  canceling statement due to user request'
is "is a failure, with its alert" "$(sql "SELECT status FROM barometre.run WHERE name = 'd'"), $(sql "SELECT what FROM public.done")" "failed, canceling statement due to user request"
open_gate; wait $pid; forget

like "the error of one that was begun so is told" "$(job then "$day")" 'ERROR:  job "fails" failed'
is "and who comes after it is skipped" "$(runs)" "job then skipped, job fails failed, sql fails step 1 failed"
like "its own call then has nothing to do" "$(job fails "$day")" 'was run for this time already'
sed -i '/name: fails/s|select 1/0|select 1|' "$project/barometre.yml"
sql "CALL baro_job('fails')" >/dev/null
is "when the first is well again, the skipped one is what is left to do" "$(sql "SELECT what, why, what_to_do FROM barometre_internal.failure")" "job then|job \"fails\", which it comes after, failed|When that is put right:  CALL baro_job('then');"
super "DELETE FROM barometre.run WHERE name = 'then'" >/dev/null
job then "$day" >/dev/null
is "a run by hand since that time is as good" "$(sql "SELECT string_agg(name || ' ' || status, ', ' ORDER BY id) FROM barometre.run WHERE kind = 'job'")|$(failures)" "fails failed, fails succeeded, then succeeded|"
forget
late=$(sql "SELECT timestamptz '$day' + interval '2 hours'")
super "UPDATE barometre_internal.job SET scheduled_since = timestamptz '$day' + interval '1 hour' WHERE name = 'fails'; UPDATE barometre_internal.job SET scheduled_since = timestamptz '$day' - interval '1 day' WHERE name = 'then'" >/dev/null
job then "$late" >/dev/null
is "a job is not begun for a time before it was scheduled" "$(runs)" "job then succeeded, sql then step 1 succeeded"
super "UPDATE barometre_internal.job SET scheduled_since = timestamptz '$day' - interval '1 day'; DELETE FROM barometre.run" >/dev/null
job then "$late" >/dev/null
is "but late, for one since" "$(sql "SELECT string_agg(name || ' ' || status || ' ' || (scheduled_for = '$day'), ', ' ORDER BY finished_at) FROM barometre.run WHERE kind = 'job'")" "fails succeeded true, then succeeded true"
super "UPDATE barometre_internal.job SET scheduled_since = NULL" >/dev/null
forget
forget
close_gate
sql "CALL baro_job('locked', '$day')" >/dev/null 2>&1 & pid=$!
at_gate
is "a step that lets go of all locks lets go of none of a job that waits in its session" "$(super "SELECT string_agg(name || ' ' || status, ', ' ORDER BY name) FROM barometre_internal.run_state WHERE kind = 'job'")" "locked running, unlocks running"
like "which is not run twice" "$(job locked)" 'is being run by another session'
open_gate; wait $pid
is "its time is that of its own steps" "$(sql "SELECT status, finished_at - started_at < interval '1 second' FROM barometre.run WHERE name = 'locked'")" "succeeded|t"
forget
close_gate
sql "CALL baro_job('queued')" >/dev/null 2>&1 & pid=$!
at_gate
echo '# changed' >> "$project/barometre.yml"
job_with barometre.on_overlap=wait queued > "$BARO_DATA/out" & second=$!
soon "SELECT count(*) > 0 FROM barometre.progress WHERE working_on = 'queued: waits for its last run'"
sed -i 's/name: queued/name: renamed/' "$project/barometre.yml"
like "who waits in the queue holds nothing" "$(timeout 4 psql -X -q -At -d $db -U meltano -c "SELECT change FROM baro_load_project() WHERE name = 'renamed'" 2>&1)" added
open_gate; wait $pid $second
like "and runs the project of the time when it is its turn" "$(cat "$BARO_DATA/out")" 'there is no job "queued"'
forget

# A project that can't be read.
super "UPDATE barometre_internal.job SET scheduled_since = now() - interval '2 days'" >/dev/null
open_session ear meltano
ask ear "LISTEN barometre"
cp "$project/barometre.yml" "$BARO_DATA/kept.yml"; echo 'nonsense: true' >> "$project/barometre.yml"
like "a scheduled job of a broken project fails with the reason" "$(job d "$day")" 'ERROR:.*nonsense'
is "which is remembered, with its alert" "$(runs)" "job d failed, sql d on_failure_sql succeeded"
like "and is in failures" "$(failures)" 'job d: .*nonsense'
like "the log warns" "$(server_log | tail -50)" 'WARNING:  barometre: run [0-9]+ \(job "d"\) failed'
like "who listens has heard" "$(ask ear "SELECT pg_sleep(0.1)"; ask ear "SELECT 1")" '"event": "failed".*"name": "d"|"name": "d".*"event": "failed"'
like "again for the same time it is only an error" "$(job d "$day"; runs)" 'job d failed, sql d on_failure_sql succeeded$'
super "CREATE ROLE job_trouble_stranger LOGIN; GRANT USAGE ON SCHEMA barometre TO job_trouble_stranger" >/dev/null 2>&1
super "GRANT EXECUTE ON PROCEDURE baro_job TO job_trouble_stranger" >/dev/null
role=job_trouble_stranger sql "CALL baro_job('a', '$day')" >/dev/null
unlike "a stranger leaves no record" "$(runs)" 'job a'
cp "$BARO_DATA/kept.yml" "$project/barometre.yml"; forget; super "UPDATE barometre_internal.job SET scheduled_since = NULL" >/dev/null
like "a job that left the project is an error for pg_cron" "$(job gone now)" 'there is no job "gone"'
is "a skipped run, and no failure" "$(runs)|$(failures)" "job gone skipped|"
forget; sed -i '/name: d,/d' "$project/barometre.yml"
job d "$day" >/dev/null
is "also when pg_cron is the first to read the project" "$(runs)|$(failures)" "job d skipped|"
like "which says what to do" "$(sql "SELECT message FROM barometre.run")" 'baro_schedule\(\) removes its entry'

# An owner who is gone.
super "CREATE ROLE job_trouble_owner LOGIN SUPERUSER; UPDATE barometre_internal.project SET owner = 'job_trouble_owner'" >/dev/null
sed -i '/^roles:/d' "$project/barometre.yml"
super "DROP ROLE job_trouble_owner" >/dev/null
like "the project does not become the work of whoever calls next" "$(role=postgres notices "CALL baro_job('renamed')")" 'ERROR:  the role that owned the project of this database was dropped'
is "but of who says so" "$(super "SELECT count(*) FROM baro_load_project('$project')"; super "SELECT owner FROM barometre_internal.project")" "0
postgres"
finish
