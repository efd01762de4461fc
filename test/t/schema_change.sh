#!/usr/bin/env bash
# Columns of incremental models: those that come and go by on_schema_change: sync_all_columns, and types that change.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: schema_change
roles: {loader: meltano}
YML
m=$project/models
by_id="unique_key='id',"
model() { # NAME SELECT [STRATEGY]
    local keys=${3-$by_id}
    echo "{{ config(materialized='incremental', $keys on_schema_change='${way:-sync_all_columns}') }} $2" >"$m/$1.sql"
}
transform() { notices "CALL baro_transform('$1'${2:-})"; }
rows() { sql "SELECT string_agg(t::text, ' ' ORDER BY t::text COLLATE \"C\") FROM analytics.$1 AS t"; }
columns() { sql "SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = 'analytics.$1'::regclass AND a.attnum > 0 AND NOT a.attisdropped"; }
file() { sql "SELECT pg_relation_filenode('analytics.$1')"; }

# --- columns that come and go -------------------------------------------------------------------------------------------
model s "select i as id, 'a' || i as gone, i * 2 as n from generate_series(1, 3) i"
transform s >/dev/null
oid=$(sql "SELECT 'analytics.s'::regclass::oid") in=$(file s)
model s "select i as id, i * 3 as n, 'f' || i as fresh from generate_series(3, 4) i"
is "baro_plan says it" "$(sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_plan('s')")" "stale|its SQL changed; columns: + fresh text, - gone"
is "baro_diff shows it" "$(sql "SELECT concat_ws('|', change, key, column_name, published, built, rows) FROM baro_diff('s', 0)")" "column removed|gone|text
column added|fresh|text
added|1
changed|1
changed|n|1
unchanged|2"
told=$(transform s)
like "a column that the query no longer gives is told" "$told" 'NOTICE:  model "s": its query no longer gives "gone", and on_schema_change: sync_all_columns removes it from its table'
like "and what changed" "$told" 's: built incrementally, 4 rows \(2 added, 1 removed, 2 unchanged; columns: \+ fresh text, - gone\)'
is "the rows" "$(rows s)" "(1,2,) (2,4,) (3,9,f3) (4,12,f4)"
is "in the same table, whose rows were not written anew" "$(sql "SELECT 'analytics.s'::regclass::oid") $(file s)" "$oid $in"
like "then nothing is to do" "$(transform s)" 's: unchanged'
way=append_new_columns model s "select 5 as id, 'z' as fresh"
transform s >/dev/null
is "other ways keep it" "$(columns s)" "fresh text, id integer, n integer"
model s "select 6 as id, 'z' as fresh" "incremental_strategy='append',"
transform s >/dev/null
is "append, too" "$(rows s)" "(1,) (2,) (3,f3) (4,f4) (5,z) (6,z)"
model s "select 'z' as fresh"
like "its key stays" "$(transform s)" 'its unique_key "id" is none of its columns'
model s "select 7 as id"
role=postgres sql "CREATE VIEW public.reader AS SELECT id, fresh FROM analytics.s" >/dev/null
told=$(transform s)
like "a view of others that needs it is an error" "$told" 'ERROR:  model "s": column "fresh" can.t be removed, because public.reader needs it'
like "with what to do" "$told" "HINT:  DROP VIEW public.reader; CALL baro_transform\('s'\); then create it again"
is "in baro_plan as well" "$(sql "SELECT state FROM baro_plan('s')")" blocked
is "and a warning of baro_diff" "$(notices "SELECT change FROM baro_diff('s', 0)" | grep -c 'WARNING:  it could not be published: model "s": column "fresh" can.t be removed')" 1
is "nothing went" "$(columns s)" "fresh text, id integer"
role=postgres sql "DROP VIEW public.reader" >/dev/null
echo "{{ config(materialized='view') }} select * from {{ ref('s') }}" >"$m/seen.sql"
model s "select 6 as id, 'z' as fresh" "incremental_strategy='append',"
transform '*' >/dev/null
model s "select 8 as id, 'late' as other"
transform '*' >/dev/null
is "a view of the project follows" "$(rows seen)" "(1,) (2,) (3,) (4,) (5,) (6,) (8,late)"
rm "$m"/*

# --- types with more room, in all ways ----------------------------------------------------------------------------------
for way in ignore fail append_new_columns sync_all_columns; do
    sql "DROP TABLE IF EXISTS analytics.w" >/dev/null
    model w "select 1 as id, 'abc'::varchar(3) as v, 1.25::numeric(6,2) as n, 'x'::varchar(3) collate \"C\" as c"
    transform w >/dev/null
    in=$(file w)
    sql "CREATE INDEX ON analytics.w (v)" >/dev/null
    model w "select 2 as id, 'abcdef'::varchar(6) as v, 12345.25::numeric(8,2) as n, 'xyz' collate \"C\" as c"
    transform w >/dev/null
    is "$way: varchar(3) becomes varchar(6), numeric(6,2) numeric(8,2), varchar text" "$(columns w); $(rows w)" \
        "c text, id integer, n numeric(8,2), v character varying(6); (1,abc,1.25,x) (2,abcdef,12345.25,xyz)"
    is "$way: without writing a row anew" "$(file w)" "$in"
    is "$way: collations stay" "$(sql "SELECT collname FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation WHERE attrelid = 'analytics.w'::regclass AND attname = 'c'")" C
    model w "select 3 as id, 'ab'::varchar(2) as v, 1.5::numeric(8,2) as n, 'x' collate \"C\" as c"
    transform w >/dev/null
    is "$way: and stay so where the query has less" "$(columns w)" "c text, id integer, n numeric(8,2), v character varying(6)"
done
model w "select 4 as id, 'ab'::varchar(2) as v, 1.125::numeric(10,4) as n, 'x' collate \"C\" as c"
like "more digits behind the point" "$(transform w)" 'w: built, 4 rows \(columns: n becomes numeric\(10,4\)\)'
is "rows are written anew then, and are the same" "$(rows w)" "(1,abc,1.2500,x) (2,abcdef,12345.2500,xyz) (3,ab,1.5000,x) (4,ab,1.1250,x)"
is "what the last build did" "$(sql "SELECT inserted, deleted, unchanged FROM barometre.step WHERE name = 'w' ORDER BY run DESC LIMIT 1")" "1|0|3"

# --- other types --------------------------------------------------------------------------------------------------------
way=sync_all_columns
model t "select i as id, i * 10 as n, date '2024-01-01' as d, i::text as k from generate_series(1, 3) i"
transform t >/dev/null
model t "select 3::bigint as id, 5000000000 as n, timestamp '2024-01-03 10:00' as d, '3' as k" "unique_key='id', post_hook='create table if not exists analytics.hooked as select {{ is_incremental() }} as goes_on',"
is "what baro_diff says" "$(sql "SELECT concat_ws('|', change, key, column_name, published, built, rows) FROM baro_diff('t', 0)")" "column type|id|integer|bigint
column type|n|integer|bigint
column type|d|date|timestamp
changed|1
changed|n|1
changed|d|1
unchanged|2"
transform t >/dev/null
is "types follow the query" "$(columns t)" "d timestamp without time zone, id bigint, k text, n bigint"
is "old rows with them" "$(rows t)" '(1,10,"2024-01-01 00:00:00",1) (2,20,"2024-01-01 00:00:00",2) (3,5000000000,"2024-01-03 10:00:00",3)'
is "for a hook it goes on" "$(sql "SELECT goes_on FROM analytics.hooked")" t
model t "select 4::bigint as id, 40 as n, timestamp '2024-01-03 10:00' as d, '4' as k"
told=$(transform t)
like "values that don't fit are an error" "$told" 'ERROR:  models/t.sql:1: model "t": column "n" can.t become integer: .*integer out of range'
like "with what to do" "$told" 'HINT:  Cast the column in the query, or build the whole table anew'
model t "select 4::bigint as id, 40::bigint as n, date '2024-01-03' as d, '4' as k"
like "and so are those that would be cut" "$(transform t)" 'column "d" can.t become date: values of 1 rows would be others'
model t "select 4::bigint as id, 40::bigint as n, timestamp '2024-01-03 10:00' as d, 4 as k"
like "or that the server does not assign" "$(transform t)" 'column "k" of its table is text, and its query gives integer, which that can.t become'
like "baro_plan knows the last" "$(sql "SELECT state || ' ' || replace(reason, E'\n', ' ') FROM baro_plan('t')")" 'blocked .*which that can.t become'
is "nothing of it is published" "$(columns t)" "d timestamp without time zone, id bigint, k text, n bigint"
way=append_new_columns model t "select 4::bigint as id, 1.5 as n, timestamp '2024-01-03 10:00' as d, '4' as k"
like "other ways refuse a type that does not fit, as before" "$(transform t)" 'column "n" of its table is bigint, and its query gives numeric'
way=sync model t "select 1 as id"
like "a near miss" "$(transform t)" 'on_schema_change'

# --- others who write ---------------------------------------------------------------------------------------------------
rm "$m"/*
use_points
model o "select 1 as id, 1 as n"
transform o >/dev/null
model o "select 1 as id, 2::bigint as n"
stop_at transform.built
notices "CALL baro_transform('o')" >"$BARO_DATA/out" &
at_point transform.built
sql "INSERT INTO analytics.o VALUES (9, 9)" >/dev/null
go_on transform.built
wait $!
like "what another session wrote meanwhile is not lost" "$(cat "$BARO_DATA/out")" 'another session changed analytics.o while it was being built'
is "but there" "$(rows o)" "(1,1) (9,9)"
transform o >/dev/null
is "and stays" "$(rows o); $(columns o)" "(1,2) (9,9); id integer, n bigint"
finish
