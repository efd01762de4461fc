#!/usr/bin/env bash
# Who may only observe sees how all went, in views that hold no value of the data; monitoring has one row; tables have their counts over time.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
new_database
super "DO \$\$ BEGIN CREATE ROLE observers_watch LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$" >/dev/null
mkdir -p "$BARO_DATA"/{good,typed,headless,frozen,doc,remark,singer}
is "before a project was read nothing is known" "$(super "SELECT code, state FROM baro_health()")" "3|unknown"
use_project <<'YML'
version: 1
name: observers
roles: {loader: meltano, readers: [express-api], observers: [observers_watch]}
taps:
  - name: tap
    streams:
      - {name: good, path: good, pattern: .*\.csv, key_properties: [id], max_rejects: 5}
      - {name: typed, path: typed, pattern: .*\.csv, columns: [{name: n, type: integer}]}
      - {name: headless, path: headless, pattern: .*\.csv}
      - {name: frozen, path: frozen, pattern: .*\.csv, contract: {columns: freeze, types: freeze}}
      - {name: doc, path: doc, pattern: .*\.json, format: json}
      - {name: remark, path: remark, pattern: .*\.csv, delimiter: ;, comment: '#'}
  - {name: singer, format: singer, path: singer, pattern: .*\.singer, streams: [{name: people}]}
jobs:
  - {name: nightly, steps: [{run: tap.typed}]}
  - {name: cleaning, steps: [{sql: "SELECT 1 / 0 FROM (SELECT 'DURAND16') AS x WHERE 1616161 > 0"}]}
YML
watch() { role=observers_watch sql "$1"; }
one_view() { for v in report history failures problems freshness lineage status progress row_counts health usual_duration; do watch "SELECT * FROM barometre.$v"; done; watch "SELECT * FROM baro_health()"; }
is "and nothing was run" "$(watch "SELECT code, state, sentence FROM baro_health()")" "0|ok|nothing was run yet"
printf 'id,v\n1,a\n2,b\n3,c\n' >"$BARO_DATA/good/1.csv"
printf 'n\n1\n' >"$BARO_DATA/typed/1.csv"
printf 'id\n1\n' >"$BARO_DATA/headless/1.csv"
printf 'id\n1\n' >"$BARO_DATA/frozen/1.csv"
printf '{"a": 1}' >"$BARO_DATA/doc/1.json"; printf 'a;b\n1;x\n' >"$BARO_DATA/remark/1.csv"
mkdir -p "$project/tests"
echo "{{ config(materialized='incremental') }} select id, v from {{ source('tap', 'good') }}{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}" >"$project/models/grows.sql"
echo "{{ config(schema='fresh') }} select v from {{ source('tap', 'good') }}" >"$project/models/elsewhere.sql"
sql "SELECT count(*) FROM baro_run()" >/dev/null; sql "CALL baro_transform()" >/dev/null
like "all is well" "$(watch "SELECT code, state, sentence FROM baro_health()")" '^0\|ok\|all is well since run [0-9]+, which ended '
is "a schema that a model is the first in is open to readers, without a second baro_grant()" "$(role=express-api sql "SELECT count(*) FROM fresh.elsewhere")" 3

# Counts over time
printf 'id,v\n3,cc\n4,d\n,e\n' >"$BARO_DATA/good/2.csv"
sql "SELECT count(*) FROM baro_run('tap.good')" >/dev/null; sql "SELECT count(*) FROM baro_run('tap.good')" >/dev/null
sql "CALL baro_transform('grows')" >/dev/null; sql "DELETE FROM tap.good WHERE id < 3" >/dev/null
printf 'id,v\n5,e\n' >"$BARO_DATA/good/3.csv"; sql "SELECT count(*) FROM baro_run('tap.good')" >/dev/null
is "a stream's table after each load that brought something, whoever else wrote it" "$(watch "SELECT rows, added, removed, rejected FROM barometre.row_counts WHERE relation = 'tap.good'")" "3|1|0|0
4|1|0|1
3|3|0|0"
is "and a model's, which grows" "$(watch "SELECT rows, added, removed FROM barometre.row_counts WHERE relation = 'analytics.grows'")" "4|1|0
3|3|0"
like "rejects are a warning" "$(watch "SELECT code, state, sentence FROM baro_health()")" '^1\|warning\|1 warning, the last one of'

# Values in every place where a message could have one
printf 'id,v\n,DURAND0\n' >"$BARO_DATA/good/4.csv"; sql "SELECT count(*) FROM baro_run('tap.good')" >/dev/null
printf 'n\nDURAND1\n' >"$BARO_DATA/typed/2.csv"; printf 'DURAND2\nDURAND3\n' >"$BARO_DATA/headless/2.csv"; printf 'id,DURAND4\n1,2\n' >"$BARO_DATA/frozen/2.csv"
printf '{"a": DURAND14}' >"$BARO_DATA/doc/2.json"; printf '#DURAND15;b\n1;x\n' >"$BARO_DATA/remark/2.csv"
for s in typed headless frozen doc remark; do sql "SELECT * FROM baro_run('tap.$s')" >/dev/null; done
printf 'id\nDURAND5\n' >"$BARO_DATA/frozen/2.csv"; sql "SELECT * FROM baro_run('tap.frozen')" >/dev/null
sql "CALL baro_job('nightly')" >/dev/null
sql "CREATE FUNCTION public.shout(t text) RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN RAISE WARNING 'DURAND6 %', t; RETURN t; END \$\$;
     CREATE FUNCTION public.refuse(t text) RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN RAISE 'DURAND7 %', t USING DETAIL = 'DURAND8', HINT = 'DURAND9'; END \$\$" >/dev/null
super "GRANT USAGE, CREATE ON SCHEMA public TO meltano" >/dev/null
sql "CREATE OR REPLACE FUNCTION public.shout(t text) RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN RAISE WARNING 'DURAND6 %', t; RETURN t; END \$\$;
     CREATE OR REPLACE FUNCTION public.refuse(t text) RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN RAISE 'DURAND7 %', t USING DETAIL = 'DURAND8', HINT = 'DURAND9'; END \$\$" >/dev/null
echo "select public.shout('x') as x" >"$project/models/loud.sql"
echo "select public.refuse('x') as x" >"$project/models/refused.sql"
echo "select 'DURAND10'::text as name, 'DURAND11' as other" >"$project/models/tested.sql"
printf 'version: 2\nmodels: [{name: tested, columns: [{name: name, tests: [unique, {accepted_values: {values: [x]}}]}, {name: other, tests: [dbt_utils.expression_is_true: {expression: "::int = 1"}]}]}]\n' >"$project/models/tested.yml"
echo "select 1 as n union all select 'DURAND12'::int" >"$project/models/typed_model.sql"
printf "{{ config(indexes=[{'columns': ['k'], 'unique': true}]) }} select 'DURAND13' as k from generate_series(1, 2)" >"$project/models/twice.sql"
for m in loud refused tested typed_model twice; do sql "CALL baro_transform('$m')" >/dev/null; done
sql "SELECT * FROM baro_test()" >/dev/null
sql "CALL baro_job('cleaning')" >/dev/null
unlike "nor has the SQL of a job's step, which is its name" "$(one_view)" 'DURAND|1616161'
like "of which the rest is there" "$(watch "SELECT replace(what, E'\n', ' ') FROM barometre.history WHERE kind = 'job'")" "SELECT 1 / 0 *FROM \(SELECT *'…'\)"
sql "SELECT * FROM baro_test()" >/dev/null
unlike "an observer's views have no value" "$(one_view)" 'DURAND'
is "who may see values can hide them" "$(sql "SET barometre.hide_values = on; SELECT count(*) FROM barometre.failures WHERE why LIKE '%DURAND%'")" 0
is "all that went wrong is told" "$(watch "SELECT count(DISTINCT what) >= 12 FROM barometre.failures")" t
like "but where it is wrong" "$(watch "SELECT replace(what, E'\n', ''), replace(why, E'\n', ' ') FROM barometre.failures")" 'typed_model" \(models/typed_model.sql, line 1\): invalid input syntax for type integer: "…"'
like "and what can't hold one" "$(watch "SELECT replace(what, E'\n', '') FROM barometre.failures")" 'test tested.name *accepted_values'

# SQLSTATEs that are mostly of the project's text, and are of values here
sql "CREATE FUNCTION public.forbid(t text) RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN RAISE '%', t USING ERRCODE = 'insufficient_privilege'; END \$\$" >/dev/null
echo "select v::regclass::text as v from (select 'DURAND14'::text || v as v from {{ source('tap', 'good') }}) as g" >"$project/models/as_relation.sql"
echo "select to_tsquery('DURAND15 ' || v) as v from {{ source('tap', 'good') }}" >"$project/models/as_words.sql"
echo "select public.forbid('DURAND16 ' || v) as v from {{ source('tap', 'good') }}" >"$project/models/forbidden.sql"
echo "select v::int as n from {{ source('tap', 'good') }}" >"$project/models/tried.sql"
printf 'unit_tests: [{name: a_word, model: tried, given: [{input: "source(%s)", rows: [{v: DURAND17}]}], expect: {rows: [{n: 1}]}}]\n' "'tap', 'good'" >"$project/models/tried.yml"
echo "select v from {{ source('tap', 'good') }}" >"$project/models/checked.sql"
printf 'version: 2\nmodels: [{name: checked, columns: [{name: v, tests: [dbt_utils.expression_is_true: {expression: "::int + length(%s) = 1"}]}]}]\n' "'DURAND18'" >"$project/models/checked.yml"
sql "DELETE FROM tap.good; INSERT INTO tap.good (id, v) VALUES (9, 'DURAND19')" >/dev/null
for m in as_relation as_words forbidden tried checked; do sql "CALL baro_transform('$m')" >/dev/null; sql "CALL baro_transform('$m', on_failure => 'skip')" >/dev/null; done
unlike "nor one that is cast to what the database has, or that a unit test can't read" "$(one_view)" DURAND
printf '{"type": "DURAND20"}\n' >"$BARO_DATA/singer/1.singer"; sql "SELECT * FROM baro_run('singer')" >/dev/null
unlike "nor a line of a Singer file" "$(one_view)" DURAND
like "but which one it is" "$(watch "SELECT replace(why, E'\n', ' ') FROM barometre.failures")" '1.singer": line 1'
like "whoever may read the tables sees why" "$(sql "SELECT replace(why, E'\n', ' ') FROM barometre.failures")" 'DURAND7'
like "monitoring too" "$(sql "SELECT code, state, sentence FROM baro_health()")" '^2\|critical\|[0-9]+ failures and [0-9]+ warnings?, the last one of '
is "an observer reads no table, reject or sample" "$(for t in run step reject test_result file bookmark singer_state; do watch "SELECT * FROM barometre.$t"; done | grep -c 'permission denied')" 7
is "and calls nothing" "$(watch "SELECT * FROM baro_run()" | grep -c 'permission denied')" 1

# How far a load is
for _ in 1 2 3; do seq 1 200000; done | awk 'BEGIN { print "n" } { print }' >"$BARO_DATA/typed/2.csv"
super "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RETURN NEW; END \$\$" >/dev/null
psql -X -q -At -d "$db" -U meltano -c "SELECT count(*) FROM baro_run('tap.typed', full_refresh => true)" >/dev/null 2>&1 &
soon "SELECT count(*) > 0 FROM barometre.progress WHERE call = 'baro_run' AND read ~ '^[0-9]+/[0-9]+ kB$'"
ok "a load says what it read, of how much" $?
wait
finish
