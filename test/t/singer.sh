#!/usr/bin/env bash
# Files of Singer messages: several tables of one file, its state, versions, and what stops a tap.
. "$(dirname "$0")/../lib.sh"
new_database
# tap OPTIONS [STREAMS]: a tap "t" over files in singer/t, emptied
tap() {
    rm -rf "$BARO_DATA/singer"; mkdir -p "$BARO_DATA/singer/t"
    use_project "DROP SCHEMA IF EXISTS t CASCADE; DELETE FROM barometre.file; DELETE FROM barometre.bookmark; DELETE FROM barometre_internal.stream_column; DELETE FROM barometre.reject" <<YML
version: 1
name: singer
roles: {loader: meltano}
taps:
  - {name: t, format: singer, path: singer/t, pattern: '.*\.singer'${1:+, $1}, streams: ${2:-discover}}
YML
    [ -n "${input[loader]:-}" ] || session_options='-c client_min_messages=warning' open_session loader meltano
}
with() { sed -i "s/pattern: '.*, streams: .*/pattern: '.*\\\\.singer'${1:+, $1}, streams: ${2:-discover}}/" "$project/barometre.yml"; }
file() { cat > "$BARO_DATA/singer/t/$1.singer"; }
run() { ask loader "SELECT stream, files, read, records, inserted, updated, unchanged, rejected FROM baro_run('t')"; }
rows() { ask loader "SELECT to_jsonb(x) - '{_baro_file,_baro_line}'::text[] FROM t.$1 x ORDER BY 1"; }
columns() { ask loader "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't.$1'::regclass AND attnum > 0 AND NOT attisdropped AND attname !~ '^_baro'"; }
state() { ask loader "SELECT value, file FROM barometre.singer_state WHERE tap = 't'"; }
schema() { echo "{\"type\": \"SCHEMA\", \"stream\": \"$1\", \"schema\": {\"properties\": {$2}}, \"key_properties\": [${3-\"id\"}]}"; }
record() { echo "{\"type\": \"RECORD\", \"stream\": \"$1\", \"record\": {$2}${3:+, $3}}"; }
id='"id": {"type": "integer"}' v='"v": {"type": ["null", "string"]}'

tap
is "a tap without a file has an empty state" "$(state)" "{}|"
{
    schema Users-X '"Id": {"type": "integer"}, "Ünï cöde": {"type": ["string", "null"]}, "n": {"type": "number"}, "yes": {"type": "boolean"}, "at": {"type": "string", "format": "date-time"}, "day": {"type": ["null", "string"], "format": "date"}, "o": {"type": "object", "properties": {"x": {}}}, "list": {"type": "array"}, "mix": {"type": ["integer", "string"]}, "any": {}, "big": {"type": "integer", "maximum": 99999999999999999999}, "odd": {"type": "date-time"}, "either": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}, "u": {"type": "string", "format": "uuid"}' '"Id"'
    schema tags '"name": {"type": "string"}' ''
    record Users-X '"Id": 1, "Ünï cöde": "\u00e9", "n": 1.50, "yes": true, "at": "2020-01-01T02:00:00+02:00", "day": "2020-02-29", "o": {"x": [1]}, "list": [1, 2], "mix": 7, "any": {"a": 1}, "big": 12345678901234567890, "odd": "x", "not in the schema": 1'
    record tags '"name": "a"'
    echo '{"type": "STATE", "value": {"a": 1}}'
    record tags '"name": "a"'
    record Users-X '"Id": 1, "n": 2'
    echo '{"record": {"Id": 2, "mix": "x"}, "stream": "Users-X", "type": "RECORD"}'
    echo '{"type": "STATE", "value": {"a": 2}}'
} | file 2
is "a file feeds the tables of its streams" "$(run)" "tags|1|1|2|2|0|0|0
users_x|1|1|3|2|0|0|0"
is "types are those of the SCHEMA, and names are in lower case" "$(columns users_x)" 'id bigint, ünï cöde text, n numeric, yes boolean, at timestamp with time zone, day date, o jsonb, list jsonb, mix text, any text, big numeric, odd text, either timestamp with time zone, u uuid'
is "the last record of a key is the whole row, and what the SCHEMA lacks is dropped" "$(ask loader "SELECT id, n, at, mix, \"ünï cöde\" FROM t.users_x ORDER BY 1")" '1|2|||
2|||x|'
is "a stream without a key keeps equal records" "$(rows tags)" '{"name": "a"}
{"name": "a"}'
is "both tables say the same file, and its lines" "$(ask loader "SELECT l.tap, l.stream, l.path, x.l FROM (SELECT _baro_file AS f, array_agg(_baro_line ORDER BY 1) AS l FROM (SELECT _baro_file, _baro_line FROM t.tags UNION ALL SELECT _baro_file, _baro_line FROM t.users_x) AS b GROUP BY 1) AS x JOIN barometre.lineage l ON l._baro_file = x.f")" 't|*|singer/t/2.singer|{4,6,7,8}'
is "the state is the last one of the file" "$(state)" '{"a": 2}|singer/t/2.singer'
is "nothing is read twice" "$(run)" "tags|1|0|0|0|0|0|0
users_x|1|0|0|0|0|0|0"
{ schema tags '"name": {"type": "string"}, "More": {"type": "integer"}' ''; record tags '"name": "late", "More": 1'; echo '{"type": "STATE", "value": {"a": 0}}'; } | file 1
is "a second SCHEMA adds a column, of a stream in another file" "$(run; columns tags)" "tags|2|1|1|1|0|0|0
users_x|2|0|0|0|0|0|0
name text, more bigint"
is "a file with a lesser name does not change the state" "$(state)" '{"a": 2}|singer/t/2.singer'
{ schema later "$id"; } | file 3
is "a SCHEMA without records makes a table, and the state of the file before stays" "$(run | grep later; state; ask loader "SELECT count(*) FROM t.later")" 'later|3|1|0|0|0|0|0
{"a": 2}|singer/t/2.singer
0'
mv "$BARO_DATA/singer/t/3.singer" "$BARO_DATA/singer/t/4.singer"; gzip -c "$BARO_DATA/singer/t/1.singer" > "$BARO_DATA/singer/t/1b.singer"; rm "$BARO_DATA/singer/t/1b.singer"
is "a file with another name is the same" "$(run | cut -d'|' -f 3 | sort -u; sql "SELECT count(*) FROM barometre.file")" "0
3"
rm "$BARO_DATA/singer/t/2.singer"
is "a file that is gone keeps its rows and its state" "$(run | cut -d'|' -f 3 | sort -u; ask loader 'SELECT count(*) FROM t.tags'; state)" '0
3
{"a": 2}|singer/t/2.singer'
sql "DROP TABLE t.tags" > /dev/null
is "a table that is missing is made again of the files that are there" "$(run | grep tags; rows tags)" 'tags|2|1|1|1|0|0|0
{"more": 1, "name": "late"}'
like "the streams of a file are loaded together" "$(ask loader "SELECT * FROM baro_run('t', '{tags}')")" 'streams of tap "t" are loaded together'

tap "" "[{name: users, select: [v]}]"
{ schema users "$id, $v, \"w\": {\"type\": \"string\"}"; schema other "$id"; record users '"id": 1, "v": "a", "w": "b"'; record other '"id": 1'; } | file 1
is "named streams are all that is loaded, and select says of which properties" "$(run; rows users; ask loader "SELECT to_regclass('t.other')")" 'users|1|1|1|1|0|0|0
{"v": "a", "id": 1}'
with "" "[{name: users, select: [v]}, {name: other}, {name: never}]"
is "a stream that is named later is loaded from the files that are there" "$(run)" "users|1|1|1|0|0|1|0
other|1|1|1|1|0|0|0
never|1|0|0|0|0|0|0"
rm "$BARO_DATA/singer/t/1.singer"; { schema other "$id"; schema third "$id"; record other '"id": 2'; record third '"id": 2'; } | file 2; run > /dev/null
with "" "[{name: users, select: [v]}, {name: other}, {name: third}]"
is "of the files that are there those that hold it are read, and once" "$(run | cut -d'|' -f -4; run | cut -d'|' -f -4)" "users|1|0|0
other|1|1|1
third|1|1|1
users|1|0|0
other|1|0|0
third|1|0|0"
{ schema users "$id, $v, \"w\": {\"type\": \"string\"}"; schema other "$id"; record users '"id": 1, "v": "a", "w": "b"'; record other '"id": 1'; } | file 1; rm "$BARO_DATA/singer/t/2.singer"; run > /dev/null
with "" "[{name: users, select: [w]}, {name: other}]"
is "another select is another reading" "$(run; columns users; rows users)" 'users|1|1|1|0|1|0|0
other|1|1|1|0|0|1|0
id bigint, v text, w text
{"v": null, "w": "b", "id": 1}'
with "" "[{name: users, select: [vv]}]"
like "select names what there is" "$(run)" 'names "vv"'

tap
good() { schema a "$id, $v"; record a "\"id\": $1, \"v\": \"$2\""; }
stopped() { # NAME PATTERN < the file
    file 2; good 3 c | file 3
    like "$1" "$(run)" "$2"
    is "$1: nothing of the tap is loaded" "$(ask loader "SELECT count(*) FROM t.a"; state)" '1
{}|'
}
good 1 a | file 1; run > /dev/null
stopped "a line that is no JSON" 'could not read file "singer/t/2.singer": line 2: it is no JSON' < <({ schema a "$id, $v"; echo '{"type": "RECORD", "stream": "a", "record": {"id": 2, "v": "x"'; })
stopped "a last line that is not complete" 'line 3: the last line is not complete' < <({ good 2 b; printf '{"type": "RECORD", "stream": "a", "record": {"id": 9'; })
stopped "a last line that is no record" 'line 3: the last line is not complete' < <({ good 2 b; printf '{"type": "STATE"'; })
stopped "a RECORD before its SCHEMA" 'line 3: a RECORD of stream "b" before its SCHEMA' < <({ good 2 b; record b '"id": 1'; })
stopped "a message without a type" 'line 3: the message lacks the key "type"' < <({ good 2 b; echo '{"stream": "a"}'; })
stopped "an unknown type" 'line 3: the type "record" is none of' < <({ good 2 b; echo '{"type": "record", "stream": "a", "record": {}}'; })
stopped "a BATCH" 'BATCH messages are not supported' < <({ good 2 b; echo '{"type": "BATCH", "stream": "a"}'; })
stopped "a SCHEMA without properties" 'line 2: a RECORD of stream "a", whose SCHEMA in line 1 has no properties' < <({ schema a ""; record a '"id": 1'; })
stopped "a SCHEMA without a key" 'has no list "key_properties"' < <({ echo '{"type": "SCHEMA", "stream": "a", "schema": {"properties": {"id": {}}}}'; record a '"id": 1'; })
stopped "another key in a file" 'line 3: the SCHEMA of stream "a" has another key' < <({ good 2 b; schema a "$id, $v" '"v"'; record a '"id": 3, "v": "k"'; })
stopped "another key in another file" 'has no primary key \(v\)|has another key' < <({ schema a "$id, $v" '"v"'; record a '"id": 3, "v": "k"'; })
stopped "no key any more" 'has another key|has no key any more' < <({ schema a "$id, $v" ''; record a '"id": 3, "v": "k"'; })
stopped "a record that is no object" 'line 3: .*no object' < <({ good 2 b; echo '{"type": "RECORD", "stream": "a", "record": [1]}'; })
stopped "a record twice" 'line 3: .*twice' < <({ good 2 b; echo '{"type": "RECORD", "stream": "a", "record": {"id": 1}, "record": {"id": 2}}'; })
stopped "a stream twice" 'line 3: .*"stream" twice' < <({ good 2 b; echo '{"type": "RECORD", "stream": "a", "record": {"id": 1}, "stream": "b"}'; })
stopped "records that do not fit" '4 of 6 records' < <({ good 2 b; record a '"id": "x"'; record a '"v": "no key"'; record a '"id": 1, "v": "\u0000"'; record a '"id": 1, "v": NaN'; })
with "max_rejects: 9"
is "they are rejects, where those are allowed" "$(run; ask loader "SELECT line, column_name, reason FROM barometre.reject WHERE stream = 'a' ORDER BY 1")" 'a|3|2|6|2|0|0|4
3|id|"x" is not of type bigint
4|id|key column "id" is empty
5|v|at record.v: \u0000, which PostgreSQL can'"'"'t store in text
6|v|at record.v: "NaN" is no JSON value'
with ""
printf '{"type": "BAD"}\n' | file 4; printf '{}\n' | file 5
like "all files that are no good are named" "$(run)" 'tap "t": 2 files can.t be read'

tap "hard_delete: true"
record_v() { record "$1" "\"id\": $2" "\"version\": $3"; }
activate() { echo "{\"type\": \"ACTIVATE_VERSION\", \"stream\": \"$1\", \"version\": $2}"; }
{ activate a 1; schema a "$id"; for i in 1 2 3; do record_v a $i 1; done; activate a 1; } | file 1
is "rows of the active version stay" "$(run; ask loader "SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a")" 'a|1|1|3|3|0|0|0
1,2,3'
{ schema a "$id"; activate a 2; for i in 1 3; do record_v a $i 2; done; } | file 2
is "rows that were not seen with the active version go, those that were and did not change stay" "$(run; ask loader "SELECT string_agg(id || '@' || _baro_line, ',' ORDER BY id) FROM t.a")" 'a|2|1|2|0|0|2|0
1@3,3@5'
{ schema a "$id"; record_v a 4 2; activate a 2; } | file 3
is "versions go on over files" "$(run; ask loader "SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a")" 'a|3|1|1|1|0|0|0
1,3,4'
{ schema a "$id"; record_v a 5 1; record_v a 4 1; activate a 1; } | file 0
is "a file that comes late activates no earlier version" "$(run; ask loader "SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a")" 'a|4|1|2|1|0|1|0
1,3,4'
{ schema a "$id, \"_sdc_deleted_at\": {\"type\": [\"null\", \"string\"], \"format\": \"date-time\"}"; record a '"id": 3, "_sdc_deleted_at": "2020-01-01T00:00:00Z"' '"version": 2'; record a '"id": 4, "_sdc_deleted_at": "2020-01-01T00:00:00Z"' '"version": 2'; record_v a 4 2; } | file 4
is "a row that is said to be deleted goes" "$(run; ask loader "SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a")" 'a|5|1|3|0|1|1|0
1,4'
is "a full refresh ends at the same" "$(ask loader "SELECT count(*) FROM baro_run('t', full_refresh => true)"; ask loader "SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a")" '1
1,4'
{ schema a "$id"; record_v a 1 3; record a '"id": 4, "x": "\u0000"' '"version": 3'; activate a 3; } | file 44
with "hard_delete: true, max_rejects: 1"
is "a row whose record is rejected does not go for that" "$(run | grep -v '^WARNING\|^HINT'; ask loader "SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a")" 'a|6|1|2|0|0|1|1
1,4'
{ schema a "$id"; record_v a 1 4; activate a 4; } | file 45
with "hard_delete: true, max_deletes: 10%, max_rejects: 1"
like "a limit that is said holds for versions" "$(run)" 'stream "t.a": version 4 would take away 1 of 2 rows, which were not seen with it, and max_deletes is 10%'
rm "$BARO_DATA/singer/t/45.singer"
with "hard_delete: true"; rm "$BARO_DATA/singer/t/44.singer"
{ schema b "$id" ''; record_v b 1 1; record_v b 2 1; activate b 1; } | file 5
{ schema b "$id" ''; record_v b 1 2; activate b 2; } | file 6
is "without a key the files of earlier versions go" "$(run | grep b; ask loader "SELECT string_agg(id::text, ',') FROM t.b")" 'b|7|2|3|3|0|0|0
1'

tap "" "[{name: a, hard_delete: true}, {name: b}]"
for s in a b; do schema $s "$id"; record_v $s 1 1; activate $s 1; done | file 1
for s in a b; do schema $s "$id"; record_v $s 2 2; activate $s 2; done | file 2
is "by default nothing is deleted" "$(run > /dev/null; ask loader "SELECT (SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a), (SELECT string_agg(id::text, ',' ORDER BY id) FROM t.b)")" '2|1,2'

tap "add_metadata_columns: true"
{ schema a "$id"; record a '"id": 1' '"time_extracted": "2022-06-27T00:00:00Z"'; record a '"id": 2, "_sdc_deleted_at": "2022-01-01T00:00:00Z"'; } | file 1; touch -d '2022-07-01T00:00:00Z' "$BARO_DATA/singer/t/1.singer"
is "metadata columns are made where they are asked for" "$(run > /dev/null; rows a)" '{"id": 1, "_sdc_batched_at": "2022-07-01T00:00:00+00:00", "_sdc_deleted_at": null, "_sdc_extracted_at": "2022-06-27T00:00:00+00:00"}
{"id": 2, "_sdc_batched_at": "2022-07-01T00:00:00+00:00", "_sdc_deleted_at": "2022-01-01T00:00:00+00:00", "_sdc_extracted_at": null}'

tap "flatten: 1, blank_is_null: true"
{ schema a "$id, \"o\": {\"type\": [\"null\", \"object\"], \"properties\": {\"X\": {\"type\": \"integer\"}, \"p\": {\"type\": \"object\", \"properties\": {\"y\": {}}}}}, \"free\": {\"type\": \"object\"}, $v"; record a '"id": 1, "o": {"X": 1, "p": {"y": 2}, "z": 3}, "free": {"k": 1}, "v": " "'; record a '"id": 2, "o": null'; } | file 1
is "objects that say their properties are taken apart" "$(run > /dev/null; columns a; rows a)" 'id bigint, o__x bigint, o__p jsonb, free jsonb, v text
{"v": null, "id": 1, "free": {"k": 1}, "o__p": {"y": 2}, "o__x": 1}
{"v": null, "id": 2, "free": null, "o__p": null, "o__x": null}'

tap
sql "CREATE SCHEMA t; CREATE TABLE t.a (id numeric PRIMARY KEY, at timestamp); INSERT INTO t.a VALUES (1, '2020-01-01')" > /dev/null
{ schema a "$id, \"at\": {\"type\": \"string\", \"format\": \"date-time\"}"; record a '"id": 1, "at": "2020-01-01T02:30:00+02:00"'; record a '"id": 2, "at": "2020-06-01T00:00:00.123-05:00"'; } | file 1
is "in a table of another program's date-times without zone are in UTC" "$(run; ask loader "SELECT id, at FROM t.a ORDER BY 1")" 'a|1|1|2|1|1|0|0
1|2020-01-01 00:30:00
2|2020-06-01 05:00:00.123'

tap
{ schema a '"i": {"type": "integer"}, "n": {"type": "number"}, "b": {"type": "boolean"}, "day": {"type": "string", "format": "date"}, "at": {"type": "string", "format": "time"}' '"i"'; record a '"i": "12", "n": "1.50", "b": "false", "day": "2020-02-29T23:00:00Z", "at": "12:30:00Z"'; record a '"i": 12345678901234567890'; record a '"i": 3.0'; } | file 1
is "values are read as their type, and what is in UTC has its day and time there" "$(run; columns a; rows a)" 'a|1|1|3|3|0|0|0
i numeric, n numeric, b boolean, day date, at time without time zone
{"b": null, "i": 3, "n": null, "at": null, "day": null}
{"b": null, "i": 12345678901234567890, "n": null, "at": null, "day": null}
{"b": false, "i": 12, "n": 1.50, "at": "12:30:00", "day": "2020-02-29"}'
{ schema b '"i": {"type": "integer"}, "v": {}' '"i"'; record b '"i": 1, "v": 1, "w": 1'; schema b '"i": {"type": "integer"}, "w": {}' '"i"'; record b '"i": 2, "v": 2, "w": 2'; } | file 2
is "a field is read while the SCHEMA has it" "$(run | grep b; rows b)" 'b|2|1|2|2|0|0|0
{"i": 1, "v": "1", "w": null}
{"i": 2, "v": null, "w": "2"}'
{ schema c '"i": {"type": "integer"}' '"i"'; record c '"i": 1.5'; record c '"i": "x"'; } | file 3
like "a fraction is no integer" "$(run)" '2 records|all 2'
{ schema c '"i": {"type": "integer"}' '"i"'; record c '"i": 1'; schema c '"i": {"type": "number"}' '"i"'; record c '"i": 1.5'; } | file 3
is "unless a later SCHEMA says number" "$(run | grep '^c'; columns c)" "c|3|1|2|2|0|0|0
i numeric"

tap "stream_names: last_part"
{ schema "db-Pub-Tab le" "$id, \"Id\": {\"type\": \"string\"}, \"$(printf 'x%.0s' {1..70})\": {}"; record "db-Pub-Tab le" '"id": 1, "Id": "a"'; } | file 1
like "names of tables may be the last part, and columns that clash get names from their texts" "$(run; columns tab_le)" 'tab_le\|1\|1\|1\|1.*
id_[0-9a-f]{8} bigint, id_[0-9a-f]{8} text, x{54}_[0-9a-f]{8} text'
{ for i in $(seq 1 60); do schema "s-$i" "$id"; done; for j in 1 2; do for i in $(seq 1 60); do record "s-$i" "\"id\": $j"; done; done; } | file 2
is "sixty streams, interleaved" "$(run | grep -c '|2|1|2|2|0|0|0')" 60
{ schema a-x "$id"; schema b-x "$id"; record a-x '"id": 1'; } | file 3
like "two streams of one table are told" "$(run)" 'would both be table "x"'

# The script of doc/taps.md, with a tap that reads nothing but its state.
tap
awk '/^## / { is_here = $0 == "## Singer files" } is_here && /^```/ { kind = kind ? "" : substr($0, 4); next } is_here && kind == "sh"' "$BARO_REPO/doc/taps.md" > "$BARO_DATA/extract"
cat > "$BARO_DATA/tap" <<'TAP'
at=$(grep -o '[0-9]*' "$4"); at=$((${at:-0} + 1))
[ "$2" = right ] || exit 3
echo '{"type": "SCHEMA", "stream": "a", "schema": {"properties": {"id": {"type": "integer"}}}, "key_properties": ["id"]}'
echo "{\"type\": \"RECORD\", \"stream\": \"a\", \"record\": {\"id\": $at}}"
[ "$at" != 3 ] || exit 3
echo "{\"type\": \"STATE\", \"value\": {\"at\": $at}}"
TAP
extract() { BAROMETRE_DATA=$BARO_DATA PGDATABASE=$db PGUSER=meltano sh "$BARO_DATA/extract" t sh "$BARO_DATA/tap" --config "${1:-right}" 2>&1 || echo "failed"; }
extract; run > /dev/null; sleep 1; extract; sleep 1; run > /dev/null
is "the script of the documentation extracts from where the last file ended" "$(state | cut -d'|' -f 1; ask loader "SELECT string_agg(id::text, ',' ORDER BY id) FROM t.a")" '{"at": 2}
1,2'
is "what a tap that fails has written is no file" "$(extract; ls -A "$BARO_DATA/singer/t" | wc -l)" "failed
2"
is "nor is what one wrote that could not begin" "$(extract wrong; ls -A "$BARO_DATA/singer/t" | wc -l)" "failed
2"
finish
