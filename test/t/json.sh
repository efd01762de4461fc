#!/usr/bin/env bash
# JSON lines and JSON documents: records, types, keys, what can't be loaded, and what CSV has as well.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
# stream FORMAT OPTIONS: a stream "s" of tap "t", emptied, over files in "in"
stream() {
    rm -f "$BARO_DATA"/in/*
    use_project "DROP SCHEMA IF EXISTS t CASCADE; DELETE FROM barometre.file; DELETE FROM barometre.bookmark" <<YML
version: 1
name: json
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: s, path: in, pattern: '.*', format: $1${2:+, $2}}
YML
    [ -n "${input[loader]:-}" ] || session_options='-c client_min_messages=warning' open_session loader meltano
}
# with OPTIONS: the same stream with other keys
with() { sed -i "s/format: \([a-z]*\).*/format: \1, $1}/" "$project/barometre.yml"; }
file() { cat > "$BARO_DATA/in/${1:-a}"; }
run() { ask loader "SELECT files, read, records, inserted, updated, unchanged, rejected FROM baro_run()"; }
rows() { ask loader "SELECT * FROM t.s ORDER BY _baro_file, _baro_line, 1, 2" | sed 's/|[0-9]*\(|[0-9]*\)$/\1/'; }
columns() { ask loader "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't.s'::regclass AND attnum > 0 AND NOT attisdropped AND attname !~ '^_baro'"; }
rejects() { ask loader "SELECT line, reason FROM barometre.reject WHERE run = (SELECT max(run) FROM barometre.reject) ORDER BY line, reason"; }

stream jsonl
printf '\xEF\xBB\xBF{"id": 1, "big": 12345678901234567890, "n": 1.50, "yes": true, "t": "01", "o": {"a": [1, 2.0]}, "none": null, "mix": 1, "é": "\\u00e9\\ud83d\\ude00"}\r\n\n{"id":2,"n":3,"mix":"x","yes":false,"new":[],"t":""}\n {"é":"x","id":3,"n":1e2,"mix":{"k":1},"o":null}' > "$BARO_DATA/in/a"
is "lines are records" "$(run)" "1|1|3|3|0|0|0"
is "types are what the values say, and new keys are new columns" "$(columns)" "id bigint, big numeric, n numeric, yes boolean, t text, o jsonb, none text, mix jsonb, é text, new jsonb"
is "digits are kept, texts are no numbers, and a missing key is NULL" "$(rows)" '1|12345678901234567890|1.50|t|01|{"a": [1, 2.0]}||1|é😀||1
2||3|f||||"x"||[]|3
3||100|||||{"k": 1}|x||4'
is "an empty text is none that is missing" "$(sql "SELECT count(*) FROM t.s WHERE t = ''")" 1
is "nothing is read twice" "$(run)" "1|0|0|0|0|0|0"
printf '\n{"id":4,"none":true,"later":1.5}\n' >> "$BARO_DATA/in/a"
is "a file that grew after a line without end is read whole" "$(run)" "1|1|4|1|0|3|0"
is "the first value says the type of a column" "$(columns)" "id bigint, big numeric, n numeric, yes boolean, t text, o jsonb, none boolean, mix jsonb, é text, new jsonb, later numeric"
printf '{"id":5,"mix":[0]}\n{"id":6,"yes":"true"}\n{"id":"7"}\n' >> "$BARO_DATA/in/a"
like "a text is neither boolean nor number, and stops a load that may reject nothing" "$(run)" '2 of 3 records.*max_rejects is 0: the first is in file "in/a", line 7'
with "max_rejects: 2"
is "of a file that grew by lines only those are read" "$(run)" "1|1|3|1|0|0|2"
is "rejects say line and column" "$(ask loader "SELECT line, column_name, reason, convert_from(raw, 'UTF8') FROM barometre.reject WHERE run = (SELECT max(run) FROM barometre.reject) ORDER BY line")" '7|yes|"true" is not of type boolean|{"id":6,"yes":"true"}
8|id|"7" is not of type bigint|{"id":"7"}'
gzip -c "$BARO_DATA/in/a" > "$BARO_DATA/in/a.gz"; rm "$BARO_DATA/in/a"
is "packed it is the same file" "$(run; sql "SELECT count(*) FROM t.s")" "1|1|7|0|0|5|2
5"

stream jsonl "key_properties: [id], max_rejects: 20"
file <<'J'
{"id": 1, "v": "a"}
{"id": 2, "v": "b", "id": 3}
{"v": "no key"}
{"id": null, "v": "null"}
{"id": 1, "v": "later"}
[1]
17
{"id": 4, "v": "\ud83d"}
{"id": 5, "v": {"deep": ["\u0000"]}}
{"id": 6, "v": NaN}
{"id": 7, "v": 1} {"id": 8}
{"id": 9, "v": 01}
{"id": 10, "v": "x
{"id": 11 "v": 1}
{"id": 12, "v": "\x"}
{"id": 13, "v": [1, 2}}
{"id": 14, "\ud800": 1}
{"id": 15, "v": "ok"}
J
is "with a key, the last of equal ones wins, also of equal keys in a record" "$(run)" "1|1|18|3|0|0|14"
is "and what is there" "$(ask loader "SELECT id, v FROM t.s ORDER BY id")" '1|later
3|b
15|ok'
is "each reject says what is wrong, and where" "$(rejects)" '3|key column "id" is empty
4|key column "id" is empty
6|it is no object, but an array
7|it is no object, but a number
8|at v: \ud83d, one half of a character (an unpaired surrogate)
9|at v.deep[0]: \u0000, which PostgreSQL can'"'"'t store in text
10|at v: "NaN" is no JSON value
11|something follows the value
12|at v: "01" is no JSON value
13|a text is never closed: it is not complete
14|it is no JSON: a comma, a colon, a quote or a bracket is missing or too much
15|at v: \x is no escape of JSON
16|at v: it is no JSON: a comma, a colon, a quote or a bracket is missing or too much
17|in a key: \ud800, one half of a character (an unpaired surrogate)'

stream json "records_path: 'data[*]', max_rejects: 10"
file <<'J'
{"meta": {"count": 3},
 "data": [
  {"id": 1,
   "public_metrics": {"likes": 2}},
  {"id": 2, "public_metrics": null}, {"id": 3, "public_metrics": {"x": "\u0000"}},
  "four"
 ]}
{"data": []} {"data": null}
{"data": {"id": 5}}
J
is "a document's records stand at records_path" "$(run)" "1|1|5|3|0|0|2"
is "lines are those where records begin" "$(rows)" '1|{"likes": 2}|3
2||5
5||9'
is "rejects have a path" "$(rejects)" '5|at data[2].public_metrics.x: \u0000, which PostgreSQL can'"'"'t store in text
6|at data[3]: it is no object, but a text'
printf '{"data": [{"id": 1}, {"id": 2' > "$BARO_DATA/in/b"
like "a document that is not complete is an error" "$(run)" 'could not read file "in/b": it ends inside the JSON value that begins in line 1'
printf '{"other": [1]}' > "$BARO_DATA/in/b"
like "nothing at records_path is one too" "$(run)" 'could not read file "in/b": .*there is no key "data" of records_path'

stream json "records_path: m, unpivot: {keys: [month, age], value: count}, key_properties: [month, age]"
echo '{"m": {"2022-01": {"00": 1, "15-24": 22}, "2022-02": {"75+": 3.5, "é\"": null}, "2022-03": {}}}' > "$BARO_DATA/in/a"
is "unpivoted, each leaf is a record" "$(run)" "1|1|4|4|0|0|0"
is "and keys are texts" "$(columns; rows)" 'month text, age text, count numeric
2022-01|00|1|1
2022-01|15-24|22|1
2022-02|75+|3.5|1
2022-02|é"||1'
echo '{"m": {"2022-01": {"00": 1, "15-24": 22}, "2022-02": 5}}' > "$BARO_DATA/in/a"
like "a level that is no object is rejected" "$(run)" 'line 1, at m\["2022-02"\]|at m.2022-02: it is no object, whose keys would be the field "age"'

stream jsonl "flatten: 1, blank_is_null: true"
printf '%s\n' '{"a": {"b": 1, "c": {"d": 2}}, "e": " ", "n": null}' '{"a": null, "e": "x", "n": {"m": []}}' '{"a": {"b": 2, "b": 3}}' > "$BARO_DATA/in/a"
is "objects are flattened as deep as it is said" "$(run; columns; rows)" '1|1|3|3|0|0|0
a__b bigint, a__c jsonb, e text, n__m jsonb
1|{"d": 2}|||1
||x|[]|2
3||||3'

stream jsonl "map: {h: md5(id), name: n, secret: null}, contract: {columns: freeze}"
printf '{"id": 1, "n": "x", "secret": "s", "k": 1}\n' > "$BARO_DATA/in/a"
is "the map hashes, renames and drops" "$(run; columns)" "1|1|1|1|0|0|0
h text, name text, k bigint"
printf '{"id": 2}\n' > "$BARO_DATA/in/b"
is "a record may lack any key, whatever the contract is" "$(run)" "2|1|1|1|0|0|0"
printf '{"id": 2, "more": 1}\n' > "$BARO_DATA/in/c"
like "a new key is a new column, which a contract may forbid" "$(run)" 'has a column "more" that the table lacks'

stream json "records_path: data, key_properties: [id], max_rejects: 2"
echo '{"data": [{"id": 1}, {"id": 2}]}' > "$BARO_DATA/in/a"; run >/dev/null
ask loader "ALTER TABLE t.s ADD CHECK (id < 5)"
echo '{"data": [{"id": 3}, {"id": 6}, {"id": 7}]}' > "$BARO_DATA/in/b"
is "which of the records in one line the table refuses is not made up" "$(run; sql "SELECT count(*), count(raw), count(byte_offset) FROM barometre.reject WHERE run = (SELECT max(run) FROM barometre.reject)")" "2|1|3|1|0|0|2
2|0|0"
printf '{"data": [{"id": 4},\n{"id": 8}]}' > "$BARO_DATA/in/b"
is "one with a line of its own is shown" "$(run; sql "SELECT line, reason, convert_from(raw, 'UTF8') FROM barometre.reject WHERE run = (SELECT max(run) FROM barometre.reject)")" '2|1|2|1|0|0|1
2|at data[1]: the table refuses it: new row for relation "s" violates check constraint "s_id_check"|{"id": 8}'
ask loader "CREATE FUNCTION t.no() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RETURN CASE WHEN NEW.id <> 0 THEN NEW END; END \$\$"
ask loader "CREATE TRIGGER no BEFORE INSERT ON t.s FOR EACH ROW EXECUTE FUNCTION t.no()"
echo '{"data": [{"id": -1}, {"id": 0}]}' > "$BARO_DATA/in/b"
like "a trigger that keeps out one of the records in one line is told of" "$(run)" 'keeps 1 of 2 new or changed rows out'

stream jsonl
{ for i in $(seq 2500); do echo "{\"id\": $i, \"t\": \"x\"}"; done; printf '%s\n' '{"id": 2501, "late": 1.5, "t": {"o": 1}}' '{"later": "x", "id": "no"}'; } > "$BARO_DATA/in/a"
is "fields, and types, that come late in a file are found" "$(run; columns)" "1|1|2502|2502|0|0|0
id text, t jsonb, late numeric, later text"
is "and all rows are there once" "$(ask loader "SELECT count(*), count(late), count(later), count(DISTINCT id), jsonb_typeof(max(t::text)::jsonb) FROM t.s")" "2502|1|1|2502|object"
{ for i in $(seq 2500); do echo "{\"id\": \"b$i\"}"; done; echo '{"id": "b", "new": true}'; } > "$BARO_DATA/in/b"
is "in later files too" "$(run; sql "SELECT count(*), bool_and(new) FROM t.s")" "2|1|2501|2501|0|0|0
5003|t"
printf '%s\n' '{"id": "c", "": 1, " ": 2, "%": 3, "xmin": 4, "A b": 5, "c\"d": 6}' > "$BARO_DATA/in/c"; run >/dev/null
printf '%s\n' '{"A b": 5, "%": 3, "": 1, "z": 0}' > "$BARO_DATA/in/d"
is "odd keys are found by their texts, wherever they stand" "$(run; sql "SELECT count(*) FROM (SELECT to_jsonb(s) FROM t.s WHERE z = 0) j (o), jsonb_each(o) e WHERE value IN ('5', '3', '1') AND key !~ '^_'")" "4|1|1|1|0|0|0
3"

stream jsonl "map: {h: md5(secret)}, max_rejects: 9"
printf '%s\n' '{"secret": "a"}' '{"secret": hunter2}' '{"secret": "\q"}' > "$BARO_DATA/in/a"
is "what the map hides is in no reject" "$(run; ask loader "SELECT reason, raw FROM barometre.reject WHERE run = (SELECT max(run) FROM barometre.reject) ORDER BY line")" '1|1|3|1|0|0|2
at secret: what stands there is no JSON value|
at secret: a text has an escape that can'"'"'t be read|'

stream jsonl
printf 'id;name\n1;a\n' > "$BARO_DATA/in/a"; like "a CSV file is said to be one" "$(run)" 'file "in/a" is no file of JSON lines.*|say  format: csv'
printf '[{"id": 1},\n {"id": 2}]\n' > "$BARO_DATA/in/a"; like "a document is said to be one" "$(run)" 'document over several lines|say  format: json'
printf '<!DOCTYPE html><html>' > "$BARO_DATA/in/a"; like "and an HTML page" "$(run)" 'file "in/a" is no JSON file: it looks like an HTML page'
printf '{"a": 1}\n' | iconv -t UTF-16 > "$BARO_DATA/in/a"; is "UTF-16 is told by its mark" "$(run; rows)" "1|1|1|1|0|0|0
1|1"
stream jsonl
printf '{"a": 1\n' > "$BARO_DATA/in/a"; like "when all lines are bad, it is an error" "$(run)" 'file "in/a", line 1: it is not complete'
is "and there is no table" "$(sql "SELECT to_regclass('t.s') IS NULL")" t
printf '' > "$BARO_DATA/in/a"; is "an empty file has no records" "$(run)" "1|1|0|0|0|0|0"
{ printf '{"a": 1, "b": '; printf '[%.0s' $(seq 10000); printf '}\n{"a": 2}\n'; } > "$BARO_DATA/in/a"; with "max_rejects: 1"
is "what is nested too deeply is a reject" "$(run; ask loader "SELECT left(reason, 93) FROM barometre.reject WHERE line = 1 ORDER BY run DESC LIMIT 1")" "1|1|2|1|0|0|1
at b[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0"
stream jsonl "decimal: ',', columns: [{name: a, type: numeric}, {name: b, type: bigint}]"
printf '{"a": 1.5, "b": 2}\n{"a": "1 234,5", "b": "3"}\n{"a": 1e-20}\n' > "$BARO_DATA/in/a"
is "a decimal sign is that of texts, and not of numbers" "$(run; rows)" '1|1|3|3|0|0|0
1.5|2|1
1234.5|3|2
0.00000000000000000001||3'
stream csv
printf '{"a": 1, "b": 2}\n{"a": 2, "b": 3}\n' > "$BARO_DATA/in/a"; like "JSON lines are no CSV" "$(run)" 'Say  format: jsonl'
stream jsonl "delimiter: ;"
like "keys of CSV are not for JSON" "$(run)" 'key "delimiter" is for  format: csv'
finish
