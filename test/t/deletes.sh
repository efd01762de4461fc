#!/usr/bin/env bash
# delete_absent: the newest file is the whole truth, and rows whose key it lacks go, within max_deletes; what is not known deletes nothing.
. "$(dirname "$0")/../lib.sh"
new_database
in=$BARO_DATA/in
mkdir -p "$in"
config() { use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: k, path: in, pattern: '.*\.csv(\.gz)?', delimiter: ',', key_properties: [k], delete_absent: true, max_deletes: 100%$1}
${2:-}
YML
}
minute=0
put() { # NAME KEY...: a file that is newer than all before; `of` is the value in each row, `age` a time instead
    local name=$1; shift
    printf 'k,v\n' >"$in/$name.csv"
    [ $# = 0 ] || printf "%s,${of:-x}\n" "$@" >>"$in/$name.csv"
    minute=$((minute + 1)); touch -d "${age:-@$((1704067200 + 60 * minute))}" "$in/$name.csv"
}
load() { notices "SELECT records, inserted, updated, unchanged, rejected FROM baro_run('t.k'${1:-})"; }
rows() { sql "SELECT string_agg(k::text || v, ' ' ORDER BY k) FROM t.k"; }
deleted() { sql "SELECT deleted, superseded FROM barometre.step WHERE kind = 'stream' ORDER BY run DESC LIMIT 1"; }
refused='which it lacks, and max_deletes is'

# --- What goes ---
config ""
put a 1 2 3
load >/dev/null
of=y put b 2 4
out=$(load)
like "what the newest file lacks goes" "$out" 'NOTICE:  stream "t.k": 2 rows go, which file "in/b.csv" lacks'
is "and what it has is there" "$(rows) $(deleted)" '2y 4y 2|0'
like "the call says so" "$out" '2 rows deleted'
is "nothing new is nothing to do" "$(load | grep -v NOTICE) $(rows)" '0|0|0|0|0 2y 4y'
put c 1 2; put d 2 5
like "of several files the last one says what is there" "$(load | grep -v NOTICE)" '4|1|1|0|0'
is "records of the others are superseded" "$(rows) $(deleted)" '2x 5x 1|2'
of=z age=2023-01-01 put late 2 9
out=$(load)
is "a file that comes late changes nothing: the newest one is read again" "$(grep -v NOTICE <<<"$out") $(rows) $(deleted)" '4|0|0|2|0 2x 5x 0|2'
of=w age=@1704067440 put d 5 6 7
is "a newest file that was written anew" "$(load | grep -v NOTICE) $(rows) $(deleted)" '3|2|1|0|0 5w 6w 7w 1|0'
printf '8,w\n' >>"$in/d.csv"; touch -d @1704067440 "$in/d.csv"
is "one that grew is read whole" "$(load | grep -v NOTICE) $(rows) $(deleted)" '4|1|0|3|0 5w 6w 7w 8w 0|0'
mv "$in/d.csv" "$in/e.csv"; gzip "$in/e.csv"
is "renamed and packed it is the same" "$(load | grep -v NOTICE) $(rows)" '4|0|0|4|0 5w 6w 7w 8w'
gunzip "$in/e.csv.gz"; mkdir "$in/away"; mv "$in/e.csv" "$in/away"
age=2023-02-01 put late2 5 99
out=$(load)
like "when the newest file is gone an older one changes nothing" "$out" 'WARNING:  stream "t.k": what was read changes nothing, because file "in/e.csv.gz", which was loaded before, is newer'
like "with what to do" "$out" "HINT:.*full_refresh => true"
is "no row came or went" "$(rows) $(grep '|' <<<"$out") $(deleted)" '5w 6w 7w 8w 4|0|0|0|0 0|4'
load ", full_refresh => true" >/dev/null
is "a full refresh takes the newest file that is there" "$(rows)" '1x 2x'
is "a table that is made anew has no other" "$(sql 'DROP TABLE t.k'; load | grep -v NOTICE) $(rows) $(deleted)" '11|2|0|0|0 1x 2x 0|9'

# --- What may go ---
rm "$in"/*.csv; seq 1 20 >"$in/keys"
config ", max_deletes: 10%"
sed -i 's/max_deletes: 100%, //' "$project/barometre.yml"; put a $(<"$in/keys")
load ", full_refresh => true" >/dev/null
put b $(seq 3 20)
is "a tenth may go" "$(load | grep -v NOTICE) $(deleted)" '18|0|0|18|0 2|0'
put c $(seq 5 20)
out=$(load)
like "not more" "$out" "ERROR:  stream \"t.k\": file \"in/c.csv\" would take away 2 of 18 rows, $refused 10%"
like "the HINT names the key" "$out" 'HINT:.*max_deletes: 100%'
is "nothing of it is kept" "$(rows | wc -w) $(sql "SELECT count(*) FROM barometre.file WHERE path = 'in/c.csv'")" '18 0'
like "a check says it" "$(sql "SELECT detail FROM baro_check('t') WHERE kind = 'error'" | tr '\n' ' ')" "would take away 2 of 18 rows, $refused 10%"
rm "$in/c.csv"; put c
like "an empty file would take all" "$(load)" "would take away 18 of 18 rows, $refused 10%"
: >"$in/c.csv"; touch -d '2024-02-02' "$in/c.csv"
like "one without a header too" "$(load)" "would take away 18 of 18 rows, $refused 10%"
put d 1 2; touch -d '2024-02-01' "$in/d.csv"
like "also beside others" "$(load)" "file \"in/c.csv\" would take away 18 of 18 rows, $refused 10%"
like "a full refresh is no way around" "$(load ", full_refresh => true")" "would take away 18 of 18 rows, $refused 10%"
rm "$in/d.csv" "$in/c.csv"
put c $(seq 4 20); config ", max_rejects: 50%"; sed -i 's/max_deletes: 100%, /max_deletes: 0, /' "$project/barometre.yml"
like "a number counts rows" "$(load)" "would take away 1 of 18 rows, $refused 0"

# --- Rejects ---
config ", max_rejects: 50%, columns: [{name: k, type: integer}, {name: v, type: integer}]"
sql "DROP TABLE t.k" >/dev/null; rm "$in"/*.csv
of=1 put a 1 2 3 4 5; load ", full_refresh => true" >/dev/null
of=2 put b 2 3 4; printf '5,many\n' >>"$in/b.csv"; touch -d 2024-03-01 "$in/b.csv"
is "the key of a rejected record is there" "$(load | grep -v 'NOTICE\|DETAIL\|HINT\|WARN') $(rows) $(deleted)" '4|0|3|0|1 22 32 42 51 1|0'
of=3 put c 2 3; printf '4,3,3\n' >>"$in/c.csv"; touch -d 2024-03-02 "$in/c.csv"
out=$(load)
like "a key that can't be read deletes nothing" "$out" 'WARNING:  stream "t.k": rows that file "in/c.csv" lacks stay, because 1 record was rejected whose key can.t be read'
is "rows that came are there" "$(rows) $(deleted)" '23 33 42 51 0|0'
of=3 put d 2 3; printf 'x,3\n' >>"$in/d.csv"; touch -d 2024-03-03 "$in/d.csv"
like "nor one of another type" "$(load)" 'rows that file "in/d.csv" lacks stay'
of=4 put e 2 6; printf ',3\n' >>"$in/e.csv"; touch -d 2024-03-04 "$in/e.csv"
like "nor one without a value" "$(load)" 'rows that file "in/e.csv" lacks stay'
is "no row went" "$(rows)" '24 33 42 51 64'
sql "ALTER TABLE t.k ADD CHECK (v < 100)" >/dev/null
of=5 put f 2 6; printf '4,100\n' >>"$in/f.csv"; touch -d 2024-03-05 "$in/f.csv"
is "what the table refuses is there as well" "$(load | grep -v 'NOTICE\|DETAIL\|HINT\|WARN') $(rows)" '3|0|2|0|1 25 42 65'
put g 7; printf '8,\n2,1,1\n' >"$in/h.csv"; sed -i '1i k,v' "$in/h.csv"; touch -d 2024-03-06 "$in/h.csv"; sed -i 's/x/1/' "$in/g.csv"; touch -d '2024-03-05 12:00' "$in/g.csv"
is "with an older file in the same call nothing goes either" "$(load | grep -v 'NOTICE\|DETAIL\|HINT\|WARN') $(rows)" '3|2|0|0|1 25 42 65 71'

# --- After a file that was left out ---
rm "$in"/*; config ""; sql "DROP TABLE t.k" >/dev/null; put y 1 2; put z 1 3; load ", full_refresh => true" >/dev/null
age=2024-01-01; printf '<!doctype html><html>' >"$in/x.csv"; touch -d $age "$in/x.csv"; load ", on_failure => 'skip'" >/dev/null
put x 1 9; age=
out=$(load ", on_failure => 'skip'")
is "one that is repaired changes nothing, because the newest one is the truth" "$(rows)" '1x 3x'
unlike "which is no warning" "$out" WARNING

# --- Who refers to a row, who made it ---
config "" "      - {name: j, path: js, pattern: '.*', format: json, key_properties: [code, n], map: {code: md5(code)}, delete_absent: true, max_deletes: 50%}
      - {name: made, path: in, pattern: 'm.csv', delimiter: ',', key_properties: [k], delete_absent: true, max_deletes: 100%}"
rm "$in"/*.csv; sql "DROP TABLE t.k" >/dev/null
put a 1 2; load ", full_refresh => true" >/dev/null
sql "CREATE TABLE t.child (k bigint REFERENCES t.k ON DELETE RESTRICT); INSERT INTO t.child VALUES (1)" >/dev/null
put b 2 3
out=$(load)
like "a row that others refer to" "$out" "ERROR:  stream \"t.k\": rows that file \"in/b.csv\" lacks can't be deleted, because other rows refer to them: update or delete on table \"k\" violates"
like "with what to do" "$out" 'HINT:  Delete those first, give the foreign key ON DELETE CASCADE or SET NULL, or take delete_absent out'
is "stays, and all else" "$(rows)" '1x 2x'
sql "DROP TABLE t.child; CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER keep BEFORE DELETE ON t.k FOR EACH ROW EXECUTE FUNCTION keep()" >/dev/null
like "one that a trigger keeps" "$(load)" 'keeps 1 of 1 rows that go in: trigger "keep"'
mkdir -p "$BARO_DATA/js"
printf '[{"code": "a", "n": 1}, {"code": "b", "n": 2}, {"code": "c", "n": 1}]' >"$BARO_DATA/js/1"; touch -d 2024-01-01 "$BARO_DATA/js/1"
sql "SELECT * FROM baro_run('t.j')" >/dev/null
printf '[{"code": "b", "n": 2}, {"code": "c", "n": 1}, {"code": "d", "n": 1}]' >"$BARO_DATA/js/2"
sql "SELECT * FROM baro_run('t.j')" >/dev/null
is "hashed keys, and JSON" "$(sql "SELECT count(*) FILTER (WHERE code = md5('a')), count(*) FILTER (WHERE code = md5('d')), count(*) FROM t.j")" '0|1|3'
sql "CREATE TABLE t.made (k bigint PRIMARY KEY, v text, more int DEFAULT 7); INSERT INTO t.made VALUES (1, 'old'), (2, 'old')" >/dev/null
put m 2 3
is "rows of a table that another program made go too" "$(sql "SELECT * FROM baro_run('t.made')" >/dev/null; sql "SELECT string_agg(k || v || more, ' ' ORDER BY k) FROM t.made")" '2x7 3x7'

# --- What may say so ---
config "" "      - {name: n, path: in, pattern: x, delete_absent: true}"
like "a stream without a key may not" "$(load)" 'stream "n" has  delete_absent: true  and no key'
use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {delete_absent: true, key_properties: [id]}
taps:
  - {name: s, format: singer, path: singer, pattern: .*, streams: [{name: a}]}
YML
mkdir -p "$BARO_DATA/singer"
unlike "the defaults may" "$(notices "SELECT * FROM baro_run('s')")" ERROR
sed -i 's/format: singer/delete_absent: true, format: singer/' "$project/barometre.yml"
like "a tap of Singer files may not" "$(notices "SELECT * FROM baro_run('s')")" 'key "delete_absent" is for  format: csv, json or jsonl'
finish
