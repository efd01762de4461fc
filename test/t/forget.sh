#!/usr/bin/env bash
# baro_forget(): a table is then what all other files give, or the call refuses; and the file's content is loaded no more, whatever its name.
. "$(dirname "$0")/../lib.sh"
new_database
in=$BARO_DATA/in
mkdir -p "$in"
config() { use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {path: in, pattern: '.*\.csv(\.gz)?', delimiter: ','}
taps:
  - name: t
    streams:
      - {name: k, key_properties: [k]$1}
      - {name: n, max_rejects: 5, columns: [{name: k, type: integer}]}
YML
}
minute=0
put() { # NAME ROW...: a file that is newer than all before
    local name=$1; shift
    { echo k,v; printf '%s\n' "$@"; } >"$in/$name.csv"
    minute=$((minute + 1)); touch -d "@$((1704067200 + 60 * minute))" "$in/$name.csv"
}
load() { notices "SELECT stream, files, read, inserted, updated, unchanged FROM baro_run('t'${1:-})"; }
forget() { notices "SELECT * FROM baro_forget('t', '$1', 'in/$2'${3-, dry_run => false})"; }
rows() { sql "SELECT string_agg(k || v, ' ' ORDER BY k, v) FROM t.$1"; }
lineage() { sql "SELECT string_agg(k || pg_catalog.split_part(f.path, '/', 2) || ':' || _baro_line, ' ' ORDER BY k) FROM t.$1 JOIN barometre.file f ON f.id = _baro_file"; }

# --- What it takes away ---
config ", max_rejects: 5, columns: [{name: k, type: integer}]"
echo "select k, v from {{ source('t', 'k') }}" >"$project/models/m.sql"
put a 1,a 2,a 3,a
load >/dev/null
put b 2,b 3,a 4,b x,b
load ", streams => '{k}'" >/dev/null
put c 2,c 5,c
load >/dev/null; sql "CALL baro_transform()" >/dev/null
before=$(rows k)
is "a dry run says what would be" "$(forget k b.csv '')" "NOTICE:  nothing was changed; with  dry_run => false  it is done
t.k|1|rows go
barometre.file|2|other files are read again
barometre.reject|1|rejects of this file go
barometre.file|4|records are loaded no more before a full_refresh"
is "and changes nothing" "$(rows k) $(sql "SELECT count(*) FROM barometre.file WHERE forgotten_at IS NOT NULL") $(sql "SELECT count(*) FROM barometre.run WHERE kind = 'forget'")" "$before 0 0"
like "NULL is a dry run" "$(forget k b.csv ', dry_run => NULL')" 'nothing was changed'
is "rows that no other file has go" "$(forget k b.csv | head -n 1) $(rows k)" 't.k|1|rows go 1a 2c 3a 5c'
is "the others are those of their files" "$(lineage k)" '1a.csv:2 2c.csv:2 3a.csv:4 5c.csv:3'
is "the table's count over time has it" "$(sql "SELECT rows, added, removed FROM barometre.row_counts WHERE relation = 't.k' LIMIT 1") $(sql "SELECT count(*) FROM t.k")" "4|0|1 4"
is "its rejects are gone" "$(sql "SELECT count(*) FROM barometre.reject WHERE stream = 'k'")" 0
is "models that read it are stale" "$(sql "SELECT state FROM baro_ls('m')")" stale
is "the run is remembered" "$(sql "SELECT r.kind, r.name, r.status, s.deleted, s.records, s.why FROM barometre.run r JOIN barometre.step s ON s.run = r.id WHERE r.kind = 'forget'")" 'forget|t.k|succeeded|1|4|file "in/b.csv" is forgotten'
is "and history has it" "$(sql "SELECT what FROM barometre.history WHERE kind = 'forget'")" '-1'
is "the bookmark counts what is there" "$(sql "SELECT files, rows, newest_data FROM barometre.bookmark WHERE stream = 'k'")" '2|4|5'
is "the row of its file says so" "$(sql "SELECT path FROM barometre.file WHERE forgotten_at IS NOT NULL")" in/b.csv
like "another stream has its own" "$(rows n)" '2b'
put d 2,a 7,d
load >/dev/null
is "rows that it overwrote come back" "$(forget k d.csv | grep '|') $(rows k) $(lineage k)" 't.k|1|rows go
t.k|1|rows become again what other files hold
barometre.file|2|other files are read again
barometre.file|2|records are loaded no more before a full_refresh 1a 2c 3a 5c 1a.csv:2 2c.csv:2 3a.csv:4 5c.csv:3'
put e 1,a 9,e
load >/dev/null
is "a row that another file has too stays, and is that one's" "$(forget k a.csv | grep '|' | head -n 4) $(rows k) $(lineage k)" 't.k|1|rows go
t.k|1|rows stay, because other files have them too
barometre.file|2|other files are read again
barometre.file|3|records are loaded no more before a full_refresh 1a 2c 5c 9e 1e.csv:2 2c.csv:2 5c.csv:3 9e.csv:3'
put f 1,a
load >/dev/null
is "what no row is of changes none" "$(forget k f.csv | head -n 1) $(rows k)" 't.k|0|no row is of this file any more 1a 2c 5c 9e'
rm "$in/e.csv"
is "without a key rows are their file's" "$(forget n b.csv | head -n 1) $(rows n)" 't.n|3|rows go 1a 1a 1a 2a 2a 2c 3a 5c 7d 9e'

# --- It stays away ---
is "nothing of it comes back" "$(load | grep '|') $(rows k)" 'k|1|0|0|0|0
n|4|0|0|0|0 1a 2c 5c 9e'
like "which is told" "$(load)" 'NOTICE:  stream "t.k": 4 files are not read, whose content was forgotten: "in/a.csv", "in/b.csv", "in/d.csv"'
touch "$in/b.csv"; mv "$in/a.csv" "$in/aa.csv"; cp "$in/d.csv" "$in/dd.csv"; gzip -k "$in/f.csv"
is "touched, renamed, copied, packed" "$(load ", streams => '{k}'" | grep '|') $(rows k)" 'k|1|0|0|0|0 1a 2c 5c 9e'
printf '10,new\n' >>"$in/b.csv"
is "what has more in it is another content" "$(load ", streams => '{k}'" | grep '|') $(rows k)" 'k|2|1|3|1|0 1a 2b 3a 4b 5c 9e 10new'
is "both are in the ledger" "$(sql "SELECT count(*), count(forgotten_at) FROM barometre.file WHERE stream = 'k' AND path = 'in/b.csv'")" '2|1'
rm "$in/c.csv"
like "which can be forgotten, unless other files are missing" "$(forget k b.csv)" 'ERROR:  stream "t.k": file "in/b.csv" can.t be forgotten, because 2 other files are not what was loaded'
like "they are named" "$(forget k b.csv)" 'DETAIL:  .*They are: "in/c.csv" \(gone\), "in/e.csv" \(gone\)\.'
like "with what to do" "$(forget k b.csv)" "HINT:  Put them back, or load what changed: .*full_refresh => true"
is "nothing changed" "$(rows k)" '1a 2b 3a 4b 5c 9e 10new'
is "and no failure is kept for that" "$(sql "SELECT count(*) FROM barometre_internal.failure WHERE what LIKE 'forget%'") $(sql "SELECT status FROM barometre.run WHERE kind = 'forget' ORDER BY id DESC LIMIT 1")" '0 failed'
like "a content that is loaded no more" "$(forget k a.csv)" 'file "in/a.csv" was forgotten already'
like "a file that nobody knows" "$(forget k bb.csv)" 'file "in/bb.csv" is none that was loaded'
like "or a name that is near" "$(forget k b.cvs)" 'Did you mean "in/b.csv"'
put g 1,x; load ", streams => '{k}'" >/dev/null; printf '1,y\n' >>"$in/g.csv"; put c 2,c 5,c
like "a file that changed is none that can be read again" "$(put e 1,a 9,e; forget k b.csv)" 'They are: .*"in/g.csv" \(changed\)'
config ", max_rejects: 5, columns: [{name: k, type: integer}], max_deletes: 100%"
load ", full_refresh => true" >/dev/null
is "a full refresh takes all again" "$(sql "SELECT count(*) FROM barometre.file WHERE forgotten_at IS NOT NULL AND stream = 'k'") $(rows k)" '0 1y 2b 3a 4b 5c 7d 9e 10new'
like "a stream that is not named is each that has the file" "$(notices "SELECT * FROM baro_forget('t', NULL, 'in/g.csv')")" '^t.n\|'
config ", columns: [{name: k, type: integer}], nulls: [nothing]"
like "files that are to be read otherwise are loaded first" "$(forget k g.csv; forget k aa.csv)" 'its files are to be read otherwise than before'
config ", max_rejects: 5, columns: [{name: k, type: integer}]"; load ", full_refresh => true" >/dev/null
put h 20,zz; load ", streams => '{k}'" >/dev/null; put i 20,ok 21,i; load ", streams => '{k}'" >/dev/null
sql "ALTER TABLE t.k ADD CHECK (v <> 'zz')" >/dev/null; put l 40,zz 41,l; load ", streams => '{k}'" >/dev/null
like "what the table refuses by now can't be put back" "$(forget k i.csv)" "ERROR:  stream \"t.k\": file \"in/i.csv\" can't be forgotten, because the table refuses what another file has for one of its rows"
put j 30,zz 31,j; load ", streams => '{k}'" >/dev/null
is "a record that was rejected for that is in nobody's way" "$(forget k j.csv | head -n 2) $(rows k)" "t.k|1|rows go
barometre.file|12|other files are read again 1y 2b 3a 4b 5c 7d 9e 10new 20ok 21i 41l"
sql "CREATE TABLE t.child (k int REFERENCES t.k); INSERT INTO t.child VALUES (4)" >/dev/null
like "rows that others refer to" "$(forget k b.csv)" "ERROR:  stream \"t.k\": rows of file \"in/b.csv\" can't be deleted, because other rows refer to them"
sql "DROP TABLE t.child" >/dev/null

# --- The whole truth, and Singer ---
rm "$in"/*; sql "DROP TABLE t.k, t.n; DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null; role=postgres sql "DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null
config ", delete_absent: true, max_deletes: 100%"
put a 1,a 2,a; load >/dev/null; put b 2,a 3,b; load >/dev/null; put c 4,c; load >/dev/null
is "with delete_absent the newest of the others is the truth" "$(forget k c.csv | grep '^t.k') $(rows k) $(lineage k)" 't.k|1|rows go
t.k|2|rows come back 2a 3b 2b.csv:2 3b.csv:3'
is "an older one changes nothing" "$(forget k a.csv | grep '^t.k') $(rows k)" 't.k|0|no row is of this file any more 2a 3b'
use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps:
  - {name: s, format: singer, path: singer, pattern: .*, streams: discover}
YML
like "a file of a Singer tap has a STATE" "$(notices "SELECT * FROM baro_forget('s', 'a', 'singer/1')")" "ERROR:  a file of tap \"s\" can't be forgotten"

# --- Any file of any history: as if it had never been ---
RANDOM=${BARO_SEED:-3}
use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {path: r, pattern: '.*\.csv', delimiter: ',', columns: [{name: k, type: integer}, {name: v, type: integer}]}
taps:
  - name: r
    streams: [{name: k, key_properties: [k]}, {name: n}, {name: d, key_properties: [k], delete_absent: true, max_deletes: 100%}]
  - name: fresh
    streams: [{name: k, key_properties: [k]}, {name: n}, {name: d, key_properties: [k], delete_absent: true, max_deletes: 100%}]
YML
r=$BARO_DATA/r
good=0
for round in 1 2 3; do
    rm -rf "$r"; mkdir "$r"; role=postgres sql "DROP SCHEMA IF EXISTS r, fresh CASCADE; DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null
    for i in 1 2 3 4 5; do
        { echo k,v; for j in 1 2 3 4 5 6; do echo "$((RANDOM % 12)),$((RANDOM % 2))"; done; } >"$r/$i.csv"; touch -d "@$((1704067200 + 60 * i))" "$r/$i.csv"
        [ $((RANDOM % 3)) = 0 ] || sql "SELECT count(*) FROM baro_run('r')" >/dev/null
    done
    sql "SELECT count(*) FROM baro_run('r')" >/dev/null
    one=$((RANDOM % 5 + 1)) other=$((RANDOM % 5 + 1))
    sql "SELECT count(*) FROM baro_forget('r', NULL, 'r/$one.csv', dry_run => false)" >/dev/null
    [ $one = $other ] || sql "SELECT count(*) FROM baro_forget('r', NULL, 'r/$other.csv', dry_run => false)" >/dev/null
    rm -f "$r/$one.csv" "$r/$other.csv"
    sql "SELECT count(*) FROM baro_run('fresh')" >/dev/null
    for s in k n d; do
        is "round $round: $s without $one and $other is as if they had never been" "$(sql "SELECT k, v, f.path, count(*) FROM r.$s JOIN barometre.file f ON f.id = _baro_file GROUP BY 1, 2, 3 ORDER BY 1, 2, 3" | { [ $s = n ] && cat || cut -d'|' -f1,2,4; })" \
            "$(sql "SELECT k, v, f.path, count(*) FROM fresh.$s JOIN barometre.file f ON f.id = _baro_file GROUP BY 1, 2, 3 ORDER BY 1, 2, 3" | { [ $s = n ] && cat || cut -d'|' -f1,2,4; })"
    done
    like "round $round: the next load changes nothing" "$(sql "SELECT sum(inserted + updated) FROM baro_run('r')")" '^0$'
done

# --- Beside files that are left out ---
rm -f "$in"/*; role=postgres sql "DROP SCHEMA t CASCADE; DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null
config ", columns: [{name: k, type: integer}]"
left_out() { sql "SELECT string_agg(path, ' ' ORDER BY path) FROM barometre_internal.left_out WHERE is_there"; }
only_k=", streams => '{k}', on_failure => 'skip'"
put a 1,a; load "$only_k" >/dev/null; put b 2,b; load "$only_k" >/dev/null
cp -p "$in/b.csv" "$BARO_DATA/good"; put b x,b; load "$only_k" >/dev/null
is "a file that is left out is forgotten as it was loaded" "$(left_out) $(forget k b.csv | head -n 1) $(rows k)" 'in/b.csv t.k|1|rows go 1a'
cp -p "$BARO_DATA/good" "$in/b.csv"; load "$only_k" >/dev/null
is "it is no failure when it becomes again what was forgotten" "$(left_out)|$(sql "SELECT count(*) FROM barometre.reject WHERE file = 'in/b.csv'")|$(rows k)" '|0|1a'

# --- A content that another file has too ---
only_k=", streams => '{k}'"
put c 5,c; put d 5,c; put e 6,e; load "$only_k" >/dev/null; forget k c.csv >/dev/null
touch -d @1704070000 "$in/d.csv"; load "$only_k" >/dev/null
is "a file that was loaded beside the one that was forgotten is not forgotten when it is touched" "$(forget k e.csv | head -n 1) $(rows k)" 't.k|1|rows go 1a 5c'
mv "$in/d.csv" "$in/dd.csv"; load "$only_k" >/dev/null
is "nor when it is renamed" "$(sql "SELECT string_agg(path, ' ' ORDER BY path) FROM barometre.file WHERE stream = 'k' AND forgotten_at IS NULL") $(rows k)" 'in/a.csv in/dd.csv 1a 5c'
cp "$in/dd.csv" "$in/ddd.csv"
like "but a copy is" "$(load "$only_k")" '4 files are not read, whose content was forgotten: .*$'
finish
