#!/usr/bin/env bash
# Streams that have nothing to be loaded are looked at together; what is not surely so is loaded as if it had been alone.
. "$(dirname "$0")/../lib.sh"
new_database
streams='a b c d e f'
declare -A keys
declare_streams() {
    local s all=
    for s in $streams; do all+="{name: $s, path: ${folder_of[$s]:-$s}, pattern: '${pattern_of[$s]:-.*\.csv}', ${keys[$s]-}}, "; done
    use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps: [{name: t, streams: [${all%, }]}]
YML
}
declare -A folder_of=([e]=both [f]=both) pattern_of=([e]='e[0-9]*\.csv' [f]='f1?\.csv')
put() { # FOLDER/NAME TEXT [TIME]
    printf "$2" >"$BARO_DATA/$1"; touch -d "${3:-2026-01-01}" "$BARO_DATA/$1"
}
for s in a b c d; do mkdir -p "$BARO_DATA/$s"; put "$s/x.csv" "id,v\n1,$s\n"; done
mkdir -p "$BARO_DATA/both"
put both/e1.csv 'id,v\n1,e\n'; put both/f.csv 'id,v\n1,f\n'; put both/f1.csv 'id,v\n2,f\n'; put both/f2.csv 'id,v\n3,f\n'
declare_streams
run() { sql "SELECT string_agg(format('%s %s %s', stream, read, inserted), ', ' ORDER BY stream COLLATE \"C\") FILTER (WHERE read > 0) FROM baro_run(${1-})"; }
told() { PGOPTIONS= notices "SELECT count(*) FROM baro_run()"; }
is "all are loaded" "$(run)" "a 1 1, b 1 1, c 1 1, d 1 1, e 1 1, f 2 2"
# Their times tell of any change once they are two seconds older than the look at them.
settle() { role=postgres sql "UPDATE barometre.file SET listed_at = listed_at + interval '1 minute'"; }
settle
is "then none is" "$(sql "SELECT string_agg(format('%s %s %s %s', stream, files, read, records), ', ' ORDER BY stream COLLATE \"C\") FROM baro_run()")" \
    "a 1 0 0, b 1 0 0, c 1 0 0, d 1 0 0, e 1 0 0, f 2 0 0"
is "which the run remembers" "$(sql "SELECT string_agg(format('%s %s %s %s', kind, name, status, files), ', ' ORDER BY number) FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run)")" \
    "stream t.a succeeded 1, stream t.b succeeded 1, stream t.c succeeded 1, stream t.d succeeded 1, stream t.e succeeded 1, stream t.f succeeded 2"
like "and tells" "$(told)" 't\.f: 0 of 2 files read, 0 records: 0 inserted'

use_points
stop_at load.discovered
timed() { timeout 20 psql -X -q -At -d "$db" -U meltano -c "SELECT count(*) FROM baro_run(${1-})" 2>&1; }
is "none is looked at by itself" "$(timed)" 6
timed "'t.a'" >"$BARO_DATA/said" & call=$!
at_point load.discovered; ok "but one that is alone" $?
is "and one that another session loads is refused at once" "$(timed | head -n 1)" 'ERROR:  stream "t.a" is being run by another session'
is "or left out" "$(timed "on_failure => 'skip'" | tail -n 1)" 6
go_on load.discovered; wait $call
role=postgres sql "ALTER DATABASE $db RESET barometre.points"
open_session first meltano
ask first "BEGIN; SELECT count(*) FROM baro_run('t.a')" >/dev/null
PGOPTIONS='-c barometre.on_overlap=wait -c client_min_messages=error' timeout 20 psql -X -q -At -d "$db" -U meltano -c "SELECT count(*) FROM baro_run()" >"$BARO_DATA/said" 2>&1 & call=$!
soon "SELECT count(*) = 1 FROM pg_locks WHERE $here AND objsubid = 1650 AND NOT granted"
like "who waits for one has no lock of a later one" "$(ask first "SELECT 'loaded ' || count(*) FROM baro_run('t', ARRAY['b', 'f'])")" 'loaded 2'
ask first COMMIT >/dev/null; wait $call
is "and goes on then" "$(cat "$BARO_DATA/said")" 6

echo '2,a' >>"$BARO_DATA/a/x.csv"
put b/y.csv 'id,v\n2,b\n3,b\n'
put both/f1.csv 'id,v\n5,f\n' 2026-01-02
is "what is new is loaded, of some" "$(run)" "a 1 1, b 1 2, f 1 1"
is "and nothing else is there" "$(sql "SELECT (SELECT count(*) FROM t.a), (SELECT count(*) FROM t.b), (SELECT string_agg(id::text, ' ' ORDER BY id) FROM t.f)")" "2|3|1 5"
rm "$BARO_DATA/both/f1.csv"
is "a file that goes takes no row along" "$(run)$(sql "SELECT count(*) FROM t.f")" 2
mv "$BARO_DATA/both/e1.csv" "$BARO_DATA/both/e7.csv"
is "another name is no other file" "$(run)$(sql "SELECT path FROM barometre.file WHERE stream = 'e'")" both/e7.csv
touch -d 2026-02-02 "$BARO_DATA/d/x.csv"
is "nor another time" "$(run)$(sql "SELECT mtime::date FROM barometre.file WHERE stream = 'd'")" 2026-02-02

settle
cp "$BARO_DATA/b/x.csv" "$BARO_DATA/b/w.csv"; run >/dev/null; rm "$BARO_DATA/b/w.csv"; settle
is "rows of a file that is gone while another one has its content go" "$(sql "SELECT count(*) FROM t.b; SELECT count(*) FROM baro_run(); SELECT count(*) FROM t.b")" "4
6
3"
keys[c]='description: what c is, columns: [{name: v, description: a letter}]'; declare_streams; run >/dev/null
is "a description becomes a comment" "$(sql "SELECT obj_description('t.c'::regclass), col_description('t.c'::regclass, 2)")" "what c is|a letter"
keys[d]='freshness: {column: v, warn_after: 1 day}'; declare_streams
like "freshness is looked at" "$(told)" 'how new the data is can.t be told: no value of column "v"'
settle
unlike "once" "$(told)" 'how new the data is'
keys[d]=; keys[e]='map: {v: md5(v)}'; declare_streams
is "what is read otherwise is read again" "$(sql "SELECT count(*) FROM baro_run() WHERE updated + inserted > 0; SELECT v FROM t.e")" "1
$(printf e | md5sum | cut -c1-32)"
role=postgres sql "ALTER TABLE t.c DROP COLUMN v"; run >/dev/null
is "a column that is gone is no column any more" "$(role=postgres sql "SELECT string_agg(column_name, ' ' ORDER BY number) FROM barometre_internal.stream_column WHERE stream = 'c'")" id

settle
put c/.x.csv 'id,v\n4,c\n'
like "names that are no data are told" "$(told)" 'stream "t\.c": the pattern matches 1 name that is no data'
rm "$BARO_DATA/c/.x.csv"
keys[a]='min_age: 1 min'; declare_streams; touch -d 2026-02-01 "$BARO_DATA/a/x.csv"; run >/dev/null; put a/z.csv 'id,v\n9,a\n' "now + 1 hour"
like "what waits is told" "$(told)" 'file "a/z.csv" is dated in the future'
rm "$BARO_DATA"/a/*
like "and that there is nothing" "$(told)" 'WARNING:  stream "t\.a": no file in "a" matches'
put a/z.csv 'no csv at all\0' 2026-03-01; put a/x.csv 'id,v\n1,a\n2,a\n' 2026-03-01
like "a file that is left out" "$(PGOPTIONS= notices "SELECT count(*) FROM baro_run(on_failure => 'skip')")" '1 file was left out'
settle
like "is told again" "$(PGOPTIONS= notices "SELECT count(*) FROM baro_run(on_failure => 'skip')")" '1 file was left out'
put a/z.csv 'id,v\n7,a\n' 2026-03-01
is "and loaded when it can be" "$(run)" "a 1 1"
sql "SELECT count(*) FROM baro_forget('t', 'b', 'b/y.csv', false)" >/dev/null
settle
is "what was forgotten stays so" "$(run)$(sql "SELECT count(*) FROM t.b")" 1
is "and comes back with a full refresh" "$(sql "SELECT sum(inserted) FROM baro_run('t', ARRAY['a', 'b'], full_refresh => true) WHERE stream = 'b'; SELECT count(*) FROM t.b")" "2
3"
role=postgres sql "CREATE FUNCTION public.strange() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE ROLE ${db}_stranger; ALTER FUNCTION public.strange() OWNER TO ${db}_stranger; CREATE TRIGGER strange BEFORE INSERT ON t.d FOR EACH ROW EXECUTE FUNCTION public.strange()"
run >/dev/null; settle
like "what a stranger prepared is refused before there is anything to load" "$(run)" "ERROR:  stream \"t.d\": table t.d has a trigger strange that depends on role"
role=postgres sql "DROP TRIGGER strange ON t.d; DROP FUNCTION public.strange(); DROP ROLE ${db}_stranger; ALTER TABLE t.d RENAME TO other; CREATE VIEW t.d AS SELECT * FROM t.other"
like "and so is what is no table" "$(run)" 'ERROR:  stream "t\.d": t\.d is a view, and rows are loaded into tables'
finish
