#!/usr/bin/env bash
# The memory of runs: kept whatever becomes of the work, its transaction or its server process.
. "$(dirname "$0")/../lib.sh"
own_server
new_database
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: runs
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id]}
YML
seq 1 300000 | awk 'BEGIN { print "id,v,w" } { print $1 ",value " $1 % 977 ",2021-01-01" }' > "$BARO_DATA/in/a.csv"
last="SELECT status || ' ' || coalesce(sqlstate, '-') || ' ' || coalesce(message, '-') FROM barometre.run ORDER BY id DESC LIMIT 1"
sql "SELECT count(*) FROM baro_run()" >/dev/null
is "a run that worked" "$(sql "$last")" "succeeded - -"
is "with its step" "$(sql "SELECT inserted FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run)")" 300000
good=$(sql "SELECT md5(string_agg(s::text, ' ' ORDER BY id)) FROM tap.s")

echo broken > "$BARO_DATA/in/b.csv"
sql "SELECT * FROM baro_run()" >/dev/null
soon "SELECT status = 'failed' FROM barometre.run ORDER BY id DESC LIMIT 1"
like "a failed run is kept" "$(sql "$last")" 'failed BM007 stream "tap.s": '
is "and its failed step" "$(sql "SELECT status FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run)")" failed
rm "$BARO_DATA/in/b.csv"
sql "BEGIN; SELECT count(*) FROM baro_run(); ROLLBACK" >/dev/null
soon "SELECT message = 'the calling transaction was rolled back' FROM barometre.run ORDER BY id DESC LIMIT 1"
is "a run that its caller rolled back" "$(sql "$last")" "failed - the calling transaction was rolled back"
sql "DO \$\$ BEGIN PERFORM baro_run('nope'); EXCEPTION WHEN others THEN NULL; END \$\$; SELECT count(*) FROM baro_run()" >/dev/null
is "a caught error leaves the next run well" "$(sql "$last")" "succeeded - -"
sql "DO \$\$ BEGIN BEGIN PERFORM baro_run(); RAISE 'x'; EXCEPTION WHEN others THEN NULL; END; END \$\$" >/dev/null
soon "SELECT status = 'failed' FROM barometre.run ORDER BY id DESC LIMIT 1"
is "a run in a subtransaction that was rolled back" "$(sql "$last")" "failed - the calling transaction was rolled back"
is "a run in a transaction with one snapshot" "$(sql "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM baro_run(); COMMIT")" 1

# A background load, cut off at some moment.
load() { psql -X -q -At -d "$db" -U meltano -c "SELECT count(*) FROM baro_run(full_refresh => true)" >/dev/null 2>&1 & }
worker="SELECT pid FROM pg_stat_activity WHERE datname = '$db' AND query LIKE 'SELECT count(*) FROM baro_run(full%' AND state = 'active' AND pid <> pg_backend_pid()"
wait_for_worker() { for _ in $(seq 500); do pid=$(role=postgres sql "$worker"); [[ $pid =~ ^[0-9]+$ ]] && return; sleep 0.01; done; }
load; wait_for_worker; soon "SELECT count(*) > 0 FROM barometre.progress WHERE call = 'baro_run'"
role=postgres sql "SELECT pg_cancel_backend($pid)" >/dev/null; wait
soon "SELECT status = 'failed' FROM barometre.run ORDER BY id DESC LIMIT 1"
like "a cancelled run" "$(sql "$last")" "failed 57014"
load; wait_for_worker; soon "SELECT count(*) > 0 FROM barometre.progress WHERE call = 'baro_run'"
role=postgres sql "SELECT pg_terminate_backend($pid)" >/dev/null; wait
soon "SELECT status = 'interrupted' FROM barometre.run ORDER BY id DESC LIMIT 1"
is "a terminated session's run" "$(sql "$last")" "interrupted - the session was ended"
# A session that is ended while its reader thread works must not take the server down.
open_session witness meltano
for i in 05 10 15 20 25 30 35; do
    load; wait_for_worker; sleep 0.$i
    role=postgres sql "SELECT pg_terminate_backend($pid)" >/dev/null
done
is "other sessions live on when a load's session is ended" "$(ask witness "SELECT 'alive'")" alive
wait
for i in 1 2 3 4 5; do
    load; wait_for_worker; sleep 0.$((RANDOM % 5))$((RANDOM % 9))
    kill -9 "$pid"; wait
    for _ in $(seq 600); do pg_isready -q && break; sleep 0.1; done
    keep_sessions
done
sql "SELECT count(*) FROM baro_run(full_refresh => true)" >/dev/null
is "the killed runs are interrupted at the next call" "$(sql "SELECT count(*) FROM barometre.run WHERE status = 'running'")" 0
like "as they were killed" "$(sql "SELECT max(message) FROM barometre.run WHERE status = 'interrupted' AND message LIKE '%without a word'")" "ended without a word"
is "after five kills all rows are there once" "$(sql "SELECT md5(string_agg(s::text, ' ' ORDER BY id)) FROM tap.s")" "$good"
is "no staging table is left" "$(sql "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_baro\\_%'")" 0

# Two at once: the first holds its locks until its transaction ends.
open_session first meltano
ask first "BEGIN; SELECT count(*) FROM baro_run()" >/dev/null
like "the same stream is not run twice at once" "$(sql "SELECT * FROM baro_run()")" 'stream "tap.s" is being run by another session'
sql "SET barometre.on_overlap = 'wait'; SELECT count(*) FROM baro_run()" > "$folder/waiting" & waiting=$!
soon "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$db' AND wait_event_type = 'Lock'"; waited=$?
ask first "COMMIT"; wait $waiting
is "unless one waits" "$waited $(cat "$folder/waiting")" "0 1"
role=postgres sql "CREATE DATABASE baro_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0" >/dev/null
like "a database that is not UTF8 is refused" "$(db=baro_latin role=postgres sql "CREATE EXTENSION barometre; SELECT * FROM baro_run()")" "encoding of this database is not UTF8"
role=postgres sql "DROP DATABASE baro_latin" >/dev/null
is "a superuser's load works for the owner" "$(role=postgres sql "SELECT count(*) FROM baro_run(full_refresh => true)")" 1

echo "select 1/0 as x" > "$project/models/m.sql"
sql "CALL baro_transform()" >/dev/null
is "a failed procedure's run is kept at once" "$(sql "SELECT status || ' ' || sqlstate FROM barometre.run ORDER BY id DESC LIMIT 1")" "failed 22012"
before=$(sql "SELECT max(id) FROM barometre.run")
sql "BEGIN; CALL baro_transform(); COMMIT" >/dev/null
soon "SELECT status = 'failed' FROM barometre.run WHERE id > $before"
is "also inside a transaction block" "$(sql "SELECT kind || ' ' || status FROM barometre.run WHERE id > $before")" "transform failed"
finish
