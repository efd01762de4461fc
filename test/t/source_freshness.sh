#!/usr/bin/env bash
# How new the data of sources are: measured by tests and transformations, as dbt source freshness does.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
shown() { sql "SELECT string_agg(split_part(stream, '.', 2) || ' ' || status, ', ' ORDER BY stream) FROM barometre.freshness"; }
measured() { sql "SELECT string_agg(source, ', ' ORDER BY source) FROM barometre_internal.source_age WHERE run = (SELECT max(id) FROM barometre.run WHERE status <> 'running')"; }
listen() { PGOPTIONS='' psql -X -q -At -d "$db" -U meltano 2>&1; }
dbt=$project/transform
mkdir -p "$dbt/models"
printf 'name: shop\nsources: {shop: {crm: {+freshness: {error_after: {count: 3, period: day}}}}}\n' >"$dbt/dbt_project.yml"
cat >"$dbt/models/s.yml" <<'YML'
sources:
  - name: crm
    loaded_at_field: at
    freshness: {warn_after: {count: 1, period: day}}
    tables:
      - {name: new}
      - {name: late, columns: [{name: v, tests: [not_null]}]}
      - {name: old, loaded_at_field: "day + time '12:00' -- by noon", freshness: {filter: "kind = '{{ var('kind', 'good') }}' -- no other"}}
      - {name: empty}
      - {name: nocol, loaded_at_field: nope}
      - {name: text, loaded_at_field: v}
      - {name: missing}
      - {name: nobody, freshness: null}
  - {name: meta, freshness: {warn_after: {count: 1, period: day}}, tables: [{name: t}]}
YML
echo "{{ config(materialized='table') }} select v from {{ source('crm', 'late') }}" >"$dbt/models/m.sql"
new_database
use_project <<'YML'
version: 1
dbt: transform
target: {schema: dwh}
roles: {loader: meltano}
YML
super "CREATE SCHEMA crm AUTHORIZATION meltano; SET ROLE meltano;
       CREATE TABLE crm.new AS SELECT now() AS at;
       CREATE TABLE crm.late AS SELECT now() AT TIME ZONE 'UTC' - interval '30 h' AS at, 'x' AS v;
       CREATE TABLE crm.old AS SELECT date '2020-01-01' + n AS day, CASE WHEN n < 3 THEN 'good' ELSE 'bad' END AS kind FROM generate_series(0, 9) AS n;
       CREATE TABLE crm.empty (at date); CREATE TABLE crm.nocol (at date); CREATE TABLE crm.text AS SELECT now() AS at, 'x' AS v" >/dev/null

is "what has no column to go by is told" "$(sql "SELECT name, replace(place, E'\n', '') FROM baro_load_project() WHERE change = 'ignored'")" "freshness|transform/models/s.yml:14"
is "nothing was measured" "$(shown)" "empty unknown, late unknown, missing unknown, new unknown, nocol unknown, old unknown, text unknown, t unknown"
out=$(notices "SELECT * FROM baro_test()")
like "a test measures all" "$out" 'NOTICE:  of 7 sources that were measured: 1 late, 2 stale'
like "what can't be measured keeps nothing else" "$out" 'WARNING:  how new the data of 3 sources is can.t be measured: source "crm.nocol" \(transform/models/s.yml:10\): column "nope" does not exist, ...'
is "by warn_after and error_after" "$(shown)" "empty stale, late late, missing unknown, new fresh, nocol unknown, old stale, text unknown, t unknown"
is "an expression of a date, of the rows that the filter leaves" "$(super "SELECT newest AT TIME ZONE 'UTC' FROM barometre_internal.data_age WHERE stream = 'crm.old'")" "2020-01-03 12:00:00"
is "what is late or can't be measured is a failure" "$(super "SELECT severity, place, left(replace(why, coalesce(age, '?'), 'x'), 57) FROM barometre_internal.failure JOIN barometre_internal.data_age ON place = 'source ' || stream ORDER BY place")" \
"error|source crm.empty|there are no data, and 1 day are expected
warning|source crm.late|the newest data is x old, and 1 day are expected
warning|source crm.missing|how new the data is can't be measured: relation \"crm.miss
warning|source crm.nocol|how new the data is can't be measured: column \"nope\" does
error|source crm.old|the newest data is x old, and 1 day are expected
warning|source crm.text|how new the data is can't be measured: loaded_at_field \"v"
sql "SELECT count(*) FROM baro_test('source:crm.new')" >/dev/null
is "the selection says which" "$(measured)" "crm.new"
like "a transformation measures what its models read" "$(notices "CALL baro_transform()")" 'NOTICE:  of 1 source that was measured: 1 late'
is "and nothing else" "$(measured)" "crm.late"
sql "SELECT * FROM baro_stamp_sources()" >/dev/null
notices "CALL baro_transform()" >/dev/null
out=$(printf 'LISTEN barometre; CALL baro_transform()\n;' | listen)
like "also where nobody writes any more" "$out" 'model m: unchanged'
like "who listens hears it" "$out" '"event": "late", "source": "crm.late", "status": "late", "expected": "1 day"'
sql "UPDATE crm.late SET v = NULL, at = now()" >/dev/null
like "one that fails" "$(notices "CALL baro_transform()")" 'ERROR:  a test failed'
is "leaves what it measured" "$(sql "SELECT status FROM barometre.freshness WHERE stream = 'crm.late'")" fresh
super "UPDATE barometre_internal.source_age SET newest = newest - interval '2 d', measured_at = measured_at - interval '2 d' WHERE source = 'crm.late'" >/dev/null
is "that it was fresh long ago says nothing of today" "$(sql "SELECT status FROM barometre.freshness WHERE stream = 'crm.late'")" unknown
finish
