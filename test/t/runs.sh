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
like "a failed run is kept" "$(sql "$last")" 'failed BM007 stream "tap.s": '
is "and its failed step" "$(sql "SELECT status FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run)")" failed
# What is looked up right after the failure, in the same session; whatever becomes of the transaction it is there, and there once.
printf 'id,v,w\n1\n2\n' > "$BARO_DATA/in/b.csv"
told="SELECT concat_ws(' ', r.status, r.sqlstate, (SELECT count(*) FROM barometre.reject j WHERE j.run = r.id), (SELECT count(*) FROM barometre.step j WHERE j.run = r.id),
             (SELECT count(*) FROM barometre.failures f WHERE f.run = r.id AND f.why ~ 'can.t be\s+loaded')) FROM barometre.history h JOIN barometre.run r USING (id) LIMIT 1"
then_told() { psql -X -q -At -d "$db" -U "${role:-meltano}" "${@/#/-c}" -c "$told" 2>/dev/null | tail -n 1; }
is "a failure and its rejects are recorded before the caller has the error" "$(then_told "SELECT * FROM baro_run()")" "failed BM004 2 1 1"
is "also in a transaction block" "$(then_told BEGIN "SELECT * FROM baro_run()" ROLLBACK)" "failed BM004 2 1 1"
is "before a savepoint is rolled back to" "$(then_told BEGIN "SAVEPOINT s" "SELECT * FROM baro_run()" "ROLLBACK TO s")" "failed BM004 2 1 1"
is "before it is caught" "$(then_told "DO \$\$ BEGIN PERFORM baro_run(); EXCEPTION WHEN others THEN NULL; END \$\$")" "failed BM004 2 1 1"
is "in a transaction with one snapshot" "$(then_told "BEGIN ISOLATION LEVEL REPEATABLE READ" "SELECT * FROM baro_run()" ROLLBACK)" "failed BM004 2 1 1"
is "where the database is set to be read-only and impatient" "$(role=postgres sql "ALTER DATABASE $db SET default_transaction_read_only = on; ALTER DATABASE $db SET lock_timeout = 1; ALTER DATABASE $db SET default_transaction_isolation = serializable" >/dev/null
    then_told "SET default_transaction_read_only = off" "SET default_transaction_isolation = 'read committed'" "SELECT * FROM baro_run()")" "failed BM004 2 1 1"
PGOPTIONS="$PGOPTIONS -c default_transaction_read_only=off" role=postgres sql "ALTER DATABASE $db RESET default_transaction_read_only; ALTER DATABASE $db RESET lock_timeout; ALTER DATABASE $db RESET default_transaction_isolation" >/dev/null
open_session locks postgres
ask locks "BEGIN; LOCK barometre.run IN EXCLUSIVE MODE"
like "a call that fails does not wait for ever until that can be written" "$(patience=20; open_session impatient meltano; ask impatient "SELECT * FROM baro_run()"; close_session impatient)" "ERROR: .*can't be loaded"
ask locks "COMMIT"
soon "SELECT ($told) = 'failed BM004 2 1 1'"
ok "and it is written when it can be" $?
# Readers, while calls begin and fail: no run is ever shown as one whose process is gone.
for i in 1 2; do
    yes "SELECT * FROM barometre.history WHERE status = 'interrupted'; SELECT * FROM barometre.failures WHERE why ~ 'without\s+a\s+word';" | head -n 60 | psql -X -q -At -d "$db" -U postgres >"$folder/read$i" 2>&1 &
done
for i in {1..8}; do psql -X -q -d "$db" -U meltano -c "SELECT * FROM baro_run()" -c "SELECT * FROM baro_run()" >/dev/null 2>&1 & done
wait
is "while sessions fail side by side nobody reads that a process is gone" "$(cat "$folder"/read?)" ""
is "each failure is there once" "$(sql "SELECT count(*), count(*) FILTER (WHERE sqlstate NOT IN ('BM004', 'BM007', 'BM008')), count(*) FILTER (WHERE steps <> 1 OR rejects <> CASE sqlstate WHEN 'BM004' THEN 2 ELSE 0 END) FROM barometre.run r,
    LATERAL (SELECT (SELECT count(*) FROM barometre.step s WHERE s.run = r.id) AS steps, (SELECT count(*) FROM barometre.reject j WHERE j.run = r.id) AS rejects) AS n WHERE r.status = 'failed'")" "24|0|0"
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
is "also inside a transaction block" "$(sql "SELECT kind || ' ' || status FROM barometre.run WHERE id > $before")" "transform failed"

# A procedure has its row from the beginning: it must not go on for ever as running, nor be told as lost.
echo "select 1 as x from pg_sleep(60)" > "$project/models/m.sql"
psql -X -q -d "$db" -U meltano -c "CALL baro_transform()" >/dev/null 2>&1 &
soon "SELECT count(*) > 0 FROM barometre.history WHERE kind = 'transform' AND status = 'running'"
role=postgres sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CALL baro_transform%' AND pid <> pg_backend_pid()" >/dev/null; wait
soon "SELECT status = 'interrupted' FROM barometre.run ORDER BY id DESC LIMIT 1"
is "a terminated session's procedure is recorded as that" "$(sql "$last")" "interrupted - the session was ended"

# The abort of what made unlogged tables is in the log before they leave the disk: else the server does not start after a crash.
cluster_stop; cluster_configure "wal_writer_delay = 10s"; cluster_start
open_session maker meltano
ask maker "SELECT count(*) FROM baro_ls()" >/dev/null
ask maker "BEGIN; CREATE UNLOGGED TABLE tap.gone (); SAVEPOINT s; CREATE UNLOGGED TABLE tap.gone_too ()" >/dev/null
role=postgres sql "CREATE TABLE public.flushes ()" >/dev/null
ask maker "ROLLBACK TO s; ROLLBACK" >/dev/null
cluster_stop immediate
is "a server that crashes after an aborted load starts at once" "$(cluster_start 2>&1)" ""
cluster_runs || cluster_start

# Without any worker.
printf 'id,v,w\n1\n2\n' > "$BARO_DATA/in/b.csv"
known=$(sql "SELECT count(*) FROM barometre.run WHERE sqlstate = 'BM004'") kept=() free=()
cluster_stop; cluster_configure "max_worker_processes = 0"; cluster_start
call="SELECT * FROM baro_run()"
said=$(psql -X -q -At -d "$db" -U meltano -c "$call" -c "$told" -c "SELECT count(*) FROM baro_ls()" -c "$told" -c BEGIN -c "$call" -c ROLLBACK -c "BEGIN READ ONLY" -c "SELECT count(*) FROM baro_ls()" -c ROLLBACK \
    -c BEGIN -c "SELECT count(*) FROM baro_ls()" -c ROLLBACK 2>&1)
like "without a worker a failure is told as not recorded yet" "$said" "^WARNING:  the end of barometre.s run [0-9]+ is not recorded yet"
like "by the session's next call it is" "$said" "^failed BM004 2 1 1$"
soon "SELECT count(*) = $known + 2 FROM barometre.run WHERE sqlstate = 'BM004'"
is "or at its end; once, though the next call was rolled back" "$(then_told "SELECT 1") $(sql "SELECT count(*) FROM barometre.run WHERE status = 'running'")" "failed BM004 2 1 1 0"
finish
