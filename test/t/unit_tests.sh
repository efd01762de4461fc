#!/usr/bin/env bash
# Unit tests of models: rows that are made up, the model's SQL upon them, and what is expected.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: tested
roles: {loader: meltano}
vars: {least: 10}
env: {AREA: metropolitan}
YML
m=$project/models f=$project/tests/fixtures
mkdir -p "$f" "$project/macros"
transform() { notices "CALL baro_transform(${1:-})"; }
# tests SELECTION: a line a test; told SELECTION: with what is said of it
tests() { sql "SELECT test || ' ' || status || coalesce(' ' || failures, '') FROM baro_test('${1:-test_type:unit}') ORDER BY test"; }
told() { notices "SELECT test || ' ' || status FROM baro_test('${1:-test_type:unit}')"; }
message() { tests "$1" >/dev/null; sql "SELECT message FROM barometre.test_result WHERE test = '$1' ORDER BY run DESC LIMIT 1"; }
# unit [FILE]: what stands under unit_tests: in the properties
unit() { { echo "unit_tests:"; sed 's/^/  /'; } > "$m/${1:-units}.yml"; }
problems() { sql "SELECT * FROM baro_load_project()" >/dev/null; sql "SELECT file || ':' || line || ' ' || name || ': ' || message || coalesce(' | ' || hint, '') FROM barometre_internal.problem"; }

printf 'code,label\nFR,France\nBE,Belgium\n' > "$project/seeds/regions.csv"
echo "{% macro rate() %}2{% endmacro %}" > "$project/macros/rate.sql"
echo "select * from (values (1, 'FR', 12.50, true, date '2024-01-02', 'abc'::varchar(3))) v (id, region, amount, paid, day, note)" > "$m/raw.sql"
cat > "$m/orders.sql" <<'SQL'
select o.id, o.amount * {{ rate() }} as amount, o.paid, r.label, o.day, '{{ env_var("AREA") }}' as area
from {{ ref('raw') }} as o left join {{ ref('regions') }} as r on r.code = o.region
where o.amount >= {{ var('least') }}
SQL
echo "select count(*) as orders from orders" > "$m/totals.sql"

# Before anything is there
unit <<'YML'
- name: small
  model: orders
  given:
    - input: ref('raw')
      rows: [{id: 1, amount: 10}, {id: 2, amount: 9.99}]
    - {input: ref('regions'), rows: []}
  expect: {rows: [{id: 1}]}
YML
is "a test of a seed's columns waits for the seed" "$(tests)" "small skip"
like "and says what to do" "$(message small)" 'the columns of "regions" are not known: "regions" does not exist yet; load it first: SELECT \* FROM baro_seed'
sql "SELECT * FROM baro_seed()" >/dev/null
is "the columns of a model that was never built are those of its SQL" "$(tests)" "small pass 0"
is "nothing was built for that" "$(sql "SELECT to_regclass('analytics.raw')")" ""
like "it is run when its model is built" "$(transform)" 'transform: 3 models built, .* 1 tests$'
like "and not when it is not" "$(transform)" 'transform: 0 models built, 3 unchanged, .* 0 tests$'

# Rows
unit <<'YML'
- name: rows
  model: orders
  description: Columns that are not named are NULL, and those that are not expected do not count.
  config: {tags: [quick], meta: {owner: me}}
  given:
    - input: ref('raw')
      rows:
        - {id: 1, region: FR, amount: 10, day: 2024-02-29}
        - {id: 1, region: FR, amount: 10, day: "2024-02-29"}
        - {id: 2, region: XX, amount: 10.005, paid: true}
    - input: ref('regions')
      rows: [{code: FR, label: "La d'été"}]
  expect:
    rows:
      - {id: 2, amount: 20.01, paid: true, label: null, day: null}
      - {id: 1, amount: 20, paid: null, label: "La d'été", day: 2024-02-29}
      - {id: 1, amount: 20.0, paid: , label: "La d'été", day: 2024-02-29}
- name: of_the_seed
  model: orders
  given:
    - {input: ref('raw'), rows: [{region: FR, amount: 10}, {region: BE, amount: 10}]}
    - input: ref('regions')
  expect: {rows: [{label: France}, {label: Belgium}]}
- name: as_csv
  model: orders
  given:
    - input: ref('raw')
      format: csv
      rows: |
        id,region,amount

        1,FR,10
        2,,"11.5"
        3
    - {input: ref('regions'), format: csv, fixture: two_regions}
  expect:
    format: csv
    rows: |
      id, amount, label
      1,20,"Fr, ""hexagone"""
      2,23,
- name: as_sql
  model: orders
  given:
    - {input: ref('raw'), format: sql, fixture: some_orders}
    - {input: ref('regions'), format: sql, rows: "select 'FR' as code"}
  expect: {format: sql, rows: "select 1 as id, '20' as amount, null as label;"}
- name: nothing
  model: orders
  given: [{input: ref('raw'), rows: []}, {input: ref('regions'), rows: []}]
  expect: {rows: []}
- name: overridden
  model: orders
  overrides:
    macros: {rate: 3}
    vars: {least: 1}
    env_vars: {AREA: overseas}
  given: [{input: ref('raw'), rows: [{amount: 2}]}, {input: ref('regions'), rows: []}]
  expect: {rows: [{amount: 6, area: overseas}]}
YML
printf 'code,label\r\nFR,"Fr, ""hexagone"""\r\n' > "$f/two_regions.csv"
echo "select 1 as id, 10 as amount -- the rest is NULL" > "$f/some_orders.sql"
is "rows are mappings, CSV, SQL, in files, or a seed's own" "$(tests)" "as_csv pass 0
as_sql pass 0
nothing pass 0
of_the_seed pass 0
overridden pass 0
rows pass 0"
is "a fixture in SQL is no data test" "$(tests "test_type:data" 2>&1)" 'ERROR:  selection "test_type:data": there is no test of the type "data"
HINT:  Known are "unit".'
is "they are selected by their model" "$(tests orders | wc -l)" 6
is "by tag" "$(tests tag:quick)" "rows pass 0"
is "by name" "$(tests as_sql)" "as_sql pass 0"
is "and by what they are of, among others" "$(tests 'orders,test_type:unit' | wc -l) $(tests 'totals regions+,resource_type:unit_test' | wc -l)" "6 6"
is "they are listed" "$(sql "SELECT name || ' ' || kind || ' ' || state || ' ' || rows FROM baro_ls('resource_type:unit_test,tag:quick')")" "rows unit_test pass 0"
like "their SQL can be looked at" "$(sql "SELECT baro_compile('as_csv')")" 'CAST\(_baro_given.c3 AS numeric\) AS amount, CAST\(NULL AS boolean\) AS paid'
is "the project knows them" "$(sql "SELECT test, arguments -> 'overrides' -> 'vars' ->> 'least', definition FROM barometre_internal.test WHERE name = 'overridden'")" "unit|1|models/units.yml:53"

# What differs
unit <<'YML'
- name: differs
  model: orders
  given: [{input: ref('raw'), rows: [{id: 1, amount: 10}, {id: 1, amount: 10}, {id: 2, amount: 11}]}, {input: ref('regions'), rows: []}]
  expect: {rows: [{id: 1, amount: 20}, {id: 2, amount: 23}, {id: 2, amount: 22}]}
YML
is "rows are compared as multisets" "$(tests)" "differs fail 2"
is "those that differ are shown" "$(told)" 'NOTICE:  unit test differs of orders: 2 rows differ
expected: {"id": 2, "amount": 23}
actual:   {"id": 1, "amount": 20}
differs fail'
is "and kept" "$(sql "SELECT sample FROM barometre.test_result WHERE test = 'differs' ORDER BY run DESC LIMIT 1")" \
    '[{"id": 2, "amount": 23, "actual_or_expected": "expected"}, {"id": 1, "amount": 20, "actual_or_expected": "actual"}]'
is "TAP has them" "$(sql "SELECT * FROM baro_test_tap('differs')")" '1..1
not ok 1 - orders differs
# 2 rows differ; samples are in barometre.test_result
#   expected: {"id": 2, "amount": 23}
#   actual:   {"id": 1, "amount": 20}'
echo "-- changed" >> "$m/orders.sql"
was=$(sql "SELECT count(*), 'analytics.orders'::regclass::oid FROM analytics.orders")
out=$(transform)
like "one that fails keeps its model from being built" "$out" 'ERROR:  a test failed, and nothing was published: differs of orders'
like "and shows why" "$out" 'expected: .*"amount": 23'
unlike "nothing was built that reads it" "$out" 'orders: built|totals'
echo "select 5 as id, 1 as one" > "$m/apart.sql"
out=$(transform "on_failure => 'skip'")
like "with skip the others go on" "$out" 'transform: 1 models built, 1 unchanged, 1 skipped, 1 failed; .* 1 tests$'
is "what was published stays" "$(sql "SELECT count(*), 'analytics.orders'::regclass::oid FROM analytics.orders")" "$was"
is "why is kept" "$(sql "SELECT name || ' ' || status || ' ' || why FROM barometre.step WHERE name IN ('orders', 'totals') ORDER BY run DESC, name DESC LIMIT 2")" \
    'totals skipped model "orders" was not built
orders failed unit test differs of orders: 2 rows differ'
is "rows are in no message that is kept" "$(role=postgres sql "SELECT count(*) FROM barometre.step s WHERE s::text LIKE '%23}%'")" 0
is "nothing is left behind" "$(role=postgres sql "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_baro%' OR relpersistence = 't'")" 0

# Columns and values that can't be
one() { unit <<YML
- name: wrong
  model: ${3:-orders}
  given: [{input: ref('raw'), rows: [$1]}, {input: ref('regions'), rows: []}]
  expect: {rows: [$2]}
YML
}
one "{id: 1, amout: 2}" "{id: 1}"
like "a column that an input lacks" "$(message wrong)" "^models/units.yml:4: input ref\('raw'\) names the column \"amout\", which what it stands for lacks"
like "is told with the nearest one" "$(notices "SELECT baro_compile('wrong')")" 'HINT:  Did you mean "amount"'
one "{id: 1}" "{ID: 1, labell: 2}"
like "and one that the model lacks" "$(message wrong)" '^models/units.yml:5: what is expected names the column "labell", which model "orders" lacks$'
one "{id: 1}, {id: 4.7}" "{id: 1}"
like "a value that is none of its type is named" "$(message wrong)" '^models/units.yml:4: "4.7" in row 2 of input ref\(.raw.\) is none of type integer, which column "id" has'
one "{id: 4.0, amount: 11, paid: 1, note: abcdef}" "{id: 4, paid: yes}"
is "what only looks different is taken" "$(tests)" "wrong pass 0"
one "{id: 1, amount: 10}" "{id: x}"
like "so is one that is expected" "$(message wrong)" '"x" in row 1 of what is expected is none of type integer'
is "they are errors, which forbid publication" "$(tests) $(transform "on_failure => 'skip'" | grep -c 'unit test wrong of orders could not be run: models/units.yml:5')" "wrong error 1"
echo "select id, amount / 0 as x from {{ ref('raw') }} where id is not null" > "$m/halves.sql"
one "{id: 1, amount: 1}" "{x: 1}" halves
like "so is an error of the model's SQL" "$(message wrong)" '^models/units.yml:2: division by zero'
echo "select id,
  amont from {{ ref('raw') }}" > "$m/halves.sql"
like "with its line" "$(message wrong)" '^models/units.yml:2: model "halves" \(models/halves.sql, line 2\): column "amont" does not exist'
echo "select id, id from {{ ref('raw') }}" > "$m/halves.sql"
like "and what could be no table" "$(message wrong)" '^models/units.yml:2: model "halves" \(models/halves.sql\) gives the column "id" twice'
rm "$m/halves.sql"

# All that the model reads must be given
unit <<'YML'
- {name: lacks, model: orders, given: [], expect: {rows: []}}
- {name: right, model: totals, given: [{input: ref('orders'), rows: [{id: 1}]}], expect: {rows: [{orders: 1}]}}
- {name: plain, model: totals, given: [], expect: {rows: [{orders: 0}]}}
YML
like "inputs that are missing are named together" "$(problems)" "^models/units.yml:2 lacks: unit test \"lacks\" does not give all that model \"orders\" reads: ref\('raw'\) and ref\('regions'\) are missing"
like "that blocks the model" "$(sql "SELECT name || ' ' || state || ' ' || replace(reason, E'\n', ' ') FROM baro_ls('orders')")" '^orders blocked its unit test "lacks" can.t be read$'
sed -i '2d' "$m/units.yml"
is "a plain name is read as a reference is" "$(tests)" "plain error
right pass 0"
like "and is missed when the test runs" "$(message plain)" '^models/units.yml:3: unit test "plain" does not give all that model "totals" reads: orders is missing'

# What can't be read
printf 'id\n1,2\n' > "$f/wide.csv"
for one in again often; do echo "select * from {{ ref('raw') }}" > "$m/$one.sql"; done
unit <<'YML'
- {name: a, model: orders, givn: [], expect: {rows: []}}
- {name: b, model: order, expect: {rows: []}}
- {name: c, model: totals, given: [{input: "ref(orders"}], expect: {rows: []}}
- {name: d, model: totals, given: [{input: ref('orders'), format: csv, fixture: two_region}], expect: {rows: []}}
- {name: e, model: totals, given: [{input: ref('orders'), rows: "id,1"}], expect: {rows: []}}
- {name: f, model: again, given: [{input: ref('apart')}], expect: {rows: []}}
- {name: g, model: apart, expect: {rows: [{id: 1}, {one: 1}]}}
- {name: h, model: apart, versions: {include: [1]}, expect: {rows: []}}
- {name: i, model: apart, expect: {format: csv, fixture: wide}}
- {name: j, model: often, given: [{input: ref('wra'), rows: []}], expect: {rows: []}}
- {name: k, model: apart, expect: {rows: [{id: 5}]}}
- {name: k, model: apart, expect: {rows: [{id: 5}]}}
- {name: l, model: apart, enabled: false, expect: {rows: [{id: 5}]}}
- {name: m, model: apart, config: {enabled: false, colour: red}, expect: nothing}
YML
out=$(problems)
for wanted in '2 a: unknown key "givn" in unit test "a" \| Did you mean "given"' \
    '3 b: unit test "b" is of model "order", which is not in the project \| Did you mean "orders"' \
    '4 c: "ref\(orders" is no input \| An input is' '5 d: there is no fixture "two_region.csv" \| Did you mean "two_regions"' \
    '6 e: the rows of input .* must be a list of mappings \| If they are a text of CSV' \
    "7 f: unit test \"f\" gives ref\('apart'\) without rows" '8 g: row 2 of .expect. of unit test "g" names the column "one", and those before' \
    '9 h: models have no versions here' '2 i: a row has 2 fields, and the header 1' \
    '13 k: unit test "k" of model "apart" is there twice' '11 j: unit test "j" gives "wra", which is neither a model nor a seed \| Did you mean "raw"' '14 l: unknown key "enabled"'; do
    like "problem: $wanted" "$out" "^(models/units.yml|tests/fixtures/wide.csv):$wanted"
done
like "a key that means nothing is noted" "$(notices "SELECT name || ' ' || change || ' ' || place FROM baro_load_project('$project') WHERE name = 'colour'")" '^colour ignored models/units.yml:'
is "no other model is blocked by that" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM baro_ls() WHERE state = 'blocked'" | tail -1)" "again apart often orders totals"

# A seed is read as it is loaded; streams are inputs, too
rm "$m"/{again,often,apart}.sql
unit <<'YML'
- {name: seed, model: only, given: [{input: ref('regions')}], expect: {rows: [{n: 2}]}}
- {name: stream, model: loaded, given: [{input: "source('tap_x', 'people')", rows: [{id: 1}, {id: 3, name: x}]}], expect: {rows: [{id: 3, name: x}]}}
YML
echo "select count(*) as n from {{ ref('regions') }}" > "$m/only.sql"
echo "select * from {{ source('tap_x', 'people') }} where id > (select 2 from public.unknown)" > "$m/loaded.sql"
role=postgres sql "CREATE TABLE public.unknown AS SELECT 1 AS x; GRANT SELECT ON public.unknown TO meltano" >/dev/null
cat >> "$project/barometre.yml" <<'YML'
taps:
  - name: tap_x
    streams:
      - {name: people, path: people, pattern: ".*[.]csv"}
YML
mkdir -p "$BARO_DATA/people"
printf 'id,name\n7,real\n' > "$BARO_DATA/people/a.csv"
is "a stream that was never loaded is waited for" "$(tests)" "seed pass 0
stream skip"
sql "SELECT * FROM baro_run('tap_x')" >/dev/null
printf 'CH,Suisse\n' >> "$project/seeds/regions.csv"
out=$(told)
like "what is loaded of a seed counts, which is told" "$out" 'WARNING:  seed "regions" changed since it was loaded, and unit tests read it as it is loaded'
like "rows stand for those of a stream" "$out" '^stream pass$'
like "a transformation loads the seed first" "$(transform "'only', on_failure => 'skip'")" 'actual: .*"n": 3'
rm "$m"/{only,loaded}.sql

# Models that read themselves, and those that are nowhere
cat > "$m/daily.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='day') }}
select day, sum(amount) as amount from {{ ref('even') }}
{% if is_incremental() %}where day > (select max(t.day) from {{ this }} t){% endif %}
group by day
SQL
echo "{{ config(materialized='ephemeral') }} select day, amount from {{ ref('raw') }} where id % 2 = 0" > "$m/even.sql"
unit <<'YML'
- name: at_first
  model: daily
  overrides: {macros: {is_incremental: false}}
  given: [{input: ref('even'), rows: [{day: 2024-01-01, amount: 1}, {day: 2024-01-01, amount: 2}]}]
  expect: {rows: [{day: 2024-01-01, amount: 3}]}
- name: later
  model: daily
  overrides: {macros: {is_incremental: true}}
  given: [{input: ref('even'), rows: [{day: 2024-01-01, amount: 1}, {day: 2024-01-02, amount: 2}]}, {input: this, rows: [{day: 2024-01-01}]}]
  expect: {rows: [{day: 2024-01-02, amount: 2}]}
- name: even_ones
  model: even
  given: [{input: ref('raw'), rows: [{id: 1, amount: 1}, {id: 2, amount: 2}]}]
  expect: {rows: [{amount: 2}]}
YML
is "an incremental model has both forms, on rows of its own table" "$(tests)" "at_first pass 0
even_ones pass 0
later pass 0"
like "they are run before it is built" "$(transform "'daily'")" 'transform: 1 models built, .* 3 tests$'
echo "{{ config(materialized='ephemeral') }} select day, amount from {{ ref('raw') }} where id % 2 = 1" > "$m/even.sql"
like "and so is the one of what is put into it" "$(transform "'daily', on_failure => 'skip'")" 'WARNING:  unit test even_ones of even: 2 rows differ'
is "which keeps it from being built" "$(sql "SELECT status || ' ' || why FROM barometre.step WHERE name = 'daily' ORDER BY run DESC LIMIT 1")" "failed unit test even_ones of even: 2 rows differ"
sed -i 's/is_incremental: true/rate: 1/' "$m/units.yml"
like "the form must be said" "$(problems)" '^models/units.yml:7 later: unit test "later" does not say whether is_incremental\(\) is true'
sed -i 's/{rate: 1}/{is_incremental: "true"}/' "$m/units.yml"
like "as true or false" "$(problems)" 'unit test "later" overrides is_incremental\(\) by what is neither true nor false'
sed -i 's/{is_incremental: "true"}/{is_incremental: true}/; s/, {input: this[^}]*}\]}//' "$m/units.yml"
like "and what is there, where it counts" "$(problems)" 'unit test "later" says that is_incremental\(\) is true, and gives no rows that are there'
echo "{{ config(materialized='ephemeral') }} select day, amount from {{ ref('raw') }} where id % 2 = 0" > "$m/even.sql"

# A new column, which the test names, comes with the same build
echo "{{ config(materialized='incremental', on_schema_change='append_new_columns') }} select id, amount as total from {{ ref('raw') }}{% if is_incremental() %} where id > (select max(t.id) from {{ this }} t){% endif %}" > "$m/grows.sql"
unit <<'YML'
- {name: wide, model: totals, given: [{input: ref('orders'), rows: [{id: 1, fresh: a}]}], expect: {rows: [{orders: 1}]}}
- name: own
  model: grows
  overrides: {macros: {is_incremental: false}}
  given: [{input: ref('raw'), rows: [{id: 1, amount: 3}]}, {input: this, rows: [{total: 1}]}]
  expect: {rows: [{total: 3}]}
YML
sed -i 's/^select o.id,/select o.id, o.note as fresh,/' "$m/orders.sql"
echo "-- changed" >> "$m/totals.sql"
like "types are those of what is being built" "$(transform "'+totals grows'")" 'transform: 3 models built, .* 2 tests$'
sed -i 's/amount as total/amount as total, 1 as more/' "$m/grows.sql"
sed -i 's/{total: 1}/{total: 1, more: 2}/; s/{total: 3}/{more: 1}/' "$m/units.yml"
like "also of its own table" "$(transform "'grows'")" 'transform: 1 models built, .* 1 tests$'
rm "$m/grows.sql"

# Nothing is touched, and it is the owner's SQL
role=postgres sql "CREATE FUNCTION public.writes() RETURNS int LANGUAGE sql AS 'DELETE FROM analytics.orders RETURNING 1';
GRANT CREATE ON SCHEMA public TO meltano;" >/dev/null
echo "select current_user::text as who, {{ ref('raw') }}.id from {{ ref('raw') }}" > "$m/who.sql"
echo "select public.writes() as n from {{ ref('raw') }}" > "$m/wrote.sql"
echo "select pg_sleep(amount)::text as slept from {{ ref('raw') }}" > "$m/sleeps.sql"
unit <<'YML'
- {name: who, model: who, given: [{input: ref('raw'), rows: [{id: 7}]}], expect: {rows: [{who: meltano, id: 7}]}}
- {name: wrote, model: wrote, given: [{input: ref('raw'), rows: [{id: 7}]}], expect: {rows: [{n: 1}]}}
- {name: sleeps, model: sleeps, given: [{input: ref('raw'), rows: [{amount: 30}]}], expect: {rows: []}}
YML
is "it is the owner's" "$(role=postgres tests who)" "who pass 0"
is "what writes is refused" "$(tests wrote) $(message wrote | grep -o 'cannot execute DELETE in a read-only transaction')" "wrote error cannot execute DELETE in a read-only transaction"
like "it can be cancelled" "$(sql "SET statement_timeout = 300; SELECT * FROM baro_test('sleeps')")" 'canceling statement due to statement timeout'
rm "$m/wrote.sql" "$m/sleeps.sql"

# A circle by plain names is known when the server has parsed the SQL
echo "select id from analytics.round2" > "$m/round1.sql"
echo "select id from analytics.round1" > "$m/round2.sql"
unit <<'YML'
- {name: round, model: round1, given: [{input: ref('round2'), rows: [{id: 7}]}], expect: {rows: [{id: 7}]}}
- {name: who, model: who, given: [{input: ref('raw'), rows: []}], expect: {rows: []}}
YML
is "models in a circle have no tests, and others have theirs" "$(tests | tail -1)" "who pass 0"
rm "$m"/round*.sql

# Types
role=postgres sql "CREATE TYPE public.mood AS ENUM ('glad', 'sad'); CREATE DOMAIN public.positive AS int CHECK (VALUE > 0)" >/dev/null
echo "select 'glad'::mood as mood, 1::positive as n, '{a}'::text[] as list, '{\"a\":1}'::json as doc, 'x'::char(3) as c, point '(1,2)' as p, 1.5::numeric(6,2) as v, now() as at, 'x'::bytea as b, 1 as \"Odd Name\" where false" > "$m/typed.sql"
echo "select * from {{ ref('typed') }}" > "$m/copied.sql"
unit <<'YML'
- name: types
  model: copied
  given:
    - input: ref('typed')
      rows:
        - {mood: sad, n: 2, list: "{b,c}", doc: {b: [1, null]}, c: xy, p: "(3,4)", v: 2.25, at: "2024-01-01 00:00:00+00", b: '\x00ff', Odd Name: 1}
        - {mood: sad}
  expect:
    rows:
      - {mood: sad, n: 2, list: "{b,c}", doc: '{"b": [1, null]}', c: "xy ", p: "(3,4)", v: 2.250, at: "2024-01-01 01:00:00+01", b: '\x00FF', odd name: 1}
      - {mood: sad, n: , list: null, doc: ~, c: NULL, p: null, v: null, at: null, b: null, odd name: null}
- name: rounded
  model: copied
  given: [{input: ref('typed'), rows: [{v: 2.25}]}]
  expect: {rows: [{v: 2.254}]}
- name: negative
  model: copied
  given: [{input: ref('typed'), rows: [{n: -1}]}]
  expect: {rows: [{n: 1}]}
- {name: types, model: who, given: [{input: ref('raw'), rows: []}], expect: {rows: []}}
YML
is "values have the types that are there, and what is expected is not rounded to them" "$(tests)" "negative error
rounded fail 2
types pass 0
types pass 0"
is "two of one name are called by their models" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM baro_ls('test_type:unit') WHERE name LIKE '%types'")" "copied.types who.types"

# Projects of dbt
rm -rf "$project/barometre.yml" "$m"/* "$project/tests"
cat > "$project/dbt_project.yml" <<'YML'
name: shop
profile: none
models: {+materialized: table}
unit-tests:
  shop:
    old: {+enabled: false}
YML
role=postgres sql "ALTER DATABASE $db SET barometre.target_schema = 'analytics'"
mkdir -p "$m/old" "$m/new"
cat > "$m/sources.yml" <<'YML'
sources: [{name: erp, schema: public, tables: [{name: bills}, {name: late}]}]
YML
echo "select * from {{ source('erp', 'bills') }} where at < {{ dbt.current_timestamp() }} and {{ dbt_utils.generate_surrogate_key(['n']) }} <> ''" > "$m/new/bills.sql"
echo "select {{ dbt_utils.star(source('erp', 'bills'), except=['at']) }} from {{ source('erp', 'bills') }}" > "$m/new/stars.sql"
cat > "$m/new/units.yml" <<'YML'
unit_tests:
  - name: in_time
    model: bills
    overrides:
      macros: {dbt.current_timestamp: "timestamp '2024-06-01'", dbt_utils.generate_surrogate_key: "'x'"}
    given: [{input: "source('erp', 'bills')", rows: [{n: 1, at: "2024-05-31"}, {n: 2, at: "2024-06-02"}]}]
    expect: {rows: [{n: 1}]}
  - name: star
    model: stars
    given: [{input: "source('erp', 'bills')", rows: [{n: 1, at: "2024-05-31"}]}]
    expect: {rows: [{n: 1, label: }]}
YML
sed 's/in_time/old_time/; s/star$/old_star/' "$m/new/units.yml" > "$m/old/units.yml"
role=postgres sql "CREATE TABLE public.bills (n int, label text, at timestamp); GRANT SELECT ON public.bills TO meltano" >/dev/null
is "dbt's macros are overridden, and columns are those of the input; dbt_project.yml disables by folder" "$(tests)" "in_time pass 0
star pass 0"
finish
