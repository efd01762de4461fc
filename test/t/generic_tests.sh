#!/usr/bin/env bash
# Data tests of the project's own, and how tests are judged: severity, where, limit, warn_if, error_if.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: tested
roles: {loader: meltano}
vars: {least: 2}
YML
m=$project/models g=$project/tests/generic
mkdir -p "$g"
transform() { notices "CALL baro_transform(${1:-})"; }
tests() { sql "SELECT test || ' ' || status || ' ' || coalesce(failures::text, '-') FROM baro_test('${1:-*}') ORDER BY target, test"; }
# of_x TESTS: what column x of the model towns is tested for
of_x() { printf 'models:\n  - name: towns\n    columns:\n      - name: x\n        tests:\n' > "$m/towns.yml"; sed 's/^/          /' >> "$m/towns.yml"; }
of_towns() { printf 'models:\n  - name: towns\n    tests:\n' > "$m/towns.yml"; sed 's/^/      /' >> "$m/towns.yml"; }
echo "select * from (values (1, 'Paris'), (2, 'Lyon'), (2, 'Nice'), (-1, 'Lyon'), (null, 'Brest')) v (x, \"order\")" > "$m/towns.sql"
echo "select * from (values (1), (2)) v (id)" > "$m/ids.sql"
transform >/dev/null
echo "select * from analytics.ids where id > 2" > "$project/tests/plain.sql"
echo "select * from (values (1), (3)) v (id)" > "$m/ids.sql"
like "a singular test that names a table in plain SQL gates its publication" "$(transform)" 'test singular of plain: 1 failing rows'
rm "$project/tests/plain.sql"
echo "select * from (values (1), (2)) v (id)" > "$m/ids.sql"

# Written as templates
cat > "$g/numbers.sql" <<'SQL'
{% test at_least(model, column_name, least=0) %}
select {{ column_name }}, '{{ column_name }}' as which
from {{ model }}
where {{ column_name }} < {{ least }}
{% endtest %}
{% test rows_of(model, other) %}
select 1 where (select count(*) from {{ model }}) <> (select count(*) from {{ other }});
{% endtest %}
SQL
echo "- at_least
- at_least: {least: 2, name: two_at_least}" | of_x
is "a test of the project's own runs on its column" "$(tests towns)" "at_least fail 1
two_at_least fail 2"
is "it is no singular test" "$(sql "SELECT count(*) FROM baro_test('*')")" 2
is "its failing rows are kept" "$(sql "SELECT sample FROM barometre.test_result WHERE test = 'at_least' ORDER BY run DESC LIMIT 1")" '[{"x": -1, "which": "x"}]'
like "it gates publication" "$(touch "$m/towns.sql"; sql 'DROP TABLE analytics.towns' >/dev/null; transform)" 'ERROR:  a test failed, and nothing was published'
is "of the new table, which nobody sees" "$(sql "SELECT to_regclass('analytics.towns') IS NULL")" t
echo "- rows_of: {other: ref('ids')}" | of_towns
like "a reference in an argument is the table that is there" "$(transform)" 'ERROR:  a test failed'
like "in whose name the result is" "$(transform)" 'DETAIL:  Failing: test rows_of of towns: 1 failing rows'
echo "select * from (values (1), (2), (3)) v (id)" > "$m/ids.sql"
echo "select * from (values (1, 'Paris'), (2, 'Lyon'), (2, 'Nice')) v (x, \"order\")" > "$m/towns.sql"
like "both are the private tables, not what is published" "$(transform)" 'transform: 2 models built'
echo "select * from (values (1), (2)) v (id)" > "$m/ids.sql"
like "it runs when any that it reads is built" "$(transform "'ids'")" 'test rows_of of towns'
out=$(notices "CALL baro_transform(on_failure => 'skip')")
is "and holds back all of them" "$(sql "SELECT count(*) FROM analytics.ids")" 3
echo "select * from (values (1), (2), (3)) v (id)" > "$m/ids.sql"
echo "{% test as_many(model) %}select 1 where (select count(*) from {{ model }}) <> (select count(*) from analytics.ids){% endtest %}" > "$g/plain.sql"
echo "- as_many" | of_towns
transform >/dev/null
echo "select * from (values (1), (2)) v (id)" > "$m/ids.sql"
like "also one that it reads by a plain name" "$(transform "'ids'")" 'test as_many of towns'
echo "select * from (values (1), (2), (3)) v (id)" > "$m/ids.sql"
echo "{% test named(model, column_name) %}select * from {{ model }} where {{ column_name }} = 'Lyon'{% endtest %}" > "$g/named.sql"
echo "- named: {column_name: order, where: \"x > {{ var('least') }} -- only these\"}
- named: {column_name: order, where: \"x = {{ var('least') }} -- only these\", name: named_too}" | of_towns
is "the column of a table's test is quoted; where leaves rows out, has templates, and may end in a comment" "$(tests towns)" "named pass 0
named_too fail 1"
echo "{% test unique(model, column_name) %}select 1 where false{% endtest %}" > "$g/unique.sql"
echo "- unique" | of_x
is "one of the project's own takes the place of a built-in one" "$(tests towns)" "unique pass 0"
rm "$g/unique.sql"
is "which is back without it" "$(tests towns)" "unique fail 1"
printf "{%% test broken(model) %%}\n\nselect nope\nfrom {{ model }}\n{%% endtest %%}\n" > "$g/broken.sql"
echo "- broken" | of_towns
sql "SELECT baro_test('towns')" >/dev/null
is "an error names the declaration, and file and line of the macro" "$(sql "SELECT message FROM barometre.test_result ORDER BY run DESC LIMIT 1")" 'models/towns.yml:4 (tests/generic/broken.sql, line 3): column "nope" does not exist'
like "publication tells it too" "$(transform "'towns', full_refresh => true")" 'models/towns.yml:4 \(tests/generic/broken.sql, line 3\)'
printf "select 1\nfrom {{ ref('towns') }}\nwhere nope" > "$project/tests/single.sql"
echo "- as_many" | of_towns
sql "SELECT baro_test('single')" >/dev/null
is "and of a singular test" "$(sql "SELECT message FROM barometre.test_result WHERE test = 'singular' ORDER BY run DESC LIMIT 1")" 'tests/single.sql:3: column "nope" does not exist'
rm "$project/tests/single.sql"
echo "- asmany" | of_towns
like "an unknown test is an error with the nearest name" "$(transform)" 'models/towns.yml:4: unknown test "asmany".*'
is "as a hint" "$(sql "SELECT hint FROM barometre_internal.problem")" 'Did you mean "as_many"?'

# Judged
echo "select * from (values (1, 'Paris'), (2, 'Lyon'), (2, 'Nice'), (-1, 'Lyon'), (null, 'Brest'), (null, 'Pau'), (1, 'Metz')) v (x, city)" > "$m/towns.sql"
rm "$g"/*.sql "$m/ids.sql"
echo "- unique: {where: x > 1}
- unique: {where: x < 0, name: unique_2}
- unique: {where: x > 0, limit: 1, name: unique_3}
- not_null: {where: \"city <> 'Pau'\"}
- not_null: {limit: 1, name: not_null_2}
- accepted_values: {values: [1, 2], where: \"city <> 'x' -- all\"}
- accepted_values: {values: [3], limit: 1, name: limited}
- relationships: {to: ref('towns'), field: x, where: x > 0}
- expression_is_true: {expression: '> 0', where: 'x is not null and x > -1'}
- expression_is_true: {expression: '> 0', name: unguarded}" | of_x
out=$(transform)
like "several fail" "$out" 'a test failed'
printf "select * from {{ ref('towns') }}" > "$project/tests/all.sql"
for t in unique unique_2 unique_3 not_null not_null_2 accepted_values limited relationships expression_is_true unguarded; do
    echo "$t $(sql "SELECT status || ' ' || failures FROM barometre.test_result WHERE test = '$t' ORDER BY run DESC LIMIT 1")"
done > "$BARO_DATA/judged"
is "where and limit of each built-in test" "$(cat "$BARO_DATA/judged")" "unique fail 1
unique_2 pass 0
unique_3 fail 1
not_null fail 1
not_null_2 fail 1
accepted_values fail 1
limited fail 1
relationships pass 0
expression_is_true pass 0
unguarded fail 1"
printf "{{ config(error_if='> 7', limit=9) }}select * from {{ ref('towns') }} -- comment" > "$project/tests/all.sql"
echo "- unique: {warn_if: '> 2', error_if: '>3'}
- not_null: {error_if: '> 2'}
- accepted_values: {values: [1, 2], severity: warn, warn_if: '= 1'}" | of_x
out=$(transform)
like "what only meets warn_if does not stop publication" "$out" 'transform: 1 models built'
like "but is told" "$out" 'WARNING:  test not_null of towns.x: 2 failing rows'
like "and noted as a step" "$(sql "SELECT name || ' ' || status FROM barometre.step WHERE kind = 'test'")" 'towns.x not_null warn'
is "results say what was found" "$(tests towns)" "singular warn 7
accepted_values warn 1
not_null warn 2
unique pass 2"
is "as TAP" "$(sql "SELECT * FROM baro_test_tap('towns')" | grep TODO | sed 's/^not ok [0-9]* - //' | sort)" "all singular # TODO warning only
towns.x accepted_values # TODO warning only
towns.x not_null # TODO warning only"
is "a test of severity error keeps its severity when it warns" "$(sql "SELECT severity FROM baro_test('towns') WHERE test = 'not_null'")" error
printf "{{ config(limit=3, error_if='> 3') }}select * from {{ ref('towns') }}" > "$project/tests/all.sql"
is "limit is the most that counts of a singular test" "$(sql "SELECT status || failures FROM baro_test('all')")" warn3
sed -i 's/^vars.*/tests: {severity: warn, samples: 1}/' "$project/barometre.yml"
printf "select * from {{ ref('towns') }}" > "$project/tests/all.sql"
is "the project file has defaults" "$(sql "SELECT severity || ' ' || status FROM baro_test('all')")" "warn warn"
echo "select 'x' as a, 'text' as kind union all select '5', 'number'" > "$m/guarded.sql"
printf "models:\n  - name: guarded\n    tests:\n      - expression_is_true: {expression: 'a::int > 1', where: \"kind = 'number'\"}\n" > "$m/guarded.yml"
transform "'guarded'" >/dev/null
is "a condition is not computed for rows that where leaves out" "$(tests guarded)" "expression_is_true pass 0"

# What the registry shows
echo "{% test odd(model, column_name, steps, other=none) %}select 1 where false{% endtest %}" > "$g/odd.sql"
echo "- odd: {steps: [1, 2.5, a, {k: true}], where: x > 1, limit: 4, warn_if: '>2'}
- accepted_values: {values: [1, b]}
- relationships: {to: ref('towns'), field: x}" | of_x
sql "SELECT baro_load_project('$project')" >/dev/null
is "arguments keep their types, and configuration is shown" "$(role=postgres sql "SELECT target, test, name, severity, arguments, config, definition FROM barometre_internal.test WHERE target = 'towns.x' ORDER BY test")" \
"towns.x|accepted_values|accepted_values|warn|{\"values\": [1, \"b\"]}|{\"warn_if\": \"!= 0\", \"error_if\": \"!= 0\"}|models/towns.yml:7
towns.x|odd|odd|warn|{\"steps\": [1, 2.5, \"a\", {\"k\": true}]}|{\"limit\": 4, \"where\": \"x > 1\", \"warn_if\": \"> 2\", \"error_if\": \"!= 0\"}|models/towns.yml:6
towns.x|relationships|relationships|warn|{\"to\": \"ref('towns')\", \"field\": \"x\"}|{\"warn_if\": \"!= 0\", \"error_if\": \"!= 0\"}|models/towns.yml:8"
finish
