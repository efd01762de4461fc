#!/usr/bin/env bash
# What somebody who may only connect can do to those who work: nothing.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: strangers
roles: {loader: meltano}
taps:
  - name: tap
    streams: [{name: s, path: in, pattern: .*\.csv, key_properties: [id]}]
seeds: [{name: towns}]
jobs:
  - {name: nightly, interval: '@daily', steps: [{run: tap}, {transform: '*'}]}
YML
super() { role=postgres sql "$1"; }
printf 'id,v\n1,a\n' >"$BARO_DATA/in/a.csv"
printf 'id\n1\n' >"$project/seeds/towns.csv"
echo "select id from {{ source('tap', 's') }}" >"$project/models/m.sql"
super "CREATE ROLE strangers_one LOGIN" >/dev/null
sql "CALL baro_job('nightly')" >/dev/null
printf 'id,v\n2,b\n' >"$BARO_DATA/in/b.csv"
echo "select id, 1 as more from {{ source('tap', 's') }}" >"$project/models/m.sql"

# --- Locks ---
# All that the lock functions of SQL can make of a name or of a number, exclusive and of the session.
open_session stranger strangers_one
ask stranger "SELECT pg_advisory_lock(hashtextextended(k || ' ' || n, 0)) FROM
    (VALUES ('barometre stream'), ('barometre model'), ('barometre seed'), ('barometre job'), ('barometre registry'), ('barometre functions of project')) AS k (k),
    (VALUES (''), ('tap.s'), ('m'), ('towns'), ('nightly'), ('strangers')) AS n (n)" >/dev/null
ask stranger "SELECT pg_advisory_lock(n), pg_advisory_lock(1650553441, n), pg_advisory_lock(1650, n), pg_advisory_lock(1651, n), pg_advisory_lock(0, n),
    pg_advisory_lock(n, 1650), pg_advisory_lock(n, 1651) FROM generate_series(0, 200) AS n" >/dev/null
is "a stranger holds locks of all kinds that SQL has" "$(super "SELECT count(*) > 1000 FROM pg_locks WHERE $here AND locktype = 'advisory'")" t
export PGOPTIONS="-c statement_timeout=20s -c client_min_messages=warning"
is "and no stream, seed, model, registry or job waits for him" "$(sql "CALL baro_job('nightly')"; sql "SELECT name, status FROM barometre.step WHERE run > 1 AND kind IN ('stream', 'model') AND run > (SELECT max(id) - 3 FROM barometre.run) ORDER BY run, name"; sql "SELECT count(*) FROM baro_seed()"; sql "SELECT more FROM analytics.m LIMIT 1")" "tap.s|succeeded
m|succeeded
1
1"
super "INSERT INTO barometre.run (id, kind, name, role, started_at, status) OVERRIDING SYSTEM VALUE VALUES (150, 'run', 'dead', 'meltano', now(), 'running')" >/dev/null
is "he can't make a dead run look alive" "$(sql "SELECT status FROM barometre.history WHERE id = 150")" interrupted
sql "SELECT count(*) FROM baro_run('tap')" >/dev/null
is "nor keep it from being written down" "$(super "SELECT status FROM barometre.run WHERE id = 150")" interrupted
close_session stranger
finish
