#!/usr/bin/env bash
# What models become, in awkward places: types, row security, writers beside a call, hooks that write, kinds that change.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: awkward_shapes
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: s, path: ., pattern: 's.*\.csv', key_properties: [id]}
YML
m=$project/models
transform() { ask builder "CALL baro_transform(${1:-})"; }
open_session builder meltano
put() { # FILE, LINES: into the data directory, and from there into the stream
    local file=$1
    shift
    printf '%s\n' "$@" > "$BARO_DATA/$file"
    chmod a+r "$BARO_DATA/$file"
    sql "SELECT count(*) FROM baro_run('t')" >/dev/null
}
stale() { sql "SELECT string_agg(name || ': ' || coalesce(replace(reason, E'\n', ' '), ''), ', ' ORDER BY name) FROM baro_ls() WHERE state <> 'current'"; }
plan() { sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_plan('$1') WHERE name = '$1'"; }
private() { role=postgres sql "SELECT count(*) FROM pg_class WHERE relname LIKE '\_baro\_%'"; }
start() { rm -f "$m"/*; role=postgres sql "DROP SCHEMA IF EXISTS analytics CASCADE" >/dev/null; }

# --- incremental: types ------------------------------------------------------------------------------------------------
put s.csv id,v 1,10 2,20 3,30
cat > "$m/j.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='k') }}
select json_build_object('a', id) as k, v from {{ source('t', 's') }}
SQL
like "a key that can't be compared is an error with its place" "$(transform)" \
    '^ERROR:  models/j.sql:1: model "j": its unique_key "k" is of type json, whose values'
is "and nothing is built" "$(sql "SELECT to_regclass('analytics.j') IS NULL")" t
for rows in "(1, 'a'), (1, 'b')|a key of the new rows comes 2 times" "(1, 'a'), (NULL, 'b')|1 new rows have no value for" "(1, 'a')|its unique_key \"nope\" is none of its columns"; do
    key=k; [[ $rows == *nope* ]] && key=nope
    echo "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='$key') }} select * from (values ${rows%|*}) as x(k, v)" > "$m/j.sql"
    like "the first build looks at its keys: ${rows#*|}" "$(transform)" "${rows#*|}"
done
echo "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='k') }} select * from (values (1, 'a')) as x(k, v)" > "$m/j.sql"; transform >/dev/null
echo "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='k') }} select * from (values (1, 'a'), (1, 'b')) as x(k, v)" > "$m/j.sql"
like "and full_refresh does" "$(transform "'j', full_refresh => true")" 'a key of the new rows comes 2 times'
start
cat > "$m/l.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id') }}
select id, v::float8 as v, 'x'::name as n from {{ source('t', 's') }}
SQL
transform >/dev/null
sed -i "s/v::float8/v/" "$m/l.sql"
like "casts that may round are refused, though the server makes them by itself" "$(transform)" 'column "v" of its table is double precision, and its query gives bigint'
sed -i "s/ v as v/ v::float8 as v/; s/'x'::name/repeat('x', 70)/" "$m/l.sql"
like "so are those that may cut" "$(transform)" 'column "n" of its table is name, and its query gives text'
sed -i "s/v::float8/v::real/; s/repeat('x', 70)/'y'::name/" "$m/l.sql"
like "others are made" "$(transform)" 'l: built incrementally, 3 rows \(3 added, 3 removed'
start
cat > "$m/c.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='k', on_schema_change='append_new_columns') }}
select id::text collate "C" as k, v from {{ source('t', 's') }}
SQL
transform >/dev/null
sed -i 's/collate "C" as k, v/collate "POSIX" as k, v + 1 as v, '"'a'"' collate "POSIX" as more/' "$m/c.sql"
like "another collation of the query is no other key" "$(transform)" 'c: built incrementally, 3 rows \(3 added, 3 removed, 0 unchanged'
is "what is appended has the query's collation" "$(sql "SELECT string_agg(collname, ' ' ORDER BY attnum) FROM pg_attribute a JOIN pg_collation c ON c.oid = attcollation WHERE attrelid = 'analytics.c'::regclass AND atttypid = 'text'::regtype")" "C POSIX"
start
sql "CREATE DOMAIN public.baro_positive AS int CHECK (value > 0)" >/dev/null
cat > "$m/d.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select id, v from {{ source('t', 's') }}
SQL
transform >/dev/null
sql "UPDATE analytics.d SET v = v WHERE id = 1" >/dev/null
before=$(sql "SELECT string_agg(id || ':' || v, ' ' ORDER BY id) FROM analytics.d")
sed -i "s/id, v from.*/id, v + 1 as v, 5::public.baro_positive as p from {{ source('t', 's') }} {% if is_incremental() %}where id = 3{% endif %}/" "$m/d.sql"
like "a domain whose addition would move the rows is refused" "$(transform)" 'column "p" can.t be appended, because the domain (public\.)?baro_positive has constraints'
is "and no row is taken for another" "$(sql "SELECT string_agg(id || ':' || v, ' ' ORDER BY id) FROM analytics.d")" "$before"
transform "full_refresh => true" >/dev/null
is "a full refresh takes it" "$(sql "SELECT count(p) FROM analytics.d")" 3
sql "ALTER TABLE analytics.d ADD twice bigint GENERATED ALWAYS AS (v * 2) STORED" >/dev/null
sed -i "s/v + 1/v + 2/" "$m/d.sql"
like "a generated column that somebody added is named" "$(plan d)" '^blocked.*column "twice" of its table is generated'
start

# --- row security ------------------------------------------------------------------------------------------------------
cat > "$m/r.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id') }}
select id, v from {{ source('t', 's') }}
SQL
transform >/dev/null
sql "ALTER TABLE analytics.r ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON analytics.r USING (id > 2) WITH CHECK (true)" >/dev/null
put s.csv id,v 1,11 2,20 3,31
before=$(role=postgres sql "SELECT count(*) FROM analytics.r")
like "rows hidden from the owner are not taken for missing" "$(transform)" 'row security hides rows of analytics.r from its owner'
is "and not added twice" "$(role=postgres sql "SELECT count(*) FROM analytics.r")" "$before"
sql "ALTER TABLE analytics.r NO FORCE ROW LEVEL SECURITY" >/dev/null
like "without FORCE the owner sees all" "$(transform)" 'r: built incrementally, 3 rows'
sed -i "s/materialized='incremental', unique_key='id'/materialized='view'/" "$m/r.sql"
like "a table with row security does not become a view that shows all" "$(transform)" 'its table has row security, which a view can.t have'
like "plan tells it too" "$(plan r)" '^blocked.*row security'
start

# --- writers beside a call ---------------------------------------------------------------------------------------------
cat > "$m/w.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id') }}
select id, v, pg_advisory_xact_lock_shared(42)::text as z from {{ source('t', 's') }} where id = 1
SQL
transform >/dev/null
put s.csv id,v 1,12
close_gate
notices "CALL baro_transform()" > "$BARO_DATA/said" & call=$!
at_gate
sql "INSERT INTO analytics.w VALUES (1, 99, '')" >/dev/null
open_gate; wait $call
like "a row that came after the call's snapshot is told, as in tables" "$(cat "$BARO_DATA/said")" 'another session changed analytics.w while it was being built'
is "and nothing is published" "$(sql "SELECT string_agg(v::text, ' ' ORDER BY v) FROM analytics.w")" "11 99"
like "the next call sees it" "$(transform)" 'w: built incrementally, 1 rows \(1 added, 2 removed'
start

cat > "$m/u.sql" <<'SQL'
select id, v from {{ source('t', 's') }}
SQL
transform >/dev/null
sql "CREATE FUNCTION public.baro_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN new.v < 100 THEN new END; END';
     CREATE TRIGGER refuse BEFORE INSERT ON analytics.u FOR EACH ROW EXECUTE FUNCTION public.baro_refuse()" >/dev/null
put s.csv id,v 4,400 5,50
like "a trigger that keeps rows out is told" "$(transform)" 'model "u": a trigger or rule of analytics.u keeps 1 of 2 new rows out'
is "and nothing is published" "$(sql "SELECT count(*) FROM analytics.u")" 3
sql "DROP TRIGGER refuse ON analytics.u; CREATE RULE refuse AS ON INSERT TO analytics.u DO INSTEAD NOTHING" >/dev/null
like "so is a rule" "$(transform)" 'model "u": a trigger or rule of analytics.u keeps 2 of 2 new rows out'
start

# --- hooks that write --------------------------------------------------------------------------------------------------
cat > "$m/h.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id') }}
select id, v from {{ source('t', 's') }} {% if is_incremental() %}where id > 100{% endif %}
SQL
echo "select count(*) as n from {{ ref('h') }}" > "$m/child.sql"
hook() { sed -i "1s/.*/{{ config(materialized='incremental', unique_key='id', $1) }}/" "$m/h.sql"; }
counts() { sql "SELECT n, (SELECT count(*) FROM analytics.h) FROM analytics.child"; }
transform >/dev/null
hook "pre_hook='delete from {{ this }} where id = 3'"
transform >/dev/null
is "who reads a model sees what its pre_hook did" "$(counts)" "4|4"
is "and nothing is stale" "$(stale)" ""
hook "pre_hook='truncate {{ this }}'"
transform >/dev/null
is "TRUNCATE is no exception" "$(counts)" "0|0"
transform "full_refresh => true" >/dev/null
hook "post_hook='delete from {{ this }} where id = 2'"
transform >/dev/null
like "what a post_hook changes makes stale who read it before" "$(stale)" '^child: a post_hook of h changed its rows after they were read$'
transform >/dev/null
is "and comes to them by the next call" "$(counts),$(stale)" "4|4,"
hook "post_hook='analyze {{ this }}'"
transform >/dev/null
is "a post_hook that changes no rows does not" "$(stale)" ""
hook "post_hook='drop table {{ this }}'"
like "a hook can't drop its own table" "$(transform)" 'post_hook of model "h" \(models/h.sql:1\): it drops the model.s own table'
hook "pre_hook='drop table {{ this }}'"
like "before the build neither" "$(transform)" 'pre_hook of model "h" \(models/h.sql:1\): it drops the model.s own table'
is "it is there" "$(counts)" "4|4"
hook "pre_hook='call baro_transform()'"
like "nor call baro_transform" "$(transform)" 'pre_hook of model "h" \(models/h.sql:1\): a hook can.t call baro_transform\(\)'
hook "post_hook='commit'"
like "nor end the transaction" "$(transform)" 'post_hook of model "h" \(models/h.sql:1\): a transaction can.t be begun or ended here'
hook "pre_hook=\"set search_path = public; set timezone = 'Asia\/Tokyo'\""
echo "select 1 as one" > "$m/a_first.sql"; sed -i '1s/^/{{ config(pre_hook="set search_path = public") }}/' "$m/a_first.sql"
echo "select one, '2024-01-01 00:00:00+00'::timestamptz::text as t from a_first" > "$m/b_second.sql"
transform >/dev/null
is "settings that results depend on are the project's again after a hook" "$(sql "SELECT t FROM analytics.b_second")" "2024-01-01 00:00:00+00"
start

# --- materialized views ------------------------------------------------------------------------------------------------
echo "{{ config(materialized='materialized_view') }} select id, v from {{ source('t', 's') }}" > "$m/lower.sql"
echo "{{ config(materialized='materialized_view') }} select count(*) as n from {{ ref('lower') }}" > "$m/upper.sql"
echo "select n from {{ ref('upper') }}" > "$m/reader.sql"
transform >/dev/null
sed -i 's/select id, v/select id, v, 1 as more/' "$m/lower.sql"
transform >/dev/null
is "one that had to be made anew with the same rows makes nobody stale" "$(stale)" ""
sql "REFRESH MATERIALIZED VIEW analytics.upper WITH NO DATA" >/dev/null
is "one without data is stale" "$(sql "SELECT state, replace(reason, E'\n', ' ') FROM baro_ls('upper')")" "stale|it holds no data (WITH NO DATA)"
before=$(sql "SELECT 'analytics.upper'::regclass::oid")
transform >/dev/null
is "and gets them back in its place" "$(sql "SELECT n, 'analytics.upper'::regclass::oid, (SELECT n FROM analytics.reader) FROM analytics.upper")" "5|$before|5"
sed -i 's/count(\*) as n/count(*) as n where false/; s/ where false from \(.*\)/ from \1 where false group by id/' "$m/upper.sql"
transform >/dev/null
sql "REFRESH MATERIALIZED VIEW analytics.upper WITH NO DATA" >/dev/null
transform >/dev/null
is "also where there are none" "$(sql "SELECT count(*) FROM analytics.upper"),$(stale)" "0,"
sql "CREATE VIEW public.somebodys AS SELECT id FROM analytics.lower" >/dev/null
sed -i 's/1 as more/2 as more/' "$m/lower.sql"
like "plan tells that a view of somebody else stands in the way of another definition" "$(plan lower)" "^blocked.*can't get another definition, because public.somebodys needs it"
like "as the call does" "$(transform)" "can't get another definition, because public.somebodys needs it"
sql "DROP VIEW public.somebodys" >/dev/null
start

# --- indexes and grants ------------------------------------------------------------------------------------------------
cat > "$m/i.sql" <<'SQL'
{{ config(indexes=[{'columns': ['code'], 'unique': true}, {'columns': ['doc'], 'type': 'gin'}]) }}
select id, case id when 1 then '1' when 2 then '01' else '3' end as code, jsonb_build_object('a', v) as doc from {{ source('t', 's') }} where id <= 3
SQL
transform >/dev/null
sed -i "s/, {'columns': \['doc'\], 'type': 'gin'}//; s/jsonb_build_object('a', v) as doc/1 as doc/; s/case .* end as code/id as code/" "$m/i.sql"
like "an index does not stand in the way of its column's new type" "$(transform)" 'i: built, 3 rows \(columns: code becomes bigint, doc becomes integer\)'
is "those that are wanted are there again" "$(sql "SELECT indexdef FROM pg_indexes WHERE tablename = 'i'")" "CREATE UNIQUE INDEX i_code_idx ON analytics.i USING btree (code)"
sed -i "s/'columns': \['code'\]/'columns': ['cod']/" "$m/i.sql"
like "plan sees an index on no column" "$(plan i)" '^blocked\|models/i.sql:1: index unique btree \(cod\) of model "i": column "cod" does not exist'
sed -i "1s/.*/{{ config(grants={'select': ['shapes_nobody']}) }}/" "$m/i.sql"
like "and a role that isn't there" "$(plan i)" '^blocked.*role "shapes_nobody" does not exist'
echo "select 1 as one" > "$m/other.sql"
like "with on_failure => skip that holds nobody else up" "$(transform "'*', on_failure => 'skip'")" 'transform: 1 models built, 0 unchanged, 0 skipped, 1 failed'
is "who is published" "$(sql "SELECT one FROM analytics.other")" 1
start

# --- ephemeral ---------------------------------------------------------------------------------------------------------
echo "{{ config(materialized='ephemeral') }} select id, v from {{ source('t', 's') }} order by id limit 2 -- the first" > "$m/e.sql"
echo "select (select count(*) from only {{ ref('e') }}) + (select count(*) from only (analytics.e) where e.id > 0) + (select count(*) from e *) as n" > "$m/x.sql"
transform >/dev/null
is "ONLY and * of a model that has no table mean nothing" "$(sql "SELECT n FROM analytics.x")" 6
echo "select 1 as one" > "$m/other.sql"
echo "select * from {{ ref('e') }} where id is null" > "$project/tests/of_e.sql"
sed -i 's/id, v/id,, v/' "$m/e.sql"
like "an error in it is one of who reads it, not of all" "$(sql "SELECT name, state, replace(reason, E'\n', ' ') FROM baro_ls('x other') ORDER BY 1")" '^other\|new\|it was never built
x\|stale\|model "e" \(models/e.sql, line 1\): syntax error'
like "also to baro_plan" "$(plan x)" '^blocked\|model "e" \(models/e.sql, line 1\): syntax error'
like "and to a call that skips failures" "$(transform "'*', on_failure => 'skip'")" 'transform: 1 models built, 0 unchanged, 0 skipped, 1 failed'
is "and to tests" "$(sql "SELECT status FROM baro_test('of_e')")" error
rm "$project/tests/of_e.sql"
sed -i "s/ephemeral'/ephemeral', volatile=true/" "$m/e.sql"
like "whether it is volatile is for its readers to say" "$(transform)" 'models/e.sql:1: model "e" is ephemeral, and is built with those who read it'
rm "$m"/*
echo "{{ config(materialized='ephemeral') }} select 1 as a" > "$m/e0.sql"
for i in $(seq 1 24); do echo "{{ config(materialized='ephemeral') }} select x.a from {{ ref('e$((i - 1))') }} as x, {{ ref('e$((i - 1))') }} as y" > "$m/e$i.sql"; done
echo "select * from {{ ref('e8') }}" > "$m/few.sql"
echo "select * from {{ ref('e24') }}" > "$m/many.sql"
like "what would double with each model is refused before it fills the memory" "$(transform "'*', on_failure => 'skip'")" 'WARNING:  .*make a query of more than 2 MiB'
is "below that it is built" "$(sql "SELECT a FROM analytics.few")" 1
for i in $(seq 1 60); do echo "{{ config(materialized='ephemeral') }} select a from {{ ref('e$((i - 1))') }}" > "$m/e$i.sql"; done
echo "select * from {{ ref('e60') }}" > "$m/many.sql"
like "nesting has a limit" "$(transform)" 'ephemeral models are nested more than 50 deep'
start

finish
