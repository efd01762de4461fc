#!/usr/bin/env bash
# baro_diff: what a build would change of what is published, of which nothing stays.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: diff
roles: {loader: meltano}
YML
m=$project/models
diff() { sql "SELECT concat_ws('|', change, key, column_name, published, built, rows) FROM baro_diff('$1'${2:+, $2})"; }
transform() { sql "CALL baro_transform(${1:-})"; }
model() { cat >"$m/$1.sql"; }
role=postgres sql "CREATE TABLE public.t (id int, v text, at date, price numeric, doc json, spot point); GRANT ALL ON public.t TO meltano" >/dev/null
sql "INSERT INTO t SELECT i, 'v' || i, date '2024-01-01' + i, i * 1.5, json_build_object('a', i), point(i, i) FROM generate_series(1, 20) AS i" >/dev/null
left_behind="SELECT count(*) FROM pg_class WHERE relname ~ '^_baro' OR relname = 'never'"

# --- what was never built -----------------------------------------------------------------------------------------------
model never <<<"{{ config(materialized='table') }} select id, v from public.t where id <= 3"
is "of what was never built all rows are new" "$(diff never)" "added|3
added|1, v1
added|2, v2
added|3, v3"
is "examples may be none" "$(diff never 0)" "added|3"
is "nothing of it stays" "$(role=postgres sql "$left_behind")" 0
is "no build is noted, and no run" "$(role=postgres sql "SELECT (SELECT count(*) FROM barometre_internal.build), (SELECT count(*) FROM barometre.run)")" "0|0"
is "and it is as new as before" "$(sql "SELECT state FROM baro_ls('never')")" new
is "a view likewise" "$(model seen <<<"{{ config(materialized='view') }} select 1 as one"; diff seen)" "added|1
added|1"
is "and a materialized view" "$(model seen <<<"{{ config(materialized='materialized_view') }} select 1 as one"; diff seen)" "added|1
added|1"
rm "$m"/seen.sql

# --- a table, by the key of a test --------------------------------------------------------------------------------------
model facts <<<"select id, v, at, price, doc, spot from public.t"
cat >"$m/schema.yml" <<'YML'
models:
  - {name: facts, columns: [{name: v, tests: [unique: {severity: warn}]}, {name: id, tests: [unique, not_null]}]}
YML
transform >/dev/null
is "what did not change is one row" "$(diff facts)" "unchanged|20"
sql "UPDATE t SET v = 'other' WHERE id IN (1, 2); UPDATE t SET doc = '{\"a\": 0}', spot = '(0,1)' WHERE id = 3; UPDATE t SET price = 6.00 WHERE id = 4; UPDATE t SET v = NULL WHERE id = 6; DELETE FROM t WHERE id = 5; INSERT INTO t VALUES (21, 'v21', '2025-01-01', 1, NULL, NULL)" >/dev/null
stamps="SELECT (SELECT md5(string_agg(b::text, ',' ORDER BY b::text)) FROM barometre_internal.build AS b), (SELECT count(*) FROM barometre_internal.change), (SELECT count(*) FROM barometre.run), (SELECT md5(string_agg(f::text, ',' ORDER BY id)) FROM analytics.facts AS f)"
before=$(role=postgres sql "$stamps")
is "rows that go, come and change, column by column" "$(diff facts)" "removed|1
removed|5|5, v5, 2024-01-06, 7.5, {...
added|1
added|21|21, v21, 2025-01-01, 1, N...
changed|5
changed|v|3
changed|1|v|v1|other
changed|2|v|v2|other
changed|6|v|v6
changed|price|1
changed|4|price|6.0|6.00
changed|doc|1
changed|3|doc|{\"a\" : 3}|{\"a\": 0}
changed|spot|1
changed|3|spot|(3,3)|(0,1)
unchanged|14"
cat >"$m/schema.yml" <<'YML'
models:
  - {name: facts, tests: [{unique: {column_name: id}}], columns: [{name: v, tests: [unique: {severity: warn, where: id > 3}]}]}
YML
like "the test may stand at the table; one of some rows says nothing" "$(notices "SELECT * FROM baro_diff('facts', 0)")" 'rows are matched by id \(test unique\)'
is "fewer examples" "$(diff facts 1 | grep -c '|v|v')" 1
like "it says by what rows are matched" "$(notices "SELECT * FROM baro_diff('facts')")" 'NOTICE:  model "facts": rows are matched by id \(test unique\)'
is "readers, state and runs are as they were" "$(role=postgres sql "$stamps")" "$before"
is "and nothing is left" "$(role=postgres sql "$left_behind AND relname <> 'never'")" 0
transform "'facts', full_refresh => true" >/dev/null
is "once it is published nothing differs" "$(diff facts)" "unchanged|20"
is "as psql shows it, it fits" "$(model long <<<"select 1 as id, repeat('a', 200) as some_longish_name, now() as changed_at"; transform "'long'" >/dev/null; model long <<<"select 1 as id, repeat('a', 199) || 'é' as some_longish_name, 'now' as changed_at"; psql -X -d "$db" -U meltano -c "SELECT * FROM baro_diff('long')" 2>/dev/null | wc -L | awk '{ print ($1 <= 100 ? "fits" : $1) }')" fits
rm "$m/long.sql"

wide() { { echo "{{ config(unique_key='c1') }} select 1 as c1"; for i in {2..1200}; do echo ", $i as c$i"; done; echo ", $1 as last"; } >"$m/wide.sql"; }
wide 1; transform "'wide'" >/dev/null; wide 2
is "many columns" "$(diff wide)" "changed|1
changed|last|1
changed|1|last|1|2"
rm "$m/wide.sql"

# --- other keys, and none -----------------------------------------------------------------------------------------------
rm "$m/schema.yml"
sql "UPDATE t SET v = 'third' WHERE id = 1" >/dev/null
like "without a key rows only go and come" "$(notices "SELECT change, rows FROM baro_diff('facts', 0)")" 'nothing says which columns tell its rows apart'
is "as many as they are" "$(diff facts 0)" "removed|1
added|1
unchanged|19"
is "a row that comes twice is two rows" "$(model twice <<<"select 1 as x union all select 1 union all select 2"; transform "'twice'" >/dev/null; model twice <<<"select 1 as x union all select 2 union all select 2"; diff twice)" "removed|1
removed|1
added|1
added|2
unchanged|2"
sql "CREATE UNIQUE INDEX ON analytics.facts (at, id)" >/dev/null
is "a unique index of its table tells them apart" "$(diff facts)" "changed|1
changed|v|1
changed|2024-01-02, 1|v|other|third
unchanged|19"
model facts <<<"{{ config(unique_key='id') }} select id, v, at, price, doc, spot from public.t"
is "but its unique_key comes first" "$(diff facts | sed -n 3p)" "changed|1|v|other|third"
sql "DROP INDEX analytics.facts_at_id_idx" >/dev/null
model facts <<<"{{ config(unique_key='doc') }} select id, v, at, price, doc, spot from public.t"
is "a key whose type has no equality is compared as text" "$(diff facts | sed -n 3p)" 'changed|{"a" : 1}|v|other|third'

# --- keys that are no keys ----------------------------------------------------------------------------------------------
model keys <<<"{{ config(unique_key='k') }} select k, v from (values (1, 'a'), (1, 'b'), (2, 'c'), (null, 'd'), (3, 'e')) as t(k, v)"
transform "'keys'" >/dev/null
model keys <<<"{{ config(unique_key='k') }} select k, v from (values (1, 'a'), (1, 'x'), (2, 'y'), (null, 'z'), (3, 'e')) as t(k, v)"
is "rows of a key that comes twice, and without one, go and come" "$(diff keys)" "removed|2
removed|1|1, b
removed|NULL|NULL, d
added|2
added|1|1, x
added|NULL|NULL, z
changed|1
changed|v|1
changed|2|v|c|y
unchanged|2"
told=$(notices "SELECT * FROM baro_diff('keys')")
like "which is told of twice" "$told" 'rows of the same k are shown as removed and added: 1, for example'
like "and of none" "$told" 'rows without a value for k are shown as removed and added: 2'

# --- columns ------------------------------------------------------------------------------------------------------------
model shape <<<"{{ config(unique_key='id') }} select 1 as id, 'a'::varchar(3) as \"Odd \"\"name\"\"\", 1.5::numeric(6,2) as n, '7'::text as digits, now()::date as gone"
transform "'shape'" >/dev/null
model shape <<<"{{ config(unique_key='id') }} select 1::bigint as id, 'b'::varchar(6) as \"Odd \"\"name\"\"\", 1.5::numeric(8,4) as n, 7 as digits, timestamp '2024-01-01' as fresh"
is "columns that go, come and get other types" "$(diff shape)" 'column removed|gone|date
column added|fresh|timestamp
column type|id|integer|bigint
column type|Odd "name"|varchar(3)|varchar(6)
column type|n|numeric(6,2)|numeric(8,4)
column type|digits|text|integer
changed|1
changed|Odd "name"|1
changed|1|Odd "name"|a|b'
model shape <<<"{{ config(unique_key='id') }} select 1::bigint as id, 'b'::varchar(6) as \"Odd \"\"name\"\"\", 1.5::numeric(8,4) as n, '7'::text as digits"
is "values that become the same in another type are no change" "$(diff shape | grep -v column)" 'changed|1
changed|Odd "name"|1
changed|1|Odd "name"|a|b'
model shape <<<"{{ config(unique_key='id') }} select 1::bigint as id, 'a'::varchar(2) as \"Odd \"\"name\"\"\", 1.5::numeric(6,2) as n, '7'::text as digits, current_date as gone"
is "another type alone leaves the rows" "$(diff shape)" 'column type|id|integer|bigint
column type|Odd "name"|varchar(3)|varchar(2)
unchanged|1'
role=postgres sql "CREATE VIEW public.foreign_view AS SELECT id FROM analytics.shape" >/dev/null
like "what could not be published is told, and compared all the same" "$(notices "SELECT change, rows FROM baro_diff('shape')")" 'WARNING:  it could not be published: model "shape": column "id" can.t become bigint, because public.foreign_view needs it
unchanged \| *1'
role=postgres sql "DROP VIEW public.foreign_view" >/dev/null

# --- kinds --------------------------------------------------------------------------------------------------------------
model kind <<<"{{ config(materialized='view') }} select id, v from public.t where id < 3"
transform "'kind'" >/dev/null
is "a view that stays shows the same" "$(diff kind)" "unchanged|2"
model kind <<<"{{ config(materialized='view', unique_key='id') }} select id, v || '!' as v from public.t where id < 3"
is "a view is compared by the rows of its query" "$(diff kind 1)" "changed|2
changed|v|2
changed|1|v|third|third!"
model kind <<<"{{ config(materialized='table', unique_key='id') }} select id, v from public.t where id < 3"
is "a view that becomes a table" "$(diff kind 1)" "kind|view|table
unchanged|2"
is "and is none yet" "$(sql "SELECT relkind FROM pg_class WHERE oid = 'analytics.kind'::regclass")" v
model kind <<<"{{ config(materialized='materialized_view', unique_key='id') }} select id, v from public.t where id < 3"
transform "'kind'" >/dev/null
sql "UPDATE t SET v = 'fourth' WHERE id = 1" >/dev/null
is "a materialized view" "$(diff kind)" "changed|1
changed|v|1
changed|1|v|third|fourth
unchanged|1"

# --- incremental models, snapshots, seeds -------------------------------------------------------------------------------
model inc <<<"{{ config(materialized='incremental', unique_key='id') }} select id, v from public.t {% if is_incremental() %} where id in (1, 2, 99) {% endif %}"
transform "'inc'" >/dev/null
sql "UPDATE t SET v = 'fifth' WHERE id IN (1, 3); INSERT INTO t VALUES (99, 'v99')" >/dev/null
is "of an incremental model what its table would become" "$(diff inc)" "added|1
added|99|99, v99
changed|1
changed|v|1
changed|1|v|fourth|fifth
unchanged|19"
model inc <<<"{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }} select id, v, id * 2 as w from public.t where id in (1, 2)"
is "with a column more" "$(diff inc)" "column added|w|integer
changed|1
changed|v|1
changed|1|v|fourth|fifth
unchanged|19"
model inc <<<"{{ config(materialized='incremental', unique_key='id', pre_hook='delete from {{ this }} where id = 20') }} select id, v from public.t where id in (1, 2)"
is "what hooks delete is gone too" "$(diff inc)" "removed|1
removed|20|20, v20
changed|1
changed|v|1
changed|1|v|fourth|fifth
unchanged|18"
is "and is not deleted" "$(sql "SELECT count(*) FROM analytics.inc WHERE id = 20")" 1
model inc <<<"{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }} select 1 as id, v from public.t where id in (1, 2)"
like "what a build refuses is its error" "$(diff inc)" 'ERROR:  models/inc.sql:1: model "inc": a key of the new rows comes 2 times'
rm "$m/inc.sql"
mkdir -p "$project/snapshots"
echo "{% snapshot hist %}{{ config(strategy='check', check_cols='all', unique_key='id') }} select id, v from public.t where id < 4{% endsnapshot %}" >"$project/snapshots/hist.sql"
transform "'hist'" >/dev/null
sql "UPDATE t SET v = 'sixth' WHERE id = 1" >/dev/null
is "of a snapshot the version that ends, and the one that begins" "$(diff hist 0)" "added|1
changed|1
changed|dbt_valid_to|1
unchanged|2"
printf 'code,label\n1,one\n2,two\n' >"$project/seeds/codes.csv"
sql "SELECT count(*) FROM baro_seed()" >/dev/null
printf 'code,label\n1,one\n3,three\n' >"$project/seeds/codes.csv"
is "a seed" "$(diff codes)" "removed|1
removed|2, two
added|1
added|3, three
unchanged|1"
is "is not loaded by it" "$(sql "SELECT string_agg(label, ' ') FROM analytics.codes")" "one two"

# --- what another program published -------------------------------------------------------------------------------------
sql "CREATE TABLE analytics.dbt (id int PRIMARY KEY, v text); INSERT INTO analytics.dbt VALUES (1, 'a'), (2, 'b')" >/dev/null
model dbt <<<"select * from (values (1, 'a'), (2, 'c'), (3, 'd')) as t(id, v)"
is "a table that another program made under its name is what is published" "$(diff dbt)" "added|1
added|3|3, d
changed|1
changed|v|1
changed|2|v|b|c
unchanged|1"
is "and stays that" "$(sql "SELECT string_agg(v, ' ') FROM analytics.dbt")" "a b"
sql "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t; SELECT count(*) FROM baro_diff('dbt'); COMMIT" >"$BARO_DATA/out"
is "within a transaction with one snapshot, too" "$(tail -1 "$BARO_DATA/out")" 6

use_points
model race <<<"{{ config(materialized='incremental', unique_key='id') }} select id, v from public.t where id < 5"
transform "'race'" >/dev/null
sql "UPDATE t SET v = v || '!' WHERE id < 5" >/dev/null
stop_at diff.compared
diff race 0 >"$BARO_DATA/out" &
at_point diff.compared
like "while it compares, others build and publish" "$(notices "CALL baro_transform('race', full_refresh => true)")" 'race: built, 4 rows'
go_on diff.compared
wait $!
like "and it says so, and shows nothing that is half the old and half the new" "$(cat "$BARO_DATA/out")" 'ERROR:  model "race": another session changed analytics.race while it was compared'

# --- what is no answer --------------------------------------------------------------------------------------------------
like "a near miss" "$(diff fact)" 'ERROR:  unknown model or seed "fact"|HINT:  Did you mean "facts"'
like "a negative number" "$(diff facts -1)" 'ERROR:  baro_diff wants the name of a model'
model inner <<<"{{ config(materialized='ephemeral') }} select 1 as x"
like "what is never published" "$(diff inner)" 'ERROR:  model "inner" is ephemeral, and nothing of it is published'
model off <<<"{{ config(enabled=false) }} select 1 as x"
like "what is disabled" "$(diff off)" 'ERROR:  model "off" is disabled'
model on <<<"select * from {{ ref('absent') }}"
model absent <<<"select 1 as x"
like "what reads what is not there" "$(diff on)" 'ERROR:  model "on" can.t be built: model "absent" was never built'
model bad <<<"select 1/0 as x"
like "a query that fails" "$(diff bad)" 'ERROR:  model "bad" \(models/bad.sql\): division by zero'
rm "$m"/{on,absent,bad,inner,off}.sql
model slow <<<"select pg_sleep(30)::text as x"
like "it can be cancelled" "$(sql "SET statement_timeout = 200; SELECT * FROM baro_diff('slow')")" 'ERROR:  model "slow" \(models/slow.sql\): canceling statement due to statement timeout'
is "and nothing is left" "$(role=postgres sql "SELECT count(*) FROM pg_class WHERE relname ~ '^_baro'")" 0
like "it is refused where nothing can be written" "$(sql "BEGIN READ ONLY; SELECT * FROM baro_diff('facts')")" 'ERROR:  cannot execute baro_diff\(\) in a read-only transaction'
role=postgres sql "CREATE TABLE analytics.hidden AS SELECT 1 AS x" >/dev/null
model hidden <<<"select 1 as x"
like "what the owner of the project may not read" "$(diff hidden)" 'ERROR:  model "hidden": permission denied for table hidden'
rm "$m/hidden.sql"
role=postgres sql "CREATE ROLE diff_stranger LOGIN" >/dev/null
like "who may not call" "$(role=diff_stranger sql "SELECT * FROM baro_diff('facts')")" 'permission denied for function baro_diff'
role=postgres sql "DROP ROLE diff_stranger" >/dev/null
finish
