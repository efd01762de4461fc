#!/usr/bin/env bash
# A dbt project as it is: its project file, names, sources, hooks, and what goes on in a database that dbt filled.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
project=$BARO_DATA/project
dbt=$project/transform
mkdir -p "$dbt"/{models/marts,snapshots,seeds/codes,tests,macros,target/models,logs}
notes() { sql "SELECT string_agg(kind || ' ' || replace(name, E'\n', '') || ' ' || change, ', ' ORDER BY kind, name) FROM baro_load_project() WHERE change NOT IN ('added', 'changed', 'removed')"; }
transform() { notices "CALL baro_transform(${1-})"; }
problems() { super "SELECT string_agg(concat_ws(':', file, line) || ' ' || name, ', ' ORDER BY file, line, name) FROM barometre_internal.problem"; }

cat >"$dbt/dbt_project.yml" <<'YML'
name: shop
version: '1.0'
config-version: 2
profile: shop
require-dbt-version: [">=1.0.0", "<2.0.0"]
defaults: &all
  +tags: [nightly]
models:
  shop:
    <<: *all
    +materialized: table
    marts:
      +schema: marts
      wide: {+enabled: no}
  other_package: {+materialized: view}
seeds:
  shop: {codes: {+schema: raw, +column_types: {code: text}}}
vars:
  cut: 2
  events: "{{ source('raw', 'Events') }}"
  shop: {cut: 3}
on-run-start: "{{ helpers() }}; create table if not exists public.dbt_calls (n int); insert into public.dbt_calls values (1)"
on-run-end:
  - "{% for r in results %}insert into public.dbt_audit values ('{{ r.node.name }}', '{{ r.status }}');{% endfor %}"
  - "insert into public.dbt_audit values ('schemas', '{{ schemas | sort | join(' ') }}')"
YML
cat >"$dbt/profiles.yml" <<'YML'
shop: {target: "{{ env_var('STAGE', 'prod') }}", outputs: {prod: {host: h, password: "{{ env_var('SECRET') }}", schema: Shop-DW}, dev: {schema: dev}}}
YML
cat >"$dbt/macros/helpers.sql" <<'SQL'
{% macro helpers() %}create or replace function public.dbt_twice(x int) returns int language sql immutable as 'select 2 * x'{% endmacro %}
SQL
echo "select 1 as id, 'a' as v" >"$dbt/models/plain.sql"
echo "nonsense {{" >"$dbt/target/models/plain.sql"
echo "select public.dbt_twice(id) as id, v, '{{ target.name }} {{ target.schema }}' as at from {{ ref('shop', 'plain') }} where id < {{ var('cut') }}" >"$dbt/models/marts/My-Mart.sql"
echo "select 1 as x" >"$dbt/models/marts/wide.sql"
printf 'code,name\n01,one\n' >"$dbt/seeds/codes/kinds.csv"
cat >"$dbt/models/inc.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id', bind=False) }}
select id, v from {{ var('events') }}{% if is_incremental() %} where id > (select coalesce(max(id), 0) from {{ this }}){% endif %}
SQL
cat >"$dbt/models/schema.yml" <<'YML'
version: 2
exposures: [{name: e, type: dashboard}]
models:
  - name: plain
    description: '{{ doc("plain_text") }}'
    access: public
    columns:
      - {name: id, description: One., meta: {a: 1}, tests: [unique, relationships: {to: ref('wide'), field: x}]}
      - {name: id, tests: [not_null]}
  - name: nobody
sources:
  - name: raw
    schema: "{{ var('landing', 'landing') }}"
    database: "{{ target.database }}"
    loaded_at_field: at
    freshness: {warn_after: {count: 1, period: day}}
    tables:
      - name: Events
        columns: [{name: id, tests: [unique, not_null]}]
      - {name: never_read, freshness: null}
YML
printf '{%% docs plain_text %%}\nFrom a block.\n{%% enddocs %%}\n' >"$dbt/models/docs.md"
cat >"$dbt/snapshots/snap.sql" <<'SQL'
{% snapshot snap %}{{ config(target_schema='snaps', unique_key='id', strategy='check', check_cols='all') }}
select id, v from {{ source('raw', 'Events') }}{% endsnapshot %}
SQL
echo "select * from {{ ref('My-Mart') }} where id is null" >"$dbt/tests/no_null.sql"
new_database
use_project <<'YML'
version: 1
dbt: transform
roles: {loader: meltano}
vars: {cut: 9}
YML

# What dbt made before.
super "CREATE TABLE public.dbt_audit (n text, s text); GRANT ALL ON public.dbt_audit TO meltano;
       CREATE SCHEMA IF NOT EXISTS landing AUTHORIZATION meltano; CREATE SCHEMA IF NOT EXISTS \"Shop-DW\" AUTHORIZATION meltano; CREATE SCHEMA IF NOT EXISTS snaps AUTHORIZATION meltano; GRANT CREATE ON SCHEMA public TO meltano;
       SET ROLE meltano;
       CREATE TABLE landing.\"Events\" (id int, v text, at timestamptz DEFAULT now()); INSERT INTO landing.\"Events\" VALUES (1, 'x'), (2, 'y'), (3, 'z');
       CREATE TABLE \"Shop-DW\".plain AS SELECT 1 AS id, 'a'::text AS v;
       CREATE TABLE \"Shop-DW\".inc AS SELECT id, v || ' by dbt' AS v FROM landing.\"Events\" WHERE id < 3;
       CREATE TABLE snaps.snap AS SELECT id, v, md5(id::text) AS dbt_scd_id, now()::timestamp AS dbt_updated_at, '2020-01-01'::timestamp AS dbt_valid_from, NULL::timestamp AS dbt_valid_to FROM landing.\"Events\" WHERE id < 3" >/dev/null

is "what is ignored is told, by place" "$(notes)" \
    'entry nobody ignored, key access ignored, key bind ignored, key defaults ignored, key exposures ignored, key meta ignored, key models.other_package ignored, key require-dbt-version ignored, key version ignored, test plain.relationships skipped, var cut overridden'
is "and nothing is wrong" "$(problems)" ""
is "names are dbt's: of the profile's target, with schemas behind it, in any case" \
    "$(super "SELECT string_agg(schema || '.' || relation || ' ' || materialized, ', ' ORDER BY schema, name) FROM barometre_internal.model")" \
    "Shop-DW.inc incremental, Shop-DW.plain table, Shop-DW_marts.My-Mart table, snaps.snap snapshot"
is "a merge key counts" "$(super "SELECT string_agg(DISTINCT array_to_string(tags, ' '), ',') FROM barometre_internal.model WHERE name <> 'snap'")" nightly
before=$(super "SELECT '\"Shop-DW\".inc'::regclass::oid, 'snaps.snap'::regclass::oid")
like "before its first publication a model can be compared" "$(sql "SELECT change, key, built FROM baro_diff('inc')")" '^added\|3\|3, z$'
like "the first transformation" "$(transform)" '4 models built, 0 unchanged, 0 skipped, 0 failed'
is "goes on where dbt ended: incremental models" "$(sql "SELECT string_agg(id || v, ',' ORDER BY id) FROM \"Shop-DW\".inc")" "1x by dbt,2y by dbt,3z"
is "and snapshots" "$(sql "SELECT string_agg(id || to_char(dbt_valid_from, 'YYYY'), ',' ORDER BY id) FROM snaps.snap WHERE id < 3")" "12020,22020"
is "in dbt's own tables" "$(super "SELECT '\"Shop-DW\".inc'::regclass::oid, 'snaps.snap'::regclass::oid")" "$before"
is "vars of barometre.yml win, target and macros are there" "$(sql "SELECT * FROM \"Shop-DW_marts\".\"My-Mart\"")" "2|a|prod Shop-DW"
is "a seed by its folder's configuration" "$(sql "SELECT * FROM \"Shop-DW_raw\".kinds" 2>&1)" "01|one"
is "a text from a block of documentation" "$(sql "SELECT obj_description('\"Shop-DW\".plain'::regclass)")" "From a block."
is "on-run-end knows the results" "$(super "SELECT string_agg(n || '=' || s, ', ' ORDER BY n COLLATE \"C\") FROM public.dbt_audit")" \
    "My-Mart=success, inc=success, kinds=success, plain=success, schemas=Shop-DW Shop-DW_marts Shop-DW_raw snaps, snap=success"
is "on-run-start ran" "$(sql "SELECT count(*) FROM public.dbt_calls")" 1
is "tests, but for one of what is disabled" "$(sql "SELECT string_agg(target || ' ' || test || ' ' || status, ', ' ORDER BY target, test) FROM baro_test()")" \
    "no_null singular pass, plain.id not_null pass, plain.id unique pass, raw.Events.id not_null pass, raw.Events.id unique pass"


# Seeds
printf 'code,name,more\n01\n\n02,two\n' >"$dbt/seeds/codes/kinds.csv"
like "a row that is short" "$(notices "SELECT state FROM baro_seed('{kinds}')")" loaded
is "has NULLs, as under dbt, and so has an empty line" "$(sql "SELECT string_agg(concat_ws('|', coalesce(code, '-'), coalesce(name, '-'), coalesce(more, '-')), ' ' ORDER BY code) FROM \"Shop-DW_raw\".kinds")" "01|-|- 02|two|- -|-|-"
printf 'code,name\n01,one,more\n' >"$dbt/seeds/codes/kinds.csv"
like "one that is too long is an error" "$(sql "SELECT state FROM baro_seed('{kinds}')")" 'expected 2 fields, found 3'
printf 'code,name\n01,one\n' >"$dbt/seeds/codes/kinds.csv"
sql "SELECT state FROM baro_seed('{kinds}')" >/dev/null

# Sources
like "a source is stale each time" "$(transform)" '2 models built, 2 unchanged'
is "which runs on-run-start's statements, and makes no function anew" "$(sql "SELECT count(*) FROM public.dbt_calls")" 2
is "it can be stamped" "$(sql "SELECT relation, change FROM baro_stamp_sources()")" 'landing."Events"|added
landing.never_read|it does not exist'
is "once" "$(sql "SELECT change FROM baro_stamp_sources() LIMIT 1")" unchanged
transform >/dev/null
like "then only a change counts" "$(transform)" '0 models built, 4 unchanged'
is "and nothing runs when nothing is built" "$(sql "SELECT count(*) FROM public.dbt_calls")" 3
sql "INSERT INTO landing.\"Events\" VALUES (4, 'w')" >/dev/null
is "what it reaches is selected" "$(sql "SELECT string_agg(name || ' ' || kind || ' ' || state, ', ' ORDER BY name) FROM baro_ls('source:raw+')")" \
    "inc model stale, raw.Events source current, raw.never_read source blocked, snap snapshot stale"
sql "INSERT INTO landing.\"Events\" VALUES (4, 'twice')" >/dev/null
like "it is tested where it is read" "$(transform "'inc'")" '^ERROR:  a test failed, and nothing was published: unique of raw.Events.id'
is "nothing was" "$(sql "SELECT max(id) FROM \"Shop-DW\".inc")" 3
like "others go on" "$(transform "'inc plain', on_failure => 'skip'")" '1 unchanged, .* 1 failed'
sql "DELETE FROM landing.\"Events\" WHERE v = 'twice'" >/dev/null
like "until it is right" "$(transform)" '2 models built'
sql "ALTER TABLE landing.\"Events\" RENAME TO gone" >/dev/null
like "a source that is not there leaves out who reads it" "$(transform)" '^WARNING:  model "inc" is skipped: source table landing."Events" does not exist'
like "and no one else" "$(transform)" '2 unchanged, 2 skipped, 0 failed'
sql "ALTER TABLE landing.gone RENAME TO \"Events\"" >/dev/null
sed -i 's/database: .*/database: elsewhere/' "$dbt/models/schema.yml"
like "one of another database is refused" "$(sql "SELECT detail FROM baro_load_project() WHERE change = 'refused' AND name = 'raw'" | tr '\n' ' ')" 'is in database'
sed -i '/database: elsewhere/d' "$dbt/models/schema.yml"

# Names
cat >"$dbt/macros/names.sql" <<'SQL'
{% macro generate_schema_name(custom, n) -%}
  {%- if n.resource_type == 'snapshot' or custom is none -%}{{ target.schema }}{%- else -%}{{ custom | trim }}{%- endif -%}
{%- endmacro %}
{% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ (custom_alias_name or node.name) | lower }}{% endmacro %}
SQL
places() { super "SELECT string_agg(schema || '.' || relation, ', ' ORDER BY schema, name) FROM barometre_internal.model"; }
sql "SELECT count(*) FROM baro_ls()" >/dev/null
is "a project's own rules for names are obeyed" "$(places)" "Shop-DW.inc, Shop-DW.plain, marts.my-mart, snaps.snap"
echo "{% macro generate_schema_name(c, n) %}{{ nothing_of_the_kind() }}{% endmacro %}" >"$dbt/macros/names.sql"
sql "SELECT count(*) FROM baro_ls()" >/dev/null
like "one that gives no name blocks, with its place" "$(problems)" 'transform/macros/names.sql:1 My-Mart'
rm "$dbt/macros/names.sql"
printf 'target: {name: dev, schema: mine}\n' >>"$project/barometre.yml"
sql "SELECT count(*) FROM baro_ls()" >/dev/null
is "the target of barometre.yml comes before the profile's" "$(places)" "mine.inc, mine.plain, mine_marts.My-Mart, snaps.snap"
super "ALTER DATABASE $db SET barometre.target_schema = 'theirs'" >/dev/null
is "and the setting before both" "$(sql "SELECT count(*) FROM baro_ls()" >/dev/null; places)" "snaps.snap, theirs.inc, theirs.plain, theirs_marts.My-Mart"
super "ALTER DATABASE $db RESET barometre.target_schema" >/dev/null
sed -i '/^target/d' "$project/barometre.yml"; rm "$dbt/profiles.yml"
like "a schema that can't be known is an error, never public" "$(transform)" '^ERROR:  transform/dbt_project.yml: the schema of the target can.t be known'
finish
