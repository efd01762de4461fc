#!/usr/bin/env bash
# baro_show and baro_compile: what has SQL in the project is seen, and tried, without writing anything.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
printf 'id,town\n1,Brest\n2,Metz\n3,\n' >"$BARO_DATA/in/a.csv"
use_project <<'YML'
version: 1
name: show
roles: {loader: meltano}
taps:
  - {name: tap, streams: [{name: s, path: in, pattern: a\.csv, key_properties: [id]}]}
YML
mkdir "$project/macros"
printf 'code;label;price\n01;one;1,5\n02;"t;wo";2\n' >"$project/seeds/codes.csv"
echo "{% macro upper_of(c) %}upper({{ c }}){% endmacro %}" >"$project/macros/m.sql"
echo "select id, {{ upper_of('town') }} as town from {{ source('tap', 's') }}" >"$project/models/towns.sql"
echo "{{ config(materialized='ephemeral') }} select id * 2 as twice from {{ ref('towns') }}" >"$project/models/inline.sql"
echo "{{ config(enabled=false) }} select 1 as one" >"$project/models/off.sql"
cat >"$project/models/schema.yml" <<'YML'
models:
  - name: towns
    columns: [{name: town, tests: [{not_null: {severity: warn}}, {accepted_values: {values: [BREST, METZ]}}]}, {name: id, tests: [unique, {relationships: {to: "source('tap', 's')", field: id}}]}]
seeds:
  - {name: codes, columns: [{name: price, decimal: ','}]}
YML
echo "{{ config(severity='warn') }}select id from {{ ref('towns') }} where id > 2" >"$project/tests/too_many.sql"
show() { sql "SELECT content FROM baro_show(\$q\$$1\$q\$${2:+, $2})"; }
compiled() { sql "SELECT baro_compile('$1')"; }

# --- before anything is built -------------------------------------------------------------------------------------------
is "the SQL of a seed is that of its table" "$(compiled codes)" "-- The rows are those of seeds/codes.csv.
CREATE TABLE analytics.codes (
    code text,
    label text,
    price numeric
)"
like "what is not built yet is an error with its place" "$(show "select *
from {{ ref('towns') }}")" 'ERROR:  the query \(query, line 2\): relation "analytics.towns" does not exist'
sql "SELECT count(*) FROM baro_run('tap')" >/dev/null
sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "a model is tried by its SQL, though it was never built" "$(show towns)" '{"id": 1, "town": "BREST"}
{"id": 2, "town": "METZ"}
{"id": 3, "town": null}'
is "and not built by that" "$(sql "SELECT to_regclass('analytics.towns') IS NULL")" t
sql "CALL baro_transform()" >/dev/null 2>&1

# --- queries and names --------------------------------------------------------------------------------------------------
is "a query has templates" "$(show "select count(*) as n, max({{ upper_of('town') }}) as last from {{ source('tap', 's') }}")" '{"n": 3, "last": "METZ"}'
is "an ephemeral model is put where it is read" "$(show "select sum(twice) from {{ ref('inline') }}")" '{"sum": 12}'
is "it is shown by its name as well" "$(show inline 1)" '{"twice": 2}'
is "so is a seed" "$(show codes)" '{"code": "01", "label": "one", "price": 1.5}
{"code": "02", "label": "t;wo", "price": 2}'
is "and a stream" "$(sql "SELECT content->>'town' FROM baro_show('tap.s', 2)")" "Brest
Metz"
is "of a test the failing rows" "$(show towns.town.not_null)" '{"id": 3, "town": null}'
is "also of one with a file" "$(show too_many)" '{"id": 3}'
is "a column that is called as the row is" "$(show "select 1 as t, 2 as _baro_row, 3 as content")" '{"t": 1, "content": 3, "_baro_row": 2}'
is "a query ends in a comment or a semicolon" "$(show "select 1 as one -- that is all")$(show "select 2 as two;")" '{"one": 1}{"two": 2}'
is "no more rows than were asked for" "$(show "select * from generate_series(1, 1000)" 3 | wc -l)" 3
is "twenty, if nobody says" "$(show "select * from generate_series(1, 1000)" | wc -l)" 20
like "of the SQL of a test" "$(compiled too_many)" '^select id from analytics.towns where id > 2'
like "and of one that is declared" "$(compiled towns.town.accepted_values)" "BREST"
like "with the operators of the types that it reads" "$(compiled towns.id.relationships)" 'OPERATOR\(pg_catalog\.=\)'
is "which is what runs" "$(role=postgres sql "SELECT count(*) FROM ($(compiled towns.town.not_null)) AS t")" 1

# --- what is refused ----------------------------------------------------------------------------------------------------
before=$(sql "SELECT count(*) FROM tap.s")
like "a query that changes data" "$(show "with gone as (delete from tap.s returning *) select * from gone")" 'ERROR:  .*data'
like "a statement that is no query" "$(show "delete from tap.s")" '^ERROR'
like "two of them" "$(show "select 1; select 2")" '^ERROR'
role=postgres sql "CREATE FUNCTION public.writes() RETURNS int LANGUAGE sql AS 'DELETE FROM tap.s RETURNING 1'; CREATE SEQUENCE public.numbers; GRANT ALL ON SEQUENCE public.numbers TO meltano" >/dev/null
like "a function that writes" "$(show "select public.writes() as x")" 'ERROR:  .*cannot execute DELETE in a read-only transaction'
like "a sequence that would go on" "$(show "select nextval('public.numbers') as x")" 'ERROR:  .*cannot execute nextval\(\) in a read-only transaction'
is "nothing was written" "$(sql "SELECT count(*) FROM tap.s")" "$before"
is "afterwards the transaction may write" "$(role=postgres sql "BEGIN; SELECT content FROM baro_show('select 1 as one'); SELECT current_setting('transaction_read_only'); CREATE TABLE public.made (x int); COMMIT")" '{"one": 1}
off'
is "also after an error" "$(role=postgres sql "DO \$\$ BEGIN PERFORM baro_show('select 1/0 as x'); EXCEPTION WHEN others THEN CREATE TABLE public.made_too (x int); END \$\$; SELECT to_regclass('public.made_too') IS NOT NULL")" t
is "a read-only transaction may ask" "$(sql "BEGIN READ ONLY; SELECT content FROM baro_show('select 1 as one'); COMMIT")" '{"one": 1}'
like "a name that is not there has a near one" "$(show towsn)" 'HINT:  Did you mean "towns"\?'
like "so has what a query refers to" "$(show "select * from {{ ref('towsn') }}")" 'HINT:  Did you mean "towns"\?'
like "so has a test's" "$(compiled towns.town.not_nul)" 'HINT:  Did you mean "towns.town.not_null"\?'
like "a disabled model says so" "$(compiled off)" 'ERROR:  model "off" is disabled'
like "an error has the line of the file" "$(show "select 1
from {{ nothing }}")" 'query:2'
like "nothing at all" "$(show "")" 'ERROR:  baro_show wants a query or a name'
like "no rows" "$(show towns 0)" 'positive number of rows'
role=postgres sql "CREATE ROLE show_stranger LOGIN" >/dev/null
like "who may not call" "$(role=show_stranger sql "SELECT * FROM baro_show('towns')")" 'permission denied for function baro_show'
role=postgres sql "GRANT EXECUTE ON FUNCTION baro_show TO show_stranger" >/dev/null
like "EXECUTE alone is not enough" "$(role=show_stranger sql "SELECT * FROM baro_show('towns')")" 'ERROR'
role=postgres sql "CREATE SCHEMA hidden; CREATE TABLE hidden.t AS SELECT 1 AS x" >/dev/null
like "a superuser sees what the project's owner sees" "$(role=postgres sql "SELECT * FROM baro_show('select * from hidden.t')")" 'permission denied for schema hidden'
finish
