#!/usr/bin/env bash
# Tables of streams that another program made, columns that are the server's, and what is no table.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA"/{keyed,plain}
use_project <<'YML'
version: 1
name: adopt
roles: {loader: meltano}
stream_defaults: {delimiter: ',', pattern: '.*\.csv'}
taps:
  - name: t
    streams:
      - {name: keyed, path: keyed, key_properties: [id]}
      - {name: plain, path: plain}
YML
open_session loader meltano
run() { ask loader "SELECT inserted, updated, unchanged, rejected FROM baro_run('t.$1')"; }
put() { printf "$3" >"$BARO_DATA/$1/$2.csv"; run "$1"; } # STREAM FILE CONTENT
start() { # STREAM, then SQL that makes its table
    rm -f "$BARO_DATA/$1"/*
    role=postgres sql "DROP TABLE IF EXISTS t.$1; DELETE FROM barometre.file; DELETE FROM barometre.bookmark; DELETE FROM barometre_internal.stream_column" >/dev/null
    sql "$2" >/dev/null
}
rows() { sql "SELECT string_agg(concat_ws('|', $2), ' ' ORDER BY id, concat_ws('|', $2)) FROM t.$1"; }
sql "CREATE SCHEMA t" >/dev/null

# --- with a key --------------------------------------------------------------------------------------------------------
made="CREATE TABLE t.keyed (id bigint PRIMARY KEY, t text, _sdc_batched_at timestamp DEFAULT '2020-01-01'); INSERT INTO t.keyed VALUES (1, 'a'), (2, 'b'), (9, 'old')"
start keyed "$made"
printf 'id,t\n1,a\n2,c\n3,d\n' >"$BARO_DATA/keyed/a.csv"
before=$(sql "SELECT ctid FROM t.keyed WHERE id = 1")
like "a table that another program made is checked" "$(sql "SELECT kind, detail FROM baro_check('t.keyed')" | tr '\n' ' ')" 'change\|the table was made by another program, and gets the lineage columns'
is "which changes nothing" "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 't.keyed'::regclass AND attname LIKE '\_baro%'")" 0
like "and shown" "$(sql "SELECT content FROM baro_preview('t.keyed') LIMIT 1")" '"t": "a"'
is "it lacked the lineage columns, and a load ended in an internal query" "$(run keyed | grep '^[0-9]')" "1|1|1|0"
is "keyed rows are compared" "$(rows keyed "id, t")" "1|a 2|c 3|d 9|old"
is "what is the same is not written" "$(sql "SELECT ctid FROM t.keyed WHERE id = 1")" "$before"
is "its other columns stay, with their defaults" "$(sql "SELECT count(*) FROM t.keyed WHERE _sdc_batched_at = '2020-01-01'")" 4
is "it goes on so" "$(put keyed a 'id,t\n1,x\n2,c\n3,d\n4,e\n' | grep '^[0-9]'; sql "SELECT count(*) FROM t.keyed WHERE _sdc_batched_at = '2020-01-01'")" "1|1|2|0
5"
put keyed b 'id,_sdc_batched_at\n5,2021-02-03\n' >/dev/null
is "until a file has them" "$(sql "SELECT _sdc_batched_at FROM t.keyed WHERE id = 5")" "2021-02-03 00:00:00"
start keyed "CREATE TABLE t.keyed (id bigint, t text)"
like "a key that it lacks is told with the statement" "$(put keyed a 'id,t\n1,a\n')" 'HINT:  ALTER TABLE t.keyed ADD PRIMARY KEY \(id\);'
start keyed "CREATE TABLE t.keyed (id bigint PRIMARY KEY, t text, _baro_file text)"
like "a column of another's that is called as one of barometre's is told" "$(put keyed a 'id,t\n1,a\n')" 'column "_baro_file" of its table is of type text'
start keyed "CREATE TABLE t.keyed (id int PRIMARY KEY, \"T 2\" text, t_2 varchar(3), t numeric(5,1))"
put keyed a 'ID,t,t_2\n1,2.5,abc\n' >/dev/null
is "its columns count as found" "$(sql "SELECT t, t_2 FROM t.keyed")" "2.5|abc"
start keyed "CREATE TABLE t.keyed (id bigint PRIMARY KEY, t text) PARTITION BY LIST (id); CREATE TABLE t.part PARTITION OF t.keyed DEFAULT"
is "a partitioned one is taken too" "$(put keyed a 'id,t\n1,a\n' >/dev/null; rows keyed "id, t")" "1|a"

# --- without -----------------------------------------------------------------------------------------------------------
made="CREATE TABLE t.plain (id bigint, t text, extra int DEFAULT 7); INSERT INTO t.plain VALUES (1, 'a'), (1, 'a'), (2, 'b')"
start plain "$made"
is "old rows are recognised by their content" "$(put plain a 'id,t\n1,a\n1,a\n2,b\n3,c\n' | grep '^[0-9]')" "1|0|3|0"
is "and none is doubled" "$(rows plain "id, t, extra, _baro_file IS NULL")" "1|a|7|f 1|a|7|f 2|b|7|f 3|c|7|f"
put plain a 'id,t\n1,a\n3,c\n' >/dev/null
is "they are the file's from then on" "$(rows plain "id, t, extra")" "1|a|7 3|c|7"
start plain "$made; INSERT INTO t.plain VALUES (9, 'old')"
out=$(put plain a 'id,t\n1,a\n2,b\n')
like "rows that no file has are not guessed at" "$out" 'ERROR:  stream "t.plain": of the rows that another program put into its table, 2 are in none of the files'
is "nothing is changed" "$(rows plain "id, t")" "1|a 1|a 2|b 9|old"
keep=$(sed -n 's/.*To keep them: \(ALTER TABLE [^;]*;\).*/\1/p' <<<"$out")
sql "$keep" >/dev/null
is "the statement that keeps them does" "$(run plain | grep '^[0-9]')" "0|0|2|0"
is "beside those of the file" "$(rows plain "id, t, _baro_file = 0")" "1|a|f 1|a|t 2|b|f 9|old|t"
put plain a 'id,t\n1,a\n' >/dev/null
role=postgres sql "DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null
run plain >/dev/null
is "for good" "$(rows plain "id, t, _baro_file = 0")" "1|a|f 1|a|t 9|old|t"
start plain "$made; INSERT INTO t.plain VALUES (9, 'old')"
printf 'id,t\n1,a\n2,b\n' >"$BARO_DATA/plain/a.csv"
is "a full refresh has what the files hold" "$(sql "SELECT inserted, unchanged FROM baro_run('t', '{plain}', full_refresh => true)"; rows plain "id, t")" "0|2
1|a 2|b"
sql "ALTER TABLE t.plain DROP COLUMN _baro_file, DROP COLUMN _baro_line" >/dev/null
is "lineage columns that somebody dropped come back" "$(run plain | grep '^[0-9]'; rows plain "id, t, _baro_file IS NULL")" "0|0|2|0
1|a|f 2|b|f"

# --- what is in the way ------------------------------------------------------------------------------------------------
for kind in "VIEW t.plain AS SELECT 1 AS id|view" "MATERIALIZED VIEW t.plain AS SELECT 1 AS id|materialized view" "SEQUENCE t.plain|sequence" "TYPE t.plain AS (id int)|type"; do
    start plain "CREATE ${kind%|*}"
    out=$(put plain a 'id,t\n1,a\n')
    like "a ${kind#*|} in the way is a sentence" "$out" "ERROR:  stream \"t.plain\": t.plain is a ${kind#*|}, and rows are loaded into tables"
    sql "$(sed -n 's/^HINT:  \(ALTER [^;]*;\).*/\1/p' <<<"$out")" >/dev/null
    is "what the HINT says helps" "$(run plain | grep '^[0-9]')" "1|0|0|0"
    for word in VIEW 'MATERIALIZED VIEW' SEQUENCE TYPE; do sql "DROP $word IF EXISTS t.plain_old" >/dev/null; done
done
start plain "SELECT 1"
role=postgres sql "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing; CREATE FOREIGN TABLE t.plain (id int, t text) SERVER nowhere; ALTER TABLE t.plain OWNER TO meltano" >/dev/null
like "so is a foreign table" "$(put plain a 'id,t\n1,a\n')" 't\.plain is a foreign table, and rows are loaded into tables'
role=postgres sql "DROP FOREIGN TABLE t.plain" >/dev/null

# --- columns that are the server's -------------------------------------------------------------------------------------
for stream in keyed plain; do
    start $stream "SELECT 1"
    put $stream a 'id,v\n1,10\n' >/dev/null
    sql "ALTER TABLE t.$stream ADD twice bigint GENERATED ALWAYS AS (v * 2) STORED, ADD n int GENERATED ALWAYS AS IDENTITY, ADD m int GENERATED BY DEFAULT AS IDENTITY" >/dev/null
    is "$stream: generated and identity columns are the server's" "$(put $stream b 'id,v\n2,20\n' | grep '^[0-9]'; rows $stream "id, v, twice, n, m")" "1|0|0|0
1|10|20|1|1 2|20|40|2|2"
    out=$(put $stream c 'id,v,twice,n\n3,30,1,1\n')
    like "$stream: a field of that name is left out" "$out" 'column "twice" of file "[a-z]*/c.csv" is left out: the server gives its values'
    is "$stream: and the row is right" "$(rows $stream "id, v, twice, n, m" | grep -o '3|.*')" "3|30|60|3|3"
    put $stream a 'id,v\n1,11\n' >/dev/null
    like "$stream: changed rows too" "$(rows $stream "id, v, twice")" '^1\|11\|22 '
done
start keyed "CREATE TABLE t.keyed (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text)"
out=$(put keyed a 'id,t\n5,a\n')
like "a key that only the server may give is told with the statement" "$out" 'HINT:  ALTER TABLE t.keyed ALTER COLUMN id SET GENERATED BY DEFAULT;'
sql "ALTER TABLE t.keyed ALTER COLUMN id SET GENERATED BY DEFAULT" >/dev/null
is "which helps" "$(run keyed | grep '^[0-9]'; rows keyed "id, t")" "1|0|0|0
5|a"
finish
