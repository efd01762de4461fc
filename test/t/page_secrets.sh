#!/usr/bin/env bash
# What is on no page, wherever it stands in a project and its data: values, and for a reader the names of what it may not read.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
new_database
super "DO \$\$ BEGIN CREATE ROLE page_watch LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$" >/dev/null
mkdir -p "$BARO_DATA"/{in,hashed,bad} "$project"/{models,snapshots,functions,tests,seeds}
project_says() { # MORE KEYS of stream s
    cat <<YML
version: 1
name: secrets
timezone: Europe/Paris
roles: {loader: meltano, readers: [express-api], observers: [page_watch]}
vars: {v: HIDE1}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\\.csv, key_properties: [n], max_rejects: 9, columns: [{name: n, type: integer}]${1:-}}
      - {name: h, path: hashed, pattern: .*\\.csv, max_rejects: 9, map: {who: md5(who), n: n, __else__: null}, columns: [{name: n, type: integer}]}
      - {name: b, path: bad, pattern: .*\\.csv, columns: [{name: n, type: integer}]}
jobs:
  - {name: loads, steps: [{run: '*', on_failure: skip}, {sql: "DO 'BEGIN RAISE EXCEPTION ''HIDE2''; END'"}], on_failure_sql: "SELECT 'HIDE3'::int"}
  - {name: asks, steps: [{sql: "SELECT 'HIDE4'::int /* it's E'HIDE5' \$\$HIDE6\$\$ */"}]}
YML
}
printf 'n,t\n1,HIDE7\nHIDE8,x\n3,x\n' >"$BARO_DATA/in/1.csv"
printf 'who,n\nHIDE9,1\nHIDE10,HIDE11\n' >"$BARO_DATA/hashed/1.csv"
printf 'n\nHIDE12\n' >"$BARO_DATA/bad/1.csv"
printf 'code,label\na,HIDE13\n' >"$project/seeds/codes.csv"
cat >"$project/models/good.sql" <<'SQL'
{{ config(materialized='table', post_hook="select 'HIDE14'", meta={'of': 'HIDE15 x'}) }} {% set v %}HIDE16{% endset %}
select n, t, E'a'
  'b\'HIDE17' as b, U&'HIDE18' as c, $$HIDE19$$ as d, '{{ v }}' as e, {{ "'HIDE20'" }} as f, '{# it's #}HIDE21' as g,
  {{ [{'a': {'b': 1}}, "'HIDE22'"][1] }} as h, '{{ var("v") }} HIDE23' as i, {% raw %}'{{ HIDE24'{% endraw %} as j,
  {% if true %}'HIDE25{% else %}'HIDE26{% endif %} HIDE27' as k, "{{ 'l"' | replace('"', '') }}".x as l
from {{ source('tap', 's') }} as l (n, t, x) -- where a = E'HIDE28' or $$HIDE29$$
SQL
# The same text, but that it has a table to read.
sed -i -e 's/, "{{ .* as l$//' -e 's/ as l (n, t, x)//' "$project/models/good.sql"
printf '%s\n' "create or replace function said(x text) returns int language plpgsql as \$\$ begin raise exception '%', format(x, 'durand') using errcode = '22P02'; end \$\$;" \
    "create or replace function warned(x text) returns int language plpgsql as \$\$ begin raise warning 'warned %', x; return 1; end \$\$;" >"$project/functions/f.sql"
model() { echo "select $2 as n from {{ ref('good') }}" >"$project/models/$1.sql"; }
model cast "t::int"; model class "t::regclass"; model json "t::jsonb"; model xml "xmlparse(document t)::text"; model found "regexp_count(t, '(' || t)"; model warns "warned(t)"
model says_type "said('invalid input syntax for type %s: \"a\"')"; model says_range "said('value \"1\" is out of range for type %s')"
model says_cancel "said('canceling statement due to %s')"; model says_length "said('value too long for type character varying(0612345678)')"
model says_record "said('the value is not of type %s, 0612345678')"; model says_fields "said('expected 5 fields, found 0612345678')"
echo "{{ config(pre_hook=\"select 'HIDE30'::int\") }} select 1 as n" >"$project/models/hook.sql"
echo "selec 'HIDE31'" >"$project/models/wrong.sql"
echo "{% snapshot kept %}{{ config(strategy='check', unique_key='n', check_cols=['t']) }} select n, t, 'HIDE32' as k from {{ source('tap', 's') }}{% endsnapshot %}" >"$project/snapshots/kept.sql"
echo "select * from {{ ref('good') }} where t = 'HIDE33'" >"$project/tests/alone.sql"
cat >"$project/models/p.yml" <<'YML'
version: 2
models:
  - name: good
    columns:
      - {name: t, tests: [{accepted_values: {values: [HIDE34], severity: warn}}, {not_null: {config: {severity: warn, where: "t <> 'HIDE36'"}}}, {relationships: {to: ref('codes'), field: label, severity: warn}}]}
      - {name: n, tests: [{dbt_utils.expression_is_true: {expression: "::text > 'HIDE37'", config: {severity: warn}}}]}
unit_tests:
  - {name: u1, model: warns, given: [{input: ref('good'), rows: [{t: '4'}]}], expect: {rows: [{n: 6123456}]}}
  - {name: u2, model: warns, given: [{input: ref('good'), rows: [{n: HIDE38}]}], expect: {rows: [{n: 1}]}}
YML
use_project < <(project_says)
for call in "SELECT count(*) FROM baro_seed()" "SELECT count(*) FROM baro_run(on_failure => 'skip')" "CALL baro_transform(on_failure => 'skip')" "SELECT count(*) FROM baro_test()" "CALL baro_job('loads')" "CALL baro_job('asks')"; do sql "$call" >/dev/null; done
super "ANALYZE" >/dev/null
values='HIDE[0-9]+|hide[0-9]+|durand|6123456'
page_for() { psql -X -q -At -d "$db" -U meltano -c "SELECT baro_page(audience => '$1'${2:-})" 2>&1; } # not by a session that is kept: it is large
values_for() { page_for "$1" | grep -oE "$values" | sort -u | tr '\n' ' '; }
is "each model that can't be built is told" "$(sql "SELECT count(DISTINCT name) FROM barometre.step WHERE kind = 'model' AND status = 'failed'")" 14
for who in page_watch meltano postgres express-api; do is "no value for $who" "$(values_for $who)" ""; done
is "an observer's views have none" "$(for view in failures report history problems row_counts; do role=page_watch sql "SELECT * FROM barometre.$view"; done | grep -oE "$values" | sort -u | tr '\n' ' ')" ""
is "with samples there are values, but none that was hashed" "$(page_for meltano ', samples => true' | grep -oE 'HIDE(7|9|10|11|34)\b' | sort -u | tr '\n' ' ')" "HIDE34 HIDE7 "
super "REVOKE SELECT ON barometre.run FROM meltano" >/dev/null
is "another role's rights give the caller no more than its own" "$(sql "SELECT baro_page_data(audience => 'postgres', samples => true) #>> '{audience,sees}'" | tail -n 1)" names
super "REVOKE SELECT ON barometre.failures FROM meltano" >/dev/null
is "an observer's neither" "$(sql "SELECT baro_page_data(audience => 'page_watch') #>> '{audience,sees}'")" relations
super "GRANT SELECT ON barometre.run, barometre.failures TO meltano" >/dev/null

# A reader
mkdir "$project/kept" && mv "$project"/models/*.* "$project/kept/" && rm "$project"/tests/* "$project"/snapshots/*
super "CREATE SCHEMA hr; CREATE TABLE hr.salaries (n int); CREATE TABLE hr.\"Odd name\" (n int); GRANT USAGE ON SCHEMA hr TO meltano; GRANT SELECT ON ALL TABLES IN SCHEMA hr TO meltano" >/dev/null
for m in unseen plain; do echo "select 1 as n" >"$project/models/$m.sql"; done
echo "select n from {{ ref('plain') }}" >"$project/models/open.sql"
echo "select n from hr.salaries" >"$project/models/by_name.sql"
echo 'select n from hr."Odd name"' >"$project/models/by_odd_name.sql"
printf "select n from\n{%% if false %%}{{ ref('unseen') }}{%% else %%}{{ ref('plain') }}{%% endif %%}\n" >"$project/models/in_a_branch.sql"
printf -- "--\n--unseen\nselect n from {{ ref('plain') }}\n" >"$project/models/in_a_comment.sql"
echo "select 1 as secret" >"$project/models/tap.sql" # a name that a tap has, too
printf 'version: 2\nsources: [{name: tap, tables: [{name: s, columns: [{name: n, tests: [{not_null: {name: of_the_stream}}]}]}]}]\nmodels: [{name: unseen, columns: [{name: n, tests: [{not_null: {name: of_the_unseen}}]}]}, {name: plain, columns: [{name: n, tests: [{not_null: {name: of_the_plain}}]}]}]\n' >"$project/models/p.yml"
sql "CALL baro_transform()" >/dev/null; super "REVOKE SELECT ON analytics.unseen FROM \"express-api\"" >/dev/null
is "the page of a reader is one" "$(page_for express-api | grep -c '"sees":"relations"')" 1
is "a reader finds the name of nothing that it can't read" "$(page_for express-api | sed -n 's/.*id="data">//p' | grep -oiE 'unseen|salaries|Odd name|of_the_stream|stream|tap\.s\b' | sort -u | tr '\n' ' ')" ""
is "but the SQL of what reads nothing else" "$(sql "SELECT string_agg(n ->> 'name', ' ') FROM jsonb_array_elements(baro_page_data(audience => 'express-api') -> 'nodes') AS n WHERE n ? 'written'")" "open plain tap"
is "and its tests" "$(sql "SELECT string_agg(t ->> 'name', ' ') FROM jsonb_array_elements(baro_page_data(audience => 'express-api') -> 'tests') AS t")" of_the_plain
finish
