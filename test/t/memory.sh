#!/usr/bin/env bash
# The memory of runs for people: history, failures, freshness, what is told, and what is forgotten.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in" "$BARO_DATA/bad"
use_project <<'YML'
version: 1
name: memory
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id]}
      - {name: b, path: bad, pattern: .*\.csv, columns: [{name: n, type: integer}], max_rejects: 2}
YML
m=$project/models
super() { role=postgres sql "$1"; }
failing="SELECT what || ' | ' || coalesce(place, '-') FROM barometre_internal.failure"
last="SELECT status || ': ' || replace(what, E'\n', ' ') FROM barometre.history LIMIT 1"
# What was told since the last call, one document a line.
open_session ear meltano
ask ear "LISTEN barometre"
heard() { # [PATTERN]: what listeners were told since they were asked last; with a pattern until something has it, for 5 s at most
    local told='' until=$((SECONDS + 5))
    while :; do
        told+=$({ ask ear "SELECT pg_sleep(0.1)"; ask ear "SELECT 1"; } | sed -n 's/^Asynchronous notification "barometre" with payload "\(.*\)" received from.*/\1/p')$'\n'
        [ -n "${1:-}" ] && [ $SECONDS -lt $until ] && ! matches "$told" "$1" || break
    done
    printf '%s' "$told"
}
hears() { like "$1" "$(heard "$2")" "$2"; } # NAME PATTERN

# --- All is well ---
printf 'id,v,at\n1,x,01/02/2024 10:00\n2,y,28/02/2024 09:30\n' > "$BARO_DATA/in/a.csv"
printf 'n\n1\n' > "$BARO_DATA/bad/a.csv"
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "a load says what it did" "$(sql "$last")" "succeeded: +3, 2 streams"
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "or that nothing was new" "$(sql "$last")" "succeeded: nothing new"
echo "select id, v from {{ source('tap', 's') }}" > "$m/good.sql"
printf 'models:\n  - name: good\n    columns: [{name: id, tests: [unique, not_null]}]\n' > "$m/schema.yml"
sql "CALL baro_transform()" >/dev/null
is "a transformation says how much was built of what, and tested" "$(sql "$last")" "succeeded: 1/1 built, 2 tests"
sql "SELECT * FROM baro_test()" >/dev/null
is "so do tests" "$(sql "$last")" "succeeded: 2 passed"
is "all is well: no failures" "$(sql "$failing")" ""
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "how long things usually take" "$(sql "SELECT runs, seconds > 0 FROM barometre.usual_duration WHERE kind = 'run' AND name = 'tap'")" "3|t"
heard >/dev/null

# --- Failures, and how they go ---
printf 'id,v,at\n3,"z,01/03/2024 10:00\n' > "$BARO_DATA/in/b.csv"
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "a failed load is a failure, with its stream" "$(sql "$failing")" "run tap | stream tap.s"
like "with what to do" "$(sql "SELECT what_to_do FROM barometre_internal.failure")" "SELECT \* FROM barometre.reject WHERE run = [0-9]+"
like "history says it in brief" "$(sql "$last")" "^failed: s: "
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "failing twice it is still one" "$(sql "$failing")" "run tap | stream tap.s"
told_now=$(heard '"event": "failed"')
like "listeners are told" "$told_now" '"event": "failed"'
like "which stream it was" "$told_now" '"failed": \["stream tap.s"\]'
like "and where, but not what" "$told_now" '"file": "in/b.csv".*"line": 2|"line": 2.*"file": "in/b.csv"'
like "with the error's class" "$told_now" '"sqlstate": "22P02"|"sqlstate": "BM'
unlike "but no value of data, which any role could hear" "$told_now" 'message|hint|detail|invalid|two'
rm "$BARO_DATA/in/b.csv"
sql "SELECT * FROM baro_run('tap', '{b}')" >/dev/null
is "the success of another stream does not make it good" "$(sql "$failing")" "run tap | stream tap.s"
sql "SELECT * FROM baro_run()" >/dev/null
is "its own success does, in whichever call" "$(sql "$failing")" ""
hears "a success is told with what changed" '"event": "finished".*"changes": 0'

echo "select 1 / 0 as x" > "$m/broken.sql"
sql "CALL baro_transform()" >/dev/null
is "a failed model" "$(sql "$failing")" "transform * | model broken"
is "in brief" "$(sql "$last")" "failed: broken: division by zero"
like "the report ends with the call's error only if no step has it" "$(sql "SELECT kind, name, status FROM barometre.report")" '^model\|broken\|failed$'
hears "listeners hear which model it was" '"failed": \["model broken"\]'
like "and the run says it" "$(sql "SELECT message FROM barometre.run ORDER BY id DESC LIMIT 1")" '^model "broken".*division by zero'
rm "$m/broken.sql"
echo "select 1 as id from generate_series(1, 2)" > "$m/good.sql"
sql "CALL baro_transform()" >/dev/null
is "a model that left the project fails no more, a failed test does" "$(sql "$failing")" "transform * | test good.id unique"
hears "listeners hear which test it was" '"failed": \["test good.id unique"\]'
like "the error names it" "$(sql "SELECT message FROM barometre.run ORDER BY id DESC LIMIT 1")" 'nothing was published: unique of good.id'
is "in brief, too" "$(sql "$last")" "failed: 1 test failed"
like "the report says that nothing was published" "$(sql "SELECT replace(what, E'\n', ' ') FROM barometre.report WHERE kind = 'transform'")" "a test failed, and nothing was published"
like "the rows are a query away" "$(sql "$(sql "SELECT what_to_do FROM barometre_internal.failure")")" '"id": 1'
sql "SELECT * FROM baro_test()" >/dev/null
is "what is published passes, which does not make it good" "$(sql "$failing")" "transform * | test good.id unique"
echo "select 1 as id" > "$m/good.sql"
sql "CALL baro_transform('good')" >/dev/null
is "a build that passes does" "$(sql "$failing")" ""
sql "CALL baro_transform('nope')" >/dev/null
is "a call with a wrong name never was a run" "$(sql "$failing")" ""
sql "BEGIN; SELECT * FROM baro_run('tap'); ROLLBACK" >/dev/null
# Until the worker has written what became of it, its run is one whose session left without a word.
soon "SELECT count(*) = 1 FROM barometre_internal.failure f JOIN barometre.run r ON r.id = f.run WHERE r.status = 'failed'"
is "a call that was rolled back has no place" "$(sql "$failing")" "run tap | -"
like "and is to be made again" "$(sql "SELECT what_to_do FROM barometre_internal.failure")" "SELECT \* FROM baro_run\('tap'\);"
like "report has a line for it" "$(sql "SELECT kind, name, status, replace(what, E'\n', ' ') FROM barometre.report")" '^run\|tap\|failed\|the calling transaction was rolled back'
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "until it succeeds" "$(sql "$failing")" ""
heard >/dev/null

# --- Rejects ---
printf 'n\n1\nx\n' > "$BARO_DATA/bad/b.csv"
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "a load with rejects" "$(sql "$last")" "succeeded: +1 !1, 2 streams"
is "its file is a failure" "$(sql "$failing")" "run tap | file bad/b.csv of stream tap.b"
like "that says why" "$(sql "SELECT why FROM barometre_internal.failure")" '^1 record rejected; line 3: '
like "and shows them" "$(sql "$(sql "SELECT what_to_do FROM barometre_internal.failure")")" '^3\|n\|'
hears "listeners are told" '"event": "rejects".*"stream": "tap.b"|"stream": "tap.b".*"event": "rejects"|"rejects": 1'
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "a run that reads nothing does not make it good" "$(sql "$failing")" "run tap | file bad/b.csv of stream tap.b"

# --- Pruning: the rejects of what is loaded stay ---
age() { super "UPDATE barometre.run SET started_at = started_at - interval '100 days', finished_at = finished_at - interval '100 days' WHERE $1" >/dev/null; }
again() { super "UPDATE barometre_internal.pruning SET at = '-infinity'" >/dev/null; }
like "a bad keep_runs is refused" "$(super "LOAD 'barometre'; SET barometre.keep_runs = 'a while'")" 'invalid value for parameter "barometre.keep_runs": "a while"'
like "with a hint" "$(super "LOAD 'barometre'; SET barometre.keep_runs = '-1 day'")" "HINT:  For example '90 days'"
like "0 too" "$(super "LOAD 'barometre'; SET barometre.keep_runs = '0'")" 'invalid value'
like "and a number alone, which would be seconds" "$(super "LOAD 'barometre'; SET barometre.keep_runs = '90'")" 'invalid value'
like "and what reaches too far back" "$(super "LOAD 'barometre'; SET barometre.keep_runs = '3000 years'")" 'invalid value'
like "others may not set it" "$(sql "SELECT count(*) FROM baro_ls(); SET barometre.keep_runs = '1 day'")" 'permission denied'
age true; again
runs=$(super "SELECT count(*) FROM barometre.run")
sql "BEGIN; SELECT count(*) FROM baro_test(); ROLLBACK" >/dev/null
soon "SELECT count(*) = $runs + 1 FROM barometre.run"
is "a run that fails removes nothing" "$(super "SELECT count(*) - $runs FROM barometre.run")" 1
sql "SELECT count(*) FROM baro_test()" >/dev/null
is "a success removes old runs, but the last of each and its last success" \
    "$(super "SELECT string_agg(kind || ' ' || name || ' ' || status, ', ' ORDER BY id) FROM barometre.run")" \
    "transform * succeeded, run * succeeded, transform * failed, transform good succeeded, run tap succeeded, test * failed, test * succeeded"
is "their steps and results went with them" "$(super "SELECT count(*) FROM barometre.step s WHERE NOT EXISTS (SELECT FROM barometre.run r WHERE r.id = s.run)"; super "SELECT count(*) FROM barometre.test_result s WHERE NOT EXISTS (SELECT FROM barometre.run r WHERE r.id = s.run)")" "0
0"
is "rejects of a file that is loaded stay" "$(super "SELECT file FROM barometre.reject")" bad/b.csv
age true
sql "SELECT count(*) FROM baro_test()" >/dev/null
is "an hour goes by before the next look" "$(super "SELECT count(*) FROM barometre.run")" 8
again
open_session looks postgres
ask looks "BEGIN; SELECT FROM barometre_internal.pruning FOR UPDATE"
is "nobody waits for another session's look" "$(PGOPTIONS="-c statement_timeout=20s" sql "SELECT count(*) >= 0 FROM baro_test()")" t
close_session looks
super "ALTER DATABASE $db SET barometre.keep_runs = '200 days'" >/dev/null; again
runs=$(super "SELECT count(*) FROM barometre.run")
sql "SELECT count(*) FROM baro_test()" >/dev/null
is "keep_runs is obeyed" "$(super "SELECT count(*) - $runs FROM barometre.run")" 1
super "ALTER DATABASE $db RESET barometre.keep_runs" >/dev/null
super "ALTER TABLE barometre_internal.pruning RENAME TO elsewhere" >/dev/null
is "what hinders it fails no run" "$(sql "SELECT count(*) FROM baro_run('tap')")" 2
like "but is in the server's log" "$(server_log | tail -50)" 'WARNING:  barometre: old runs could not be removed'
super "ALTER TABLE barometre.elsewhere RENAME TO pruning" >/dev/null
printf 'n\n1\n2\n' > "$BARO_DATA/bad/b.csv"
sql "SELECT * FROM baro_run('tap')" >/dev/null
is "rejects go with a file that is right" "$(super "SELECT count(*) FROM barometre.reject"; sql "SELECT * FROM barometre_internal.failure WHERE place LIKE 'file%'")" 0

# --- Interrupted, and scheduled ---
heard >/dev/null
super "INSERT INTO barometre.run (kind, name, role, started_at, status, scheduled_for) VALUES ('transform', '*', 'meltano', now(), 'running', now())" >/dev/null
is "a run whose process is gone is interrupted" "$(sql "SELECT name, status FROM barometre.history LIMIT 1")" "*|interrupted"
like "and a failure" "$(sql "SELECT why FROM barometre_internal.failure WHERE what = 'transform *'")" "without a word"
echo "select pg_sleep(2)::text as x" > "$m/slow.sql"
psql -X -q -At -d "$db" -U meltano -c "CALL baro_transform('slow')" >/dev/null 2>&1 & call=$!
soon "SELECT status = 'running' FROM barometre.history WHERE name = 'slow'"
ok "one that works is running" $?
is "the report waits for its end" "$(sql "SELECT kind, status FROM barometre.report")" "transform|interrupted"
wait $call; rm "$m/slow.sql"
hears "the next call tells listeners" '"event": "interrupted"'
like "and, of a scheduled run, the server's log" "$(server_log | tail -200)" 'WARNING:  barometre: run [0-9]+ \(transform "\*"\) was interrupted: '
unlike "but not its client" "$(super "INSERT INTO barometre.run (kind, name, role, started_at, status, scheduled_for) VALUES ('transform', '*', 'meltano', now(), 'running', now())"; notices "SELECT count(*) FROM baro_test()")" 'interrupted'
sql "CALL baro_transform()" >/dev/null
is "a success puts it right" "$(sql "$failing")" ""

# --- Freshness ---
is "nothing is expected of a stream" "$(sql "SELECT status, newest IS NOT NULL, expected FROM barometre.freshness WHERE stream = 'tap.s'")" "unknown|t|"
freshness() { # FRESHNESS, as the project says it of "s"
    sed -i "s/\({name: s, .*key_properties: \[id\]\).*/\1${1:+, freshness: {$1\}}}/" "$project/barometre.yml"; sql "SELECT count(*) FROM baro_run('tap')" >/dev/null
}
freshness "warn_after: 172800, error_after: 864000"
is "files that are new" "$(sql "SELECT status, expected FROM barometre.freshness WHERE stream = 'tap.s'")" "fresh|2 days"
super "UPDATE barometre.bookmark SET newest_mtime = now() - interval '3 days 4 hours' WHERE stream = 's'" >/dev/null
is "late" "$(sql "SELECT status, age FROM barometre.freshness WHERE stream = 'tap.s'")" "late|3 d 4 h"
is "that is a failure" "$(sql "$failing")" "data | stream tap.s"
heard >/dev/null
sql "SELECT count(*) FROM baro_run('tap')" >/dev/null
hears "of which listeners are told at the end of a load" '"event": "late".*"stream": "tap.s"|"stream": "tap.s".*"status": "late"'
super "UPDATE barometre.bookmark SET newest_mtime = now() - interval '30 days' WHERE stream = 's'" >/dev/null
is "stale" "$(sql "SELECT status FROM barometre.freshness WHERE stream = 'tap.s'")" stale
freshness "column: at, error_after: 3600"
super "UPDATE barometre.bookmark SET newest_value = now() - interval '90 min', newest_mtime = now() WHERE stream = 's'" >/dev/null
is "by a column" "$(sql "SELECT status, age, expected FROM barometre.freshness WHERE stream = 'tap.s'")" "stale|1 h 30 min|01:00:00"
freshness ""

# --- Widths, sizes, rights ---
long=$(printf '%.s\x01é\\' $(seq 3000))
heard >/dev/null
role=postgres psql -X -q -d "$db" -U postgres -v long="$long" <<'SQL' >/dev/null
INSERT INTO barometre.run (kind, name, role, started_at, status, scheduled_for) VALUES ('transform', :'long', 'meltano', '2020-01-01', 'running', NULL);
INSERT INTO barometre.run (kind, name, role, started_at, finished_at, status, message) VALUES ('transform', :'long', 'meltano', now() - interval '100 days', now(), 'failed', :'long');
SQL
sql "SELECT count(*) FROM baro_test()" >/dev/null
payload=$(heard interrupted | grep interrupted)
like "a bad value that was set before is told, and the default counts" "$(super "SET barometre.keep_runs = 'x'; LOAD 'barometre'; SHOW barometre.keep_runs")" '90 days'
is "whatever the names, a payload is sent, and short enough" "$(( ${#payload} > 200 && $(printf %s "$payload" | wc -c) < 8000 ))" 1
is "history fits 100 columns" "$(($(psql -X -d "$db" -U meltano -c "SELECT * FROM barometre.history" | LC_ALL=C.UTF-8 wc -L) <= 100))" 1
for view in missed history report failures freshness usual_duration; do
    like "the loader reads $view, others do not" "$(sql "SELECT count(*) FROM barometre.$view"; role=express-api sql "SELECT count(*) FROM barometre.$view")" 'permission denied'
    is "the loader reads $view" "$(sql "SELECT count(*) >= 0 FROM barometre.$view")" t
done
finish
