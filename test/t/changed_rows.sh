#!/usr/bin/env bash
# Loads that change some rows of a table: what becomes of it is what SQL would do, by whatever way the rows come in; and how many it has afterwards.
. "$(dirname "$0")/../lib.sh"
new_database
files=$BARO_DATA/in
mkdir -p "$files"
use_project <<'YML'
version: 1
name: changes
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: m, path: in, pattern: .*\.csv, key_properties: [id], columns: [{name: id, type: bigint}, {name: v, type: text}]}
YML
super() { role=postgres sql "$1"; }
day=0
load() { # RECORD...: a new version of the file
    { echo id,v; printf '%s\n' "$@"; } >"$files/m.csv"; day=$((day + 1)); touch -d "2021-01-01 $day days" "$files/m.csv"
    sql "SELECT inserted, updated, unchanged FROM baro_run('tap')"
}
counted() { sql "SELECT rows || ' of ' || (SELECT count(*) FROM tap.m) FROM barometre.step WHERE name = 'tap.m' ORDER BY run DESC LIMIT 1"; }
hundred() { seq -f '%.0f,a' 1 100; } # records

# --- How many rows the table has afterwards ---
load $(hundred) >/dev/null
is "a first load counts its rows" "$(counted)" "100 of 100"
sql "DELETE FROM tap.m WHERE id > 90" >/dev/null
load $(hundred | head -n 90) 1000,b >/dev/null
is "rows that are gone do not count" "$(counted)" "91 of 91"
sql "VACUUM tap.m" >/dev/null
load 1001,c >/dev/null
is "nor do they when pages are known to be seen by all" "$(counted)" "92 of 92"
sql "UPDATE tap.m SET v = 'x' WHERE id < 10; DELETE FROM tap.m WHERE id BETWEEN 10 AND 19" >/dev/null
load 1002,d >/dev/null
is "changed rows count once" "$(counted)" "83 of 83"
open_session other meltano
ask other "BEGIN; INSERT INTO tap.m (id, v) VALUES (5000, 'open'); DELETE FROM tap.m WHERE id = 20" >/dev/null
load 1003,e >/dev/null
is "what others have not committed does not" "$(counted)" "84 of 84"
ask other ROLLBACK >/dev/null
is "what the same transaction did, does" "$(sql "BEGIN; DELETE FROM tap.m WHERE id = 21; SAVEPOINT s; DELETE FROM tap.m WHERE id = 22; ROLLBACK TO s; SELECT count(*) FROM baro_run('tap', full_refresh => true); SELECT rows || ' of ' || (SELECT count(*) FROM tap.m) FROM barometre.step WHERE name = 'tap.m' ORDER BY run DESC LIMIT 1; COMMIT" | tail -n 1)" "1 of 1"
is "a serializable transaction counts the same" "$(printf 'id,v\n1,a\n2,b\n' >"$files/m.csv"; sql "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM baro_run('tap'); COMMIT" >/dev/null; counted)" "3 of 3"
sql "CREATE TABLE tap.child () INHERITS (tap.m); INSERT INTO tap.child (id, v) VALUES (7000, 'child')" >/dev/null
load 1004,f >/dev/null
is "rows of a child table count" "$(counted)" "5 of 5"
sql "DROP TABLE tap.child; ALTER TABLE tap.m ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY few ON tap.m USING (id <> 2) WITH CHECK (true)" >/dev/null
load 1005,g >/dev/null
is "rows that row security hides from the loader do not" "$(counted)" "4 of 4"
sql "DROP POLICY few ON tap.m; ALTER TABLE tap.m DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY" >/dev/null
finish
