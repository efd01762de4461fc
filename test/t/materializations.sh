#!/usr/bin/env bash
# What models become beside tables and views: ephemeral, incremental, materialized_view; and aliases.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: shapes
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: s, path: ., pattern: 's.*\.csv', key_properties: [id]}
      - {name: days, path: ., pattern: 'days.*\.csv', key_properties: [id]}
YML
m=$project/models
transform() { ask builder "CALL baro_transform(${1:-})"; }
open_session builder meltano
load() { sql "SELECT count(*) FROM baro_run('t')" >/dev/null; }
oid() { sql "SELECT '$1'::regclass::oid"; }
put() { # FILE, LINES
    local file=$1
    shift
    printf '%s\n' "$@" > "$BARO_DATA/$file"
    chmod a+r "$BARO_DATA/$file"
}

# --- ephemeral ---------------------------------------------------------------------------------------------------------
put s.csv id,v 1,10 2,20 3,30
put days.csv id,day,n 1,2024-01-01,5 2,2024-01-01,6 3,2024-01-02,7
load
cat > "$m/middle.sql" <<'SQL'
{{ config(materialized='ephemeral') }}
select id, v * 2 as w -- twice
from {{ source('t', 's') }};
SQL
echo "select sum(w) as total, count(*) as n from {{ ref('middle') }} where middle.w > 0" > "$m/sums.sql"
echo "select a.w from analytics.middle a join {{ ref('middle') }} as b using (id) union all select middle.w from middle where analytics.middle.id = 1" > "$m/joined.sql"
like "an ephemeral model is no model to build" "$(transform)" 'transform: 2 models built'
is "and is put where it is read" "$(sql "SELECT total, n FROM analytics.sums")" "120|3"
is "under each of its names" "$(sql "SELECT sum(w) FROM analytics.joined")" 140
is "nothing of it is there" "$(sql "SELECT to_regclass('analytics.middle') IS NULL")" t
is "baro_ls shows what it is" "$(sql "SELECT materialized, state FROM baro_ls('middle')")" "ephemeral|current"
sed -i 's/v \* 2/v * 3/' "$m/middle.sql"
is "another SQL of it makes stale who reads it" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM baro_ls() WHERE state = 'stale'")" "joined sums"
transform >/dev/null
is "and comes to them" "$(sql "SELECT total FROM analytics.sums")" 180
put s2.csv id,v 4,40
load
is "so do new data behind it" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM baro_ls() WHERE state = 'stale'")" "joined sums"
cat > "$m/p.yml" <<'YML'
models:
  - name: middle
    columns: [{name: w, tests: [not_null, {accepted_values: {values: [30, 60, 90]}}]}]
YML
like "its tests are run on what is built from" "$(transform)" 'test accepted_values of middle.w: 1 failing rows'
is "and what reads it is not published then" "$(sql "SELECT total FROM analytics.sums")" 180
echo "select 1 as x" > "$m/apart.sql"
transform "'*', on_failure => 'skip'" >/dev/null
is "with on_failure => skip only what is made of it is left out" "$(sql "SELECT (SELECT total FROM analytics.sums), (SELECT x FROM analytics.apart)")" "180|1"
is "baro_test runs them too" "$(sql "SELECT target, status FROM baro_test('middle') ORDER BY 1, 2")" "middle.w|fail
middle.w|pass"
rm "$m/p.yml"
echo "select * from {{ ref('middle') }} where w > 30" > "$m/inner_one.sql"
sed -i '1i {{ config(materialized="ephemeral") }}' "$m/inner_one.sql"
echo "select count(*) as n from {{ ref('inner_one') }}" > "$m/outer_one.sql"
transform >/dev/null
is "one in another" "$(sql "SELECT n FROM analytics.outer_one")" 3
printf 'select\n  id,\n  nope from {{ ref("middle") }}' > "$m/bad.sql"
like "lines of who reads it stay what they are" "$(transform "'bad'")" 'model "bad" \(models/bad.sql, line 3\): column "nope"'
printf '{{ config(materialized="ephemeral") }}\nselect id,, v from {{ source("t", "s") }}' > "$m/middle.sql"
like "an error in it names its own file" "$(transform "'sums'")" 'model "middle" \(models/middle.sql, line 2\): syntax error'
rm "$m"/*.sql
printf 'select 1 as x' > "$m/e.sql"; sed -i '1i {{ config(materialized="ephemeral", indexes=[{"columns": ["x"]}]) }}' "$m/e.sql"
like "an index of nothing is refused" "$(transform)" 'models/e.sql:1: model "e" is ephemeral, and has nothing to index'
rm "$m"/*.sql

# --- incremental -------------------------------------------------------------------------------------------------------
cat > "$m/facts.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id') }}
select id, v, v * 2 as w from {{ source('t', 's') }}
{% if is_incremental() %}
where id > (select max(id) - 1 from {{ this }})
{% endif %}
SQL
echo "select count(*) as n, sum(v) as v from {{ ref('facts') }}" > "$m/over.sql"
like "first an incremental model is built as a table" "$(transform)" 'model facts: built, 4 rows'
before=$(oid analytics.facts)
put s3.csv id,v 5,50 4,44
load
like "then only its new rows are" "$(transform)" 'model facts: built incrementally, 5 rows \(2 added, 1 removed, 3 unchanged\)'
is "the row with the same key is replaced" "$(sql "SELECT string_agg(id || ':' || v, ' ' ORDER BY id) FROM analytics.facts")" "1:10 2:20 3:30 4:44 5:50"
is "in the same table" "$(oid analytics.facts)" "$before"
is "who reads it has seen what is published" "$(sql "SELECT n, v FROM analytics.over")" "5|154"
is "afterwards nothing is stale" "$(sql "SELECT count(*) FROM baro_ls() WHERE state <> 'current'")" 0
rows=$(sql "SELECT string_agg(ctid::text || xmin, ',' ORDER BY id) FROM analytics.facts")
put s4.csv id,v 1,11
load
like "rows that stay the same are not written" "$(transform)" 'model facts: built incrementally, 5 rows \(0 added, 0 removed, 5 unchanged\)'
is "none at all" "$(sql "SELECT string_agg(ctid::text || xmin, ',' ORDER BY id) FROM analytics.facts")" "$rows"
cat > "$m/p.yml" <<'YML'
models:
  - name: facts
    columns: [{name: v, tests: [{expression_is_true: {expression: '< 100'}}]}, {name: id, tests: [unique]}]
YML
put s5.csv id,v 6,600
load
like "new rows are tested before they are published" "$(transform)" 'test expression_is_true of facts.v: 1 failing rows'
is "and not published when they fail" "$(sql "SELECT max(v) FROM analytics.facts")" 50
is "what stays is tested with them" "$(sql "SELECT count(*) FROM barometre.test_result WHERE run = (SELECT max(id) FROM barometre.run) AND test = 'unique' AND status = 'pass'")" 1
put s5.csv id,v 6,60
load
transform >/dev/null
is "until they are right" "$(sql "SELECT max(v) FROM analytics.facts")" 60
like "a full refresh builds all of it anew" "$(transform "'facts', full_refresh => true")" 'model facts: built, 6 rows \(1 added, 1 removed, 5 unchanged\)'
is "also what the increments did not see" "$(sql "SELECT v FROM analytics.facts WHERE id = 1")" 11
like "no private table is left" "$(sql "SELECT count(*) FROM pg_class WHERE relname LIKE '\_baro\_%' AND relkind IN ('r', 'v')")" '^0$'

# Strategies.
rm "$m"/*
cat > "$m/per_day.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete+insert') }}
select day, id, n from {{ source('t', 'days') }}
{% if is_incremental() %}where day >= (select max(day) from {{ this }}){% endif %}
SQL
transform >/dev/null
put days2.csv id,day,n 4,2024-01-02,8 5,2024-01-03,9
load
like "delete+insert takes the place of all rows of a key" "$(transform)" 'per_day: built incrementally, 5 rows \(2 added, 0 removed, 3 unchanged\)'
is "and keeps the others" "$(sql "SELECT string_agg(id || ':' || n, ' ' ORDER BY id) FROM analytics.per_day")" "1:5 2:6 3:7 4:8 5:9"
sed -i "s/delete+insert/merge/; s/'day'/['day', 'id']/" "$m/per_day.sql"
transform >/dev/null
put days3.csv id,day,n 5,2024-01-03,99 6,2024-01-04,1
load
transform >/dev/null
is "merge replaces by key and adds the others" "$(sql "SELECT string_agg(id || ':' || n, ' ' ORDER BY id) FROM analytics.per_day")" "1:5 2:6 3:7 4:8 5:99 6:1"
sed -i "s/\['day', 'id'\]/'day'/; s/(select max(day) from {{ this }})/'2024-01-01'/" "$m/per_day.sql"
like "a key that comes twice is refused by merge" "$(transform)" 'model "per_day": a key of the new rows comes 2 times'
is "and nothing changed" "$(sql "SELECT count(*) FROM analytics.per_day")" 6
sed -i "s/unique_key='day', incremental_strategy='merge'/incremental_strategy='append'/; s/day >= '2024-01-01'/id = 6/" "$m/per_day.sql"
like "append adds" "$(transform)" 'per_day: built incrementally, 7 rows \(1 added, 0 removed, 6 unchanged\)'
sed -i "s/incremental_strategy='append'/unique_key='nope', incremental_strategy='delete+insert'/" "$m/per_day.sql"
like "a key must be a column" "$(transform)" 'its unique_key "nope" is none of its columns'
sed -i "s/unique_key='nope', //" "$m/per_day.sql"
like "delete+insert needs a key" "$(transform)" 'incremental_strategy delete\+insert of model "per_day" needs a unique_key'
cat > "$m/per_day.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='day') }}
select case when id < 6 then day end as day, id, n from {{ source('t', 'days') }}
SQL
like "a row without a key is refused" "$(transform)" '1 new rows have no value for "day"'
rm "$m"/*

# Changes of columns.
cat > "$m/wide.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id') }}
select id, v from {{ source('t', 's') }} {% if is_incremental() %}where id >= 6{% endif %}
SQL
transform >/dev/null
sed -i 's/select id, v/select id, v, 1 as extra/' "$m/wide.sql"
like "a new column is left out, and that is told" "$(transform)" 'its query gives "extra", which its table lacks'
sed -i "s/unique_key='id'/unique_key='id', on_schema_change='fail'/" "$m/wide.sql"
like "or refused" "$(transform)" 'its columns changed, and on_schema_change is fail'
sed -i "s/='fail'/='append_new_columns'/" "$m/wide.sql"
before=$(oid analytics.wide)
like "or appended" "$(transform)" 'wide: built incrementally, 6 rows \(1 added, 1 removed, 5 unchanged; columns: \+ extra integer\)'
is "which is NULL in older rows" "$(sql "SELECT count(*) FILTER (WHERE extra IS NULL), sum(extra) FROM analytics.wide")" "5|1"
is "the table is the same" "$(oid analytics.wide)" "$before"
like "the second time the column is there" "$(transform "'wide'")" 'wide: unchanged'
sed -i "s/select id, v, 1 as extra/select id, 2 as extra/" "$m/wide.sql"
transform >/dev/null
is "what the query no longer gives is NULL in new rows then" "$(sql "SELECT v IS NULL, extra FROM analytics.wide WHERE id = 6")" "t|2"
sed -i "s/, on_schema_change='append_new_columns'//" "$m/wide.sql"
like "without that it is an error" "$(transform)" 'its query no longer gives "v"'
sed -i "s/select id, 2 as extra/select id, v::numeric + 0.5 as v, 2 as extra/" "$m/wide.sql"
like "values are not rounded to fit" "$(transform)" 'column "v" of its table is bigint, and its query gives numeric'
is "plan says the same" "$(sql "SELECT state, replace(reason, E'\n', ' ') ~ 'its query gives numeric' FROM baro_plan('wide')")" "blocked|t"
transform "'wide', full_refresh => true" >/dev/null
is "a full refresh takes them" "$(sql "SELECT v FROM analytics.wide WHERE id = 1")" 11.5
echo "select 1 as x" > "$m/wide.sql"; sed -i '1i {{ config(materialized="incremental", incremental_strategy="insert_overwrite") }}' "$m/wide.sql"
like "an unknown strategy is refused" "$(transform)" 'incremental_strategy" can.t be "insert_overwrite"|must be|insert_overwrite'
rm "$m"/*

# --- materialized_view -------------------------------------------------------------------------------------------------
cat > "$m/heap.sql" <<'SQL'
{{ config(materialized='materialized_view') }}
select v % 2 as odd, count(*) as n from {{ source('t', 's') }} group by 1
SQL
echo "select sum(n) as n from {{ ref('heap') }}" > "$m/over.sql"
transform >/dev/null
is "a materialized view is one" "$(sql "SELECT relkind FROM pg_class WHERE oid = 'analytics.heap'::regclass")" m
is "with its rows" "$(sql "SELECT string_agg(odd || ':' || n, ' ' ORDER BY odd) FROM analytics.heap")" "0:5 1:1"
is "baro_ls knows it" "$(sql "SELECT materialized, state, rows FROM baro_ls('heap')")" "materialized_view|current|2"
like "unchanged it stays" "$(transform)" 'model heap: unchanged'
is "a model that is unchanged is told once" "$(transform | grep -c 'heap: unchanged')" 1
before=$(oid analytics.heap)
sql "CREATE INDEX by_hand ON analytics.heap (n); GRANT SELECT ON analytics.heap TO PUBLIC" >/dev/null
put s6.csv id,v 7,71
load
like "new data refresh it" "$(transform)" 'model heap: built, 2 rows \(1 added, 1 removed, 1 unchanged\)'
is "where it is" "$(oid analytics.heap)" "$before"
is "with what is new" "$(sql "SELECT n FROM analytics.heap WHERE odd = 1")" 2
is "who reads it is built from that" "$(sql "SELECT n FROM analytics.over")" 7
sql "CREATE UNIQUE INDEX by_key ON analytics.heap (odd)" >/dev/null
put s7.csv id,v 8,81
load
open_session reader meltano
ask reader "BEGIN; SELECT count(*) FROM analytics.heap" >/dev/null
psql -X -q -d "$db" -U meltano -c "SET lock_timeout = '2s'" -c "CALL baro_transform()" >/dev/null 2>&1
is "with a unique index no reader stands in its way" "$(sql "SELECT n FROM analytics.heap WHERE odd = 1")" 3
close_session reader
sed -i 's/v % 2/v % 3/' "$m/heap.sql"
transform >/dev/null
is "another SQL makes it anew" "$(sql "SELECT count(*) FROM analytics.heap WHERE odd = 2")" 1
is "with its indexes and grants" "$(sql "SELECT count(*) FROM pg_indexes WHERE tablename = 'heap'"),$(sql "SELECT has_table_privilege('public', 'analytics.heap', 'SELECT')" 2>/dev/null || sql "SELECT relacl::text ~ '[{,]=r' FROM pg_class WHERE relname = 'heap'")" "2,t"
cat > "$m/p.yml" <<'YML'
models:
  - name: heap
    columns: [{name: n, tests: [{expression_is_true: {expression: '< 5'}}]}]
YML
put s8.csv id,v 9,90 10,93 11,96
load
like "it is tested before readers see it" "$(transform)" 'test expression_is_true of heap.n: 2 failing rows'
is "they have the old one" "$(sql "SELECT sum(n) FROM analytics.heap")" 8
rm "$m/p.yml"
sed -i "s/materialized_view/table/" "$m/heap.sql"
transform >/dev/null
is "it can become a table" "$(sql "SELECT relkind FROM pg_class WHERE oid = 'analytics.heap'::regclass")" r
sed -i "s/'table'/'materialized_view'/" "$m/heap.sql"
transform >/dev/null
is "and that one again" "$(sql "SELECT relkind FROM pg_class WHERE oid = 'analytics.heap'::regclass")" m
sed -i "s/'materialized_view'/'view'/" "$m/heap.sql"
transform >/dev/null
is "or a view" "$(sql "SELECT relkind FROM pg_class WHERE oid = 'analytics.heap'::regclass")" v
rm "$m"/*
echo "select id, v from {{ source('t', 's') }}" > "$m/base.sql"
echo "{{ config(materialized='materialized_view') }} select v, count(*) as n from {{ ref('base') }} group by v" > "$m/counted.sql"
echo "{{ config(materialized='view') }} select v from {{ ref('counted') }}" > "$m/shown.sql"
transform >/dev/null
sed -i 's/select id, v/select id, v::text as v/' "$m/base.sql"
transform >/dev/null
is "columns below materialized views may change" "$(sql "SELECT pg_typeof(v), (SELECT relkind FROM pg_class WHERE oid = 'analytics.counted'::regclass) FROM analytics.shown LIMIT 1")" "text|m"
is "after which nothing is stale" "$(sql "SELECT string_agg(name || replace(reason, E'\n', ' '), ',') FROM baro_ls() WHERE state <> 'current'")" ""
rm "$m"/*

# --- alias -------------------------------------------------------------------------------------------------------------
cat > "$m/long_name.sql" <<'SQL'
{{ config(alias='short', schema='api') }}
select 1 as id, '{{ this }}' as me
SQL
echo "select id from {{ ref('long_name') }}" > "$m/reader.sql"
echo "select id from api.short" > "$m/plain_reader.sql"
cat > "$m/p.yml" <<'YML'
models: [{name: long_name, description: 'Known by another name', columns: [{name: id, tests: [unique]}]}]
YML
transform >/dev/null
is "a model may have another name in the database" "$(sql "SELECT id, me FROM api.short")" "1|api.short"
is "by which plain SQL reads it" "$(sql "SELECT input FROM barometre_internal.model_edge WHERE model = 'plain_reader'")" long_name
is "refs find it" "$(sql "SELECT id FROM analytics.reader")" 1
is "its tests too" "$(sql "SELECT status FROM baro_test('long_name')")" pass
is "and its description" "$(sql "SELECT obj_description('api.short'::regclass)")" "Known by another name"
is "baro_ls knows the model" "$(sql "SELECT state, rows FROM baro_ls('long_name')")" "current|1"
finish
