#!/usr/bin/env bash
# Values that the map hashes or drops are seen nowhere, whatever is wrong with the file that holds them; and who listens
# hears no values at all.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA"/{hashed,dropped,plain}
use_project <<'YML'
version: 1
name: hidden
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: hashed, path: hashed, pattern: .*\.csv, delimiter: ;, max_rejects: 100, map: {hash: md5(name), n: n, __else__: null}, columns: [{name: n, type: integer}]}
      - {name: dropped, path: dropped, pattern: .*\.csv, delimiter: ;, max_rejects: 100, map: {name: null}}
      - {name: plain, path: plain, pattern: .*\.csv, delimiter: ;}
YML
super() { role=postgres sql "$1"; }
open_session ear postgres
ask ear "LISTEN barometre" >/dev/null
said=$BARO_DATA/said
# load STREAM CONTENT: by all calls that look at a file, in detail; what they said is added to $said.
load() {
    printf "$2" >"$BARO_DATA/$1/f.csv"
    for call in "baro_check('tap.$1')" "baro_preview('tap.$1')" "baro_run('tap', '{$1}')"; do
        PGOPTIONS='-c client_min_messages=debug1' psql -X -q -d "$db" -U meltano -v VERBOSITY=verbose -c "SELECT * FROM $call"
    done >>"$said" 2>&1
}
clear_files() { rm -f "$BARO_DATA"/*/*.csv; }

for stream in hashed dropped; do
    load $stream 'SECRET1;1\nSECRET2;2\n'              # no header
    load $stream 'SECRET1;SECRET1;SECRET1\nSECRET2;2\n'
    load $stream 'SECRET1 SECRET2;date;xmin\nSECRET2;2\n' # names that are made anew
    load $stream 'SECRET1\nSECRET2\n'
    load $stream 'SECRET\xff;1\n'
    load $stream '"SECRET;1\n'
    load $stream 'name,n\nSECRET1,2\n'                 # another delimiter
    load $stream 'name;n\nSECRET1;x\nSECRET2\nSECRET3;1;2\nSE"CRET;1\n"SECRET"4;1\nSEC\xffRET5;1\nSECRET6;99999999999\n"SECRET7;3\n'
    load $stream 'name;n;SECRET8\nSECRET9;1;2\n'
    load $stream 'name;n\nSECRET10;1\n'
done
like "a file without a header is told, not shown" "$(grep -h "the map names column" "$said" | head -n 1)" 'BM007: .*the map names column "name", which file "hashed/f.csv" does not have'
like "with what to do" "$(cat "$said")" 'HINT:  Compare the names in its first line with the map'
like "equal names are told by their place" "$(cat "$said")" 'DETAIL:  One of them is column 2\.'
clear_files
load plain 'id\nDurand;x\n'
soon "SELECT count(*) = 0 FROM barometre.run WHERE status = 'running'"
is "no message, hint or notice has a hidden value" "$(grep -ni SECRET "$said" | grep -vi secret8)" ""
is "no table has one, those of the memory of runs neither" "$(pg_dump -U postgres "$db" | grep -i SECRET | grep -vi 'secret8')" ""
is "the server's log has none" "$(server_log all | grep -i SECRET | grep -vi secret8)" ""
like "a name that a file gives beside what the map names is no value" "$(sql "SELECT attname FROM pg_attribute WHERE attrelid = 'tap.dropped'::regclass AND attnum > 0 ORDER BY attnum")" secret8

printf 'select %s::int as n\n' "'Durand'" >"$project/models/m.sql"
sql "CALL baro_transform()" >/dev/null
heard=$(ask ear "SELECT pg_sleep(0.2)"; ask ear "SELECT 1")
like "who listens hears that a model failed" "$heard" '"kind": "transform".*"sqlstate": "22P02"|"sqlstate": "22P02".*"kind": "transform"'
unlike "but no value of the error" "$heard" 'Durand|SECRET|invalid input'
finish
