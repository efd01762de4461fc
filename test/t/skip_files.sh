#!/usr/bin/env bash
# One bad file does not stop the others: on_failure => skip leaves out files, streams and taps, tells it until they are loaded, and a keyed table
# ends as if all had been loaded in order.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA"/{in,k,j,o,z}
config() { use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {pattern: '.*\.csv', delimiter: ','}
taps:
  - name: t
    streams:
      - {name: s, path: in${1-}}
      - {name: k, path: k, key_properties: [id]}
  - name: u
    streams:
      - {name: d, path: j, pattern: '.*\.json', format: json}
      - {name: z, path: z, pattern: '.*', encoding: utf-8}
  - name: o
    streams: [{name: a, path: o, key_properties: [id]}, {name: b, path: o, key_properties: [id]}]
jobs:
  - {name: goes-on, steps: [{run: t, on_failure: skip}, {sql: insert into public.done values (1)}]}
  - {name: stops, steps: [{run: t}, {sql: insert into public.done values (2)}]}
YML
}
config
put() { printf 'id,v\n%s\n' "$2" >"$BARO_DATA/$1"; touch -d "${3:-2024-01-01}" "$BARO_DATA/$1"; } # FILE RECORDS [DATE]
html() { printf '<!doctype html><html><body>no</body></html>\n' >"$BARO_DATA/$1"; touch -d "${2:-2024-01-01}" "$BARO_DATA/$1"; }
run() { notices "SELECT stream, files, read, records, inserted, updated, unchanged, rejected FROM baro_run($1)"; }
skip() { run "${1:-'t'}, on_failure => 'skip'${2:+, $2}"; }
left_out() { sql "SELECT string_agg(path || ' ' || sqlstate, ', ' ORDER BY path) FROM barometre_internal.left_out WHERE is_there AND tap = '${1:-t}'"; }
failing() { sql "SELECT string_agg(place || ': ' || why || ' ' || what_to_do, E'\n' ORDER BY place) FROM barometre_internal.failure"; }
rows() { sql "SELECT string_agg(id || '=' || v, ' ' ORDER BY id, v) FROM $1"; }

# --- A file of several ---
open_session listener meltano; ask listener "LISTEN barometre" >/dev/null
for m in 1 2 3 4; do put in/m0$m.csv "$m,a
10$m,b" 2024-$m-01; done
html in/m03.csv 2024-03-01
put k/a.csv 1,a
like "it stops the call, as ever" "$(run "'t'")" '^ERROR:  stream "t.s": file "in/m03.csv" is no CSV file'
is "and nothing is loaded" "$(sql "SELECT to_regclass('t.k') IS NULL")" t
like "on_failure has its words" "$(run "'t', on_failure => 'go on'")" '^ERROR:  on_failure can.t be "go on"'
out=$(skip)
like "with skip the others are loaded" "$out" '^s\|4\|3\|6\|6\|0\|0\|0$'
like "and the next stream too" "$out" '^k\|1\|1\|1\|1'
like "the call ends with a warning" "$out" '^WARNING:  1 file was left out, because it can.t be loaded'
like "which says why" "$out" '^DETAIL:  stream "t.s": file "in/m03.csv" is no CSV file: it looks like an HTML page'
like "and what next" "$out" '^HINT:  The next run tries it again\. Until then SELECT \* FROM barometre\.failures;'
is "it is a failed step of its own" "$(sql "SELECT kind || ' ' || name || ' ' || sqlstate FROM barometre.step WHERE status = 'failed' AND run = (SELECT max(id) FROM barometre.run)")" "file t.s in/m03.csv BM005"
is "of a run that succeeded, and says so" "$(sql "SELECT status || ' ' || replace(what, E'\n', ' ') FROM barometre.history LIMIT 1")" "succeeded 1 left out, +7, 2 streams"
like "who listens hears of it" "$(ask listener "SELECT 1")" '"event": "finished", "failed": \["file t.s in/m03.csv"\]'
close_session listener
is "it is no file of the ledger" "$(sql "SELECT count(*) FROM barometre.file WHERE path LIKE '%m03%'")" 0
like "and is a failure, with the next move" "$(failing)" '^file in/m03.csv of stream t.s: left out: .* Remove it, or correct the key "pattern" of the stream\.$'
out=$(skip)
like "the next run tries it again, and no other" "$out" '^s\|4\|0\|0'
like "and tells it again" "$out" '^WARNING:  1 file was left out'
like "one stream says how many it has" "$(skip "'t.s'")" '^WARNING:  stream "t.s": 1 of 4 files was left out'
put in/m03.csv '3,a' 2024-03-01
like "repaired, with its old date, it is loaded" "$(run "'t'")" '^s\|4\|1\|1\|1'
is "and is no failure any more" "$(failing)$(left_out)" ""
html in/m04.csv 2024-04-02
like "a loaded file that is broken now keeps its rows" "$(skip "'t.s'"; rows t.s)" '4=a 101=b 102=b 104=b$'
like "it is told" "$(failing)" '^file in/m04.csv of stream t.s: left out'
like "a full refresh is not done without it" "$(skip "'t.s'" "full_refresh => true")" '^WARNING:  1 stream was left out'
is "its rows are still there" "$(rows t.s)" "1=a 2=a 3=a 4=a 101=b 102=b 104=b"
like "why is said" "$(sql "SELECT detail FROM barometre.run ORDER BY id DESC LIMIT 1"; run "'t.s', full_refresh => true, on_failure => 'stop'")" '^ERROR: .*m04'
rm "$BARO_DATA/in/m04.csv"
skip >/dev/null
is "removed it is no failure" "$(failing)" ""

# --- What is wrong with files ---
put in/n1.csv '5,a' 2024-05-01
printf 'id,v\n6,a\n6\n' >"$BARO_DATA/in/n2.csv"; touch -d 2024-05-02 "$BARO_DATA/in/n2.csv"
printf 'x;y\n7;a\n' >"$BARO_DATA/in/n3.csv"; touch -d 2024-05-03 "$BARO_DATA/in/n3.csv"
printf '\x89PNG\r\n\x1a\n' >"$BARO_DATA/in/n4.csv"; touch -d 2024-05-04 "$BARO_DATA/in/n4.csv"
put in/n5.csv '-1,a' 2024-05-05
printf 'id,id\n8,a\n' >"$BARO_DATA/in/n6.csv"; touch -d 2024-05-06 "$BARO_DATA/in/n6.csv"
put in/n9.csv '9,a' 2024-05-09
role=postgres sql "ALTER TABLE t.s ADD CHECK (id > 0)"
out=$(skip "'t.s'")
like "a bad record, another table's, a picture, a row that the table refuses, and equal names are all left out at once" "$out" '^s\|10\|2\|2\|2'
is "each with its kind" "$(left_out)" "in/n2.csv BM004, in/n3.csv BM007, in/n4.csv BM005, in/n5.csv BM004, in/n6.csv BM007"
is "rejects of files that are left out can be looked at" "$(sql "SELECT string_agg(file || ':' || line || ' ' || sqlstate, ', ' ORDER BY file) FROM barometre.reject")" "in/n2.csv:3 BM004, in/n5.csv:2 23514"
like "as the failure says" "$(failing)" "^file in/n5.csv .*the table refuses it.* SELECT line, column_name, reason FROM barometre.reject WHERE run = [0-9]+ AND file = 'in/n5.csv';"
skip "'t.s'" >/dev/null
is "they do not pile up" "$(sql "SELECT count(*) FROM barometre.reject")" 2
rm "$BARO_DATA"/in/n[2-6].csv; run "'t'" >/dev/null
is "and go with the files" "$(failing)" ""

# Compressed, encoded, JSON.
for i in 1 2 3; do printf 'a,b\n%s,x\n' $i | gzip >"$BARO_DATA/z/$i.csv.gz"; printf '[{"a": %s}]' $i >"$BARO_DATA/j/$i.json"; done
{ printf 'a,b\n'; seq -f '%.0f,abc' 1 200000; } | gzip | head -c 200000 >"$BARO_DATA/z/2.csv.gz"
printf 'a,b\n3,\xff\n' >"$BARO_DATA/z/4.csv"
printf '[{"a": 2}, {' >"$BARO_DATA/j/2.json"
out=$(skip "'u'")
like "a document that is no JSON is left out" "$out" '^d\|3\|2\|2\|2'
like "so are data that are cut off, and bytes of no encoding" "$out" '^z\|4\|2\|2\|2'
is "each with its kind" "$(left_out u)" "j/2.json BM005, z/2.csv.gz BM005, z/4.csv BM004"
rm "$BARO_DATA"/z/[24]* "$BARO_DATA"/j/2.json
run "'u'" >/dev/null

# The first file of a table to be.
mkdir -p "$BARO_DATA/f"; cp "$BARO_DATA"/in/m0[12].csv "$BARO_DATA/f"; printf 'Error\nno connection\n' >"$BARO_DATA/f/m00.csv"; touch -d 2023-01-01 "$BARO_DATA/f/m00.csv"
use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps: [{name: f, streams: [{name: s, path: f, pattern: '.*', delimiter: ','}]}]
YML
like "the first file makes no table of which the others have nothing" "$(skip "'f'")" '^s\|3\|2\|4\|4'
is "it is the stranger" "$(left_out f)" "f/m00.csv BM007"
config

# One that goes while it is read.
use_points
for i in 1 2; do put in/g$i.csv "2$i,g" 2024-05-20; done
stop_at load.discovered
skip "'t.s'" >"$BARO_DATA/out" & loader=$!
at_point load.discovered; rm "$BARO_DATA/in/g1.csv"; go_on load.discovered; wait $loader
like "a file that goes before it is read keeps no other from being loaded" "$(<"$BARO_DATA/out")" '^s\|[0-9]+\|1\|1\|1'
unlike "and is not told, since it is not there" "$(<"$BARO_DATA/out")" WARNING
psql -X -q -d "$db" -U postgres -c "ALTER DATABASE $db SET barometre.points = off"

# --- Many ---
for i in $(seq 100 149); do put in/b$i.csv "$(seq -f "$i%.0f,a" 1 30)
x" 2024-06-01; put in/c$i.csv "$i,c" 2024-06-01; done
before=$(role=postgres sql "SELECT last_value FROM barometre.file_id_seq")
like "of a hundred files fifty are left out" "$(skip "'t.s'")" '^s\|106\|50\|50\|50'
is "in two attempts" "$(($(role=postgres sql "SELECT last_value FROM barometre.file_id_seq") - before))" 150
like "the warning names some" "$(skip "'t.s'")" '^\.\.\. and 30 more'
rm "$BARO_DATA"/in/b*
run "'t'" >/dev/null
for i in 1 2 3 4; do { echo id,v; seq 1500; } >"$BARO_DATA/in/e$i.csv"; done; put in/h1.csv 1,h; put in/h2.csv 2,h
before=$(role=postgres sql "SELECT last_value FROM barometre.file_id_seq")
like "so they are where a load gives up before it has read them all" "$(skip "'t.s'")" '^s\|[0-9]+\|2\|2\|2'
is "in three attempts, not in one for each" "$(($(role=postgres sql "SELECT last_value FROM barometre.file_id_seq") - before))" $((6 + 5 + 2))
rm "$BARO_DATA"/in/e*
run "'t'" >/dev/null

# --- Nobody's to skip ---
role=postgres sql "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE SQLSTATE ''53100'' USING MESSAGE = ''disk full''; END'; CREATE TRIGGER f BEFORE INSERT ON t.s FOR EACH ROW EXECUTE FUNCTION full()" >/dev/null
put in/p.csv 1000,a; put k/p.csv 1000,a
like "a full disk stops the call" "$(skip)" '^ERROR:  .*disk full'
is "and nothing of it is kept" "$(sql "SELECT count(*) FROM t.k WHERE id = 1000")" 0
role=postgres sql "CREATE OR REPLACE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(9); RETURN NEW; END'" >/dev/null
like "so does a cancel" "$(PGOPTIONS='-c statement_timeout=300' psql -X -q -At -d "$db" -U meltano -c "SELECT * FROM baro_run('t', on_failure => 'skip')" 2>&1)" '^ERROR: .*canceling statement due to statement timeout'
role=postgres sql "DROP FUNCTION full CASCADE" >/dev/null

# --- Streams ---
open_session lock postgres; ask lock "BEGIN; LOCK TABLE t.s" >/dev/null
out=$(PGOPTIONS='-c lock_timeout=200' psql -X -q -At -d "$db" -U meltano -c "SELECT stream, files, read FROM baro_run('t', on_failure => 'skip')" 2>&1)
like "a stream whose table is locked is left out" "$out" '^WARNING:  1 stream was left out'
like "its row has no figures" "$out" '^s\|\|$'
like "and the others are loaded" "$out" '^k\|2\|1$'
ask lock "ROLLBACK" >/dev/null; close_session lock
like "it is a failure" "$(failing)" '^stream t\.s: '
run "'t'" >/dev/null
is "until it is loaded" "$(failing)" ""

# --- The key of a stream, and jobs ---
role=postgres sql "CREATE TABLE public.done (n int); GRANT ALL ON public.done TO meltano"
html in/q.csv
config ", on_failure: skip"
like "a stream says it for itself" "$(run "'t'")" '^WARNING:  1 file was left out'
like "a job with that step" "$(notices "CALL baro_job('goes-on')")" '^ERROR:  job "goes-on" failed: step 1/2 \(run t\): 1 file was left out: stream "t.s": file "in/q.csv" is no CSV file'
is "goes on with the next one" "$(sql "SELECT string_agg(n::text, '') FROM public.done")" 1
is "a job that failed by a file it left out is not told beside it" "$(sql "SELECT what, place FROM barometre_internal.failure WHERE severity = 'error'")" "run t|file in/q.csv of stream t.s"
is "and its steps are what they are" "$(sql "SELECT string_agg(kind || ' ' || status, ', ' ORDER BY number) FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run WHERE kind = 'job')")" "run failed, sql succeeded"
config ", on_failure: stop"
like "one that says stop is left out whole" "$(skip)" '^WARNING:  1 stream was left out'
config
like "a job stops at a step that does not say it" "$(notices "CALL baro_job('stops')"; sql "SELECT count(*) FROM public.done WHERE n = 2")" '^0$'
rm "$BARO_DATA/in/q.csv"; run "'t'" >/dev/null

echo 'select 1 as one' >"$project/models/good.sql"; echo 'select 1/0 as one' >"$project/models/poor.sql"
sed -i "s/^jobs:/&\n  - {name: builds, steps: [{transform: '*', on_failure: skip}, {sql: insert into public.done values (5)}]}/" "$project/barometre.yml"
like "a model that is left out fails its job in the end, too" "$(notices "CALL baro_job('builds')"; sql "SELECT n FROM public.done WHERE n = 5")" 'ERROR:  job "builds" failed: step 1/2 \(transform \*\): 1 model was left out: .*division by zero'
is "which goes on meanwhile" "$(sql "SELECT n FROM public.done WHERE n = 5")" 5
rm "$project"/models/*

# --- What would double or lose rows ---
put in/r.csv 77,a
run "'t'" >/dev/null
role=postgres sql "DELETE FROM barometre.file WHERE stream = 's'"
html in/r.csv
like "without the ledger no file is left out of a table without a key" "$(skip "'t.s'")" '^WARNING:  1 stream was left out'
put in/r.csv 77,a
run "'t.s'" >/dev/null
is "since its rows would come a second time" "$(sql "SELECT count(*) FROM t.s WHERE id = 77")" 1

# A file that is still no good costs no other's reading again.
for i in 1 2 3; do put k/w$i.csv "$i,w$i" 2025-01-0$i; done
printf 'id,v\n1\n' >"$BARO_DATA/k/w2.csv"; touch -d 2025-01-02 "$BARO_DATA/k/w2.csv"
skip "'t.k'" >/dev/null
chmod 0 "$BARO_DATA/k/w3.csv"
out=$(skip "'t.k'")
like "nothing is said of reading again" "$out" '^k\|5\|0\|0'
unlike "what is left out again is tried alone" "$out" 'again, which|2 of 5 files were left out'
chmod 644 "$BARO_DATA/k/w3.csv"
put k/w2.csv 3,w2 2025-01-02
like "until it is good" "$(skip "'t.k'")" '^NOTICE:  stream "t.k": 1 file was read again, which comes after k/w2.csv, without which it was loaded'
like "the later one counts" "$(rows t.k)" '3=w3'

# One that was loaded, and can't be read again for another's sake, is tried by the next run although it did not change.
now() { sql "SELECT v FROM t.k WHERE id = $1"; }
html k/w1.csv 2025-01-01; skip "'t.k'" >/dev/null
put k/w1.csv 3,w1 2025-01-01; chmod 0 "$BARO_DATA/k/w3.csv"; skip "'t.k'" >/dev/null
is "a later file that can't be read any more is left out itself" "$(left_out) $(now 3)" "k/w3.csv BM005 w2"
chmod 644 "$BARO_DATA/k/w3.csv"; run "'t.k'" >/dev/null
is "and loaded by the next run, though it did not change" "$(left_out) $(now 3)" " w3"

# One that has another name when it is good again.
html k/x1.csv 2025-02-01; put k/x2.csv 7,x2 2025-02-02; skip "'t.k'" >/dev/null
mv "$BARO_DATA/k/x1.csv" "$BARO_DATA/k/x1_good.csv"; put k/x1_good.csv 7,x1 2025-02-01
run "'t.k'" >/dev/null
is "under another name it has the same place" "$(left_out) $(now 7)" " x2"

# What a share of the load may be is not what a share of one file may be.
for r in '20%' 1; do
    rm -rf "$BARO_DATA/p"; mkdir "$BARO_DATA/p"; sql "DROP TABLE IF EXISTS t.p" >/dev/null; role=postgres sql "DELETE FROM barometre.file WHERE stream = 'p'; DELETE FROM barometre.bookmark WHERE stream = 'p'" >/dev/null
    config; sed -i "s|  - name: u|      - {name: p, path: p, key_properties: [id], max_rejects: $r, columns: [{name: id, type: integer}]}\n&|" "$project/barometre.yml"
    html p/1.csv; put p/2.csv "$(printf '%s,b\n' 1 2 3 4 5 6 7 8)" 2024-01-02; skip "'t.p'" >/dev/null
    put p/1.csv "x,a"; skip "'t.p'" >/dev/null
    is "a repaired file counts with those that are read again: max_rejects $r" "$(left_out) $(sql "SELECT count(*) FROM barometre.reject WHERE stream = 'p'")" " 1"
done
config

# One that is to be read no more.
html k/0.csv 2023-01-01; skip "'t.k'" >/dev/null
before=$(left_out); sed -i 's|name: k, path: k|&, start_date: 2023-06-01|' "$project/barometre.yml"; run "'t.k'" >/dev/null
is "a file that is older than start_date by now is no failure any more" "$before|$(left_out)" "k/0.csv BM005|"
config; run "'t.k'" >/dev/null; skip "'t.k'" >/dev/null
is "and one again with another start_date" "$(left_out)" "k/0.csv BM005"
rm "$BARO_DATA/k/0.csv"; run "'t.k'" >/dev/null

# With other keys of the stream all files are read again, or none.
mkdir -p "$BARO_DATA/n"; put n/1.csv 1,a; put n/2.csv 2,b
other() { config; sed -i "s|  - name: u|      - {name: n, path: n${1-}}\n&|" "$project/barometre.yml"; }
other; run "'t.n'" >/dev/null
html n/1.csv; other ", nulls: [b]"
like "a stream that is read otherwise is not loaded without a file that was" "$(skip "'t.n'")" '^WARNING:  1 stream was left out'
is "and nothing changes" "$(rows t.n)" "1=a 2=b"
put n/1.csv 1,a; run "'t.n'" >/dev/null
is "with it all of it is" "$(rows t.n)|$(sql "SELECT count(*) FROM t.n")" "1=a|2"
config

# --- Order ---
# Whatever is broken, removed, and repaired when: in the end the table is what all files make of it in order.
RANDOM=${SEED:-7}
records() { local i; for i in 1 2 3 4; do echo "$((RANDOM % 12)),v$1"; done | if ((round % 2)); then cat; else sort -n -u -t, -k1,1; fi; }
day=0 differ=
for round in 1 2 3 4 5 6; do
    rm -f "$BARO_DATA"/o/*
    sql "DROP TABLE IF EXISTS o.a" >/dev/null; role=postgres sql "DELETE FROM barometre.file WHERE tap = 'o'; DELETE FROM barometre.bookmark WHERE tap = 'o'; DELETE FROM barometre_internal.left_out" >/dev/null
    broken=()
    for step in 1 2 3 4; do
        if ((${#broken[@]} > 0)); then
            read -r f its <<<"${broken[0]}"
            case $((RANDOM % 4)) in
            0) put "$f" "$(records again)" "2020-01-01 $its hours"; broken=("${broken[@]:1}") ;;
            1) day=$((day + 1)); put "$f" "$(records anew)" "2020-01-01 $day hours"; broken=("${broken[@]:1}") ;;
            2) rm -f "$BARO_DATA/$f" ;;
            esac
        fi
        for new in 1 2 3; do
            day=$((day + 1)) f=o/$round$step$new.csv
            put $f "$(records $step$new)" "2020-01-01 $day hours"
            if ((RANDOM % 3 == 0)); then html $f "2020-01-01 $day hours"; broken+=("$f $day"); fi
        done
        skip "'o.a'" >/dev/null
    done
    for one in "${broken[@]}"; do read -r f its <<<"$one"; put "$f" "$(records late)" "2020-01-01 $its hours"; done
    skip "'o.a'" >/dev/null
    run "'o.b', full_refresh => true" >/dev/null
    [ "$(rows o.a)" = "$(rows o.b)" ] || differ+="round $round: $(rows o.a) instead of $(rows o.b); "
done
is "a table with a key is what loading in order gives" "$differ" ""
finish
