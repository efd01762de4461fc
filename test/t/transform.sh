#!/usr/bin/env bash
# Models and seeds: what is built, skipped and refused, and what the user is told.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in" "$BARO_DATA/seeds"
use_project <<'YML'
version: 1
name: models
roles: {loader: meltano, readers: [express-api]}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id]}
seeds:
  - name: secret
YML
m=$project/models
echo "select id, v from {{ source('tap', 's') }}" > "$m/a.sql"
echo "select count(*) as n from {{ ref('a') }} -- a comment at the end" > "$m/b.sql"
echo "{{ config(materialized='view') }} select n * 2 as twice from {{ ref('b') }}" > "$m/c.sql"
echo "select * from {{ ref('secret') }}" > "$m/d.sql"
printf 'code,amount,note,\n01,1,\n02,2.5,x\n' > "$project/seeds/codes.csv"
transform() { notices "CALL baro_transform(${1:-})"; }

out=$(transform)
like "a stream that was never loaded skips its models" "$out" 'WARNING:  model "a" is skipped: stream "tap.s" was never loaded'
like "with the command that cures it" "$out" "HINT:  SELECT \* FROM baro_run\('tap'\); CALL baro_transform\(\);"
like "and what hangs on them" "$out" 'model "b" is skipped: model "a" was not built'
like "a missing seed skips its models" "$out" 'model "d" is skipped: seed "secret" has no file'
like "the stray column of a seed's header is dropped with a notice" "$out" 'nameless last column'
is "a seed's types follow the rule" "$(sql "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'analytics.codes'::regclass AND attnum > 0 AND NOT attisdropped")" "code text, amount numeric, note text"
printf 'id,v\n1,a\n2,b\n' > "$BARO_DATA/in/a.csv"
sql "SELECT * FROM baro_run()" >/dev/null
like "all that can be is built" "$(transform)" 'transform: 3 models built, 0 unchanged, 1 skipped, 0 failed'
is "views too" "$(sql "SELECT twice FROM analytics.c")" 4
printf 'k\nx\n' > "$BARO_DATA/seeds/secret.csv"
transform >/dev/null
is "a seed is also sought below the data directory" "$(sql "SELECT k FROM analytics.d")" x
is "an unchanged seed is not loaded again" "$(sql "SELECT state FROM baro_seed('{codes}')")" unchanged
printf 'code,amount,note\n01,1,\n' > "$project/seeds/codes.csv"
is "a changed one is" "$(sql "SELECT state, rows FROM baro_seed('{codes}')")" "loaded|1"

before=$(sql "SELECT 'analytics.a'::regclass::oid, string_agg(ctid::text || xmin, ' ' ORDER BY id) FROM analytics.a")
transform >/dev/null
is "what did not change is not written" "$(sql "SELECT 'analytics.a'::regclass::oid, string_agg(ctid::text || xmin, ' ' ORDER BY id) FROM analytics.a")" "$before"
role=postgres sql "CREATE VIEW public.hand_made AS SELECT * FROM analytics.a" >/dev/null
printf 'id,v\n1,a\n2,c\n3,d\n' > "$BARO_DATA/in/a.csv"
sql "SELECT * FROM baro_run()" >/dev/null
like "only the difference is written" "$(transform)" 'model a: built, 3 rows \(2 added, 1 removed, 1 unchanged\)'
is "hand-made views live on" "$(role=postgres sql "SELECT count(*) FROM public.hand_made")" 3
echo "select id from {{ source('tap', 's') }}" > "$m/a.sql"
out=$(transform)
like "a column that a hand-made view needs is not dropped" "$out" 'column "v" can.t be removed, because public.hand_made needs it'
like "and the view is named" "$out" 'hand_made'
role=postgres sql "DROP VIEW public.hand_made" >/dev/null
transform >/dev/null
is "without it the columns change" "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'analytics.a'::regclass AND attnum > 0 AND NOT attisdropped")" 1
echo "select count(*) as n, max(id) as top, 'x' as y from {{ ref('a') }}" > "$m/b.sql"
oid=$(sql "SELECT 'analytics.b'::regclass::oid")
transform >/dev/null
is "new columns leave the table what it was" "$(sql "SELECT 'analytics.b'::regclass::oid, top, y FROM analytics.b")" "$oid|3|x"
echo "select 'x' as y, count(*) as n from {{ ref('a') }}" > "$m/b.sql"
transform "'b'" >/dev/null
is "views of the project come back when a table is made anew" "$(sql "SELECT twice FROM analytics.c")" 6
echo "select count(*) as n from {{ ref('a') }}" > "$m/b.sql"
transform >/dev/null
is "a replaced table stays readable for readers" "$(role=express-api sql "SELECT count(*) FROM analytics.a")" 3

printf "select id,\n  nope\nfrom {{ source('tap', 's') }}" > "$m/a.sql"
like "an SQL error names model, file and line" "$(transform)" 'ERROR:  model "a" \(models/a.sql, line 2\): column "nope" does not exist'
is "nothing of the failed call remains" "$(sql "SELECT count(*) FROM analytics.a")" 3
like "skip leaves out the failure and goes on" "$(transform "on_failure => 'skip'")" 'transform: 0 models built, 1 unchanged, 2 skipped, 1 failed'
echo "select id from {{ source('tap', 's') }}" > "$m/a.sql"
sql "DROP SCHEMA tap CASCADE" >/dev/null
like "a model that was published before is not left out silently" "$(transform)" 'ERROR:  model "a" can.t be built again: stream "tap.s" was never loaded'
sql "SELECT * FROM baro_run()" >/dev/null
echo "select * from {{ ref('c') }}" > "$m/a.sql"
like "a circle is named" "$(transform)" 'in a circle: a -> b -> c -> a'
rm "$m/a.sql" "$m/b.sql" "$m/c.sql"
echo "select 1 as x" > "$m/e.sql"
echo "typo: true" >> "$project/barometre.yml"
like "a misspelt key names file and line" "$(transform)" 'barometre.yml:10: unknown key "typo"'
sed -i '$d' "$project/barometre.yml"
is "selection and exclude" "$(transform "'*', exclude => 'd'" >/dev/null; sql "SELECT string_agg(name, ' ' ORDER BY name) FROM barometre.step WHERE kind = 'model' AND run = (SELECT max(id) FROM barometre.run)")" e
is "the SQL that runs can be seen" "$(sql "SELECT baro_compile('d')")" "select * from analytics.secret"
like "what changed in the files is told" "$(printf 'select 2 as x' > "$m/f.sql"; sql "SELECT * FROM baro_load_project()")" ''

cat > "$m/e.yml" <<'YML'
models:
  - name: e
    columns:
      - name: x
        description: A number
        tests:
          - unique
          - not_null
          - accepted_values: {values: [2]}
          - expression_is_true: {expression: "> 5", severity: warn}
          - relationships: {to: ref('d'), field: k}
      - name: ghost
YML
echo "select 1 as bad where false" > "$project/tests/passing.sql"
like "a documented column that is not there is a warning" "$(transform "'e'")" 'WARNING:  models/e.yml:12: "e" has no column "ghost"'
is "descriptions become comments" "$(sql "SELECT col_description('analytics.e'::regclass, 1)")" "A number"
is "each test has its status" "$(sql "SELECT test || ' ' || status || ' ' || coalesce(failures::text, '-') FROM baro_test('e') WHERE target LIKE 'e%'")" "unique pass 0
not_null pass 0
accepted_values fail 1
expression_is_true warn 1
relationships error -"
is "a sample of the failing rows is kept" "$(sql "SELECT sample FROM barometre.test_result WHERE test = 'accepted_values' ORDER BY run DESC LIMIT 1")" '[{"x": 1, "times": 1}]'
like "TAP for pg_prove" "$(sql "SELECT * FROM baro_test_tap('e')")" 'not ok 3 - e.x accepted_values'

# --- Seeds of all kinds: each was read with commas, into bigint, numeric and text alone ---
rm -f "$m"/* "$project"/seeds/*
s=$project/seeds
types() { sql "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = to_regclass('analytics.$1') AND attnum > 0 AND NOT attisdropped"; }
use_project <<'YML'
version: 1
name: models
roles: {loader: meltano}
seeds:
  - {name: declared, delimiter: '|', decimal: ',', column_types: {Code: varchar(5)}, columns: [{name: big, type: numeric}]}
  - {name: wrong, delimiter: ','}
  - {name: quoted, delimiter: ','}
YML
printf 'id;libellé\n1;"a;b"\n2;c,d\n' >"$s/semicolon.csv"
printf 'Code|v|big\n01|1,5|1 234,5\n02|-2|3\n' >"$s/declared.csv"
printf 'd,b,t,z,mixed\n2024-01-31,true,2024-01-31 10:00:00,2024-01-31T10:00:00+02:00,2024-01-31\n2024-2-1,FALSE,2024-01-31 9:00:00,2024-01-31T10:00:00Z,x\n,,,,\n' >"$s/found.csv"
printf 'id;v\n1;a\n' >"$s/wrong.csv"
printf '"a;b"\n1\n2\n' >"$s/quoted.csv"
printf 'words\na;b\nc;d\n' >"$s/single.csv"
printf 'a,b;c\n1,2;3\n' >"$s/unsure.csv"
out=$(notices "SELECT seed, rows FROM baro_seed('{semicolon,declared,found,quoted,single}')")
is "semicolons, a declared form, one column" "$(grep '|' <<<"$out" | grep -v NOTICE | sort | paste -sd' ')" 'declared|2 found|3 quoted|2 semicolon|2 single|2'
like "which delimiter was found is told" "$out" 'seed "semicolon": the delimiter of file ".*/semicolon.csv" is ";"'
is "a semicolon is found" "$(types semicolon) $(sql "SELECT string_agg(libellé, ' ' ORDER BY id) FROM analytics.semicolon")" "id bigint, libellé text a;b c,d"
is "what is declared holds" "$(types declared) $(sql "SELECT string_agg(code || ' ' || v || ' ' || big, '; ' ORDER BY code) FROM analytics.declared")" "code character varying(5), v numeric, big numeric 01 1.5 1234.5; 02 -2 3"
is "dates and booleans are found as dbt does" "$(types found)" "d date, b boolean, t timestamp without time zone, z timestamp with time zone, mixed text"
is "with their values" "$(sql "SET TimeZone = 'UTC'; SELECT string_agg(concat_ws(' ', d, b, t, z), '; ' ORDER BY d) FROM analytics.found")" "2024-01-31 t 2024-01-31 10:00:00 2024-01-31 08:00:00+00; 2024-02-01 f 2024-01-31 09:00:00 2024-01-31 10:00:00+00; "
like "one column where another delimiter is clearly there" "$(sql "SELECT * FROM baro_seed('{wrong}')")" 'ERROR:  seed "wrong": file ".*/wrong.csv" has one column by the delimiter ",", and 2 by ";"'
like "one of two delimiters" "$(sql "SELECT * FROM baro_seed('{unsure}')")" 'ERROR:.*no delimiter that could be told'
is "which stops only its load" "$(sql "SELECT count(*) FROM baro_ls()")" 7
printf 'mixed\n2024-01-31\n' >"$s/found.csv"
like "what was text stays text" "$(notices "SELECT * FROM baro_seed('{found}')")" 'NOTICE:.*column "mixed" has only values of type date and stays text'
is "as its table has it" "$(types found)" "mixed text"
finish
