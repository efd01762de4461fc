#!/usr/bin/env bash
# What dbt lets a data test say beside its arguments: fail_calc, tags, meta, and what has no effect here.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: keys
roles: {loader: meltano}
vars: {least: 3}
YML
m=$project/models g=$project/tests/generic
mkdir -p "$g"
echo "select * from (values (1, 'a'), (1, 'a'), (1, 'b'), (2, 'b'), (null, 'c')) v (x, y)" > "$m/t.sql"
echo "select 1 as id" > "$m/other.sql"
cat > "$g/rows.sql" <<'SQL'
{% test equal_rowcount(model, compare_model) %}
{{ config(fail_calc='sum(coalesce(diff_count, 0))') }}
select abs((select count(*) from {{ model }}) - (select count(*) from {{ compare_model }})) as diff_count
{% endtest %}
{% test each(model, schema='none', meta=1) %}{{ config(tags='from_macro') }} select '{{ schema }}{{ meta }}' as said from {{ model }}{% endtest %}
SQL
on() { printf 'models:\n  - name: t\n    columns:\n      - name: x\n        tests:\n' > "$m/t.yml"; sed 's/^/          /' >> "$m/t.yml"; }
of_t() { printf 'models:\n  - name: t\n    tests:\n' > "$m/t.yml"; sed 's/^/      /' >> "$m/t.yml"; }
results() { sql "SELECT test || ' ' || status || ' ' || coalesce(failures::text, '-') FROM baro_test('${1:-t}') ORDER BY target, test"; }
message() { sql "SELECT message FROM barometre.test_result WHERE message IS NOT NULL ORDER BY run DESC, test LIMIT 1"; }
sql "CALL baro_transform()" >/dev/null 2>&1

# --- fail_calc ----------------------------------------------------------------------------------------------------------
of_t <<< "- equal_rowcount: {compare_model: ref('other')}
- equal_rowcount: {compare_model: ref('other'), name: warns, config: {warn_if: '= 4', error_if: '> 4'}}
- equal_rowcount: {compare_model: ref('t'), name: same}
- equal_rowcount: {compare_model: ref('other'), name: again, fail_calc: count(*)}"
is "a macro says how its rows count, and who calls it may say otherwise" "$(results)" "again fail 1
equal_rowcount fail 4
same pass 0
warns warn 4"
like "what stops a publication says so" "$(notices "CALL baro_transform('t', full_refresh => true)")" 'test equal_rowcount of t: fail_calc is 4'
is "and so do the views, for it is no number of rows" "$(sql "SELECT string_agg(what, ', ' ORDER BY name) FROM barometre.report WHERE kind = 'test'")|$(role=postgres sql "SELECT string_agg(why, ', ' ORDER BY place, severity) FROM barometre_internal.failure WHERE place LIKE 'test %'")" \
    "1 failure, 4 failures, 4 failures|1 failure, 4 failures, 4 failures"
on <<< "- unique: {fail_calc: 'coalesce(sum(n_records), 0)'}
- unique: {config: {fail_calc: 'sum(unique_field) -- of x'}, name: field}
- accepted_values: {values: [2], fail_calc: 'max(n_records)', name: times}
- not_null: {fail_calc: \"count(*) + {{ var('least') }}\"}
- not_null: {fail_calc: 'count(*)', name: limited, where: x = 1 or x is null, limit: 2}
- relationships: {to: ref('other'), field: id, fail_calc: max(from_field)}"
is "built-in ones have the names that dbt gives" "$(results)" "field fail 1
limited fail 1
not_null fail 4
relationships fail 2
times fail 3
unique fail 3"
of_t <<< "- expression_is_true: {expression: x > 5, fail_calc: sum(x), limit: 2}"
is "limit is of the rows below" "$(results)" "expression_is_true fail 2"
for calc in "sum(x)|gives NULL, and must give a number: use coalesce\(\.\.\., 0\)" "x|gives 5 rows, and must give one number: use an aggregate" "avg(x)|gives 1\.2500000000000000, which is no integer" "sum(z)|column \"z\" does not exist"; do
    where=$([[ $calc == "sum(x)|"* ]] && echo ", where: x is null" || true)
    of_t <<< "- each: {name: right}
- expression_is_true: {expression: 'false', fail_calc: '${calc%%|*}'$where}"
    results >/dev/null
    like "an error in a sentence: ${calc#*|}" "$(message)" "^models/t.yml:5: .*${calc#*|}"
done
is "what is an integer may have zeros" "$(of_t <<< "- expression_is_true: {expression: 'false', fail_calc: 'count(*) * 1.0'}"; results)" "expression_is_true fail 5"
of_t <<< "- each: {fail_calc: ' '}"
like "an empty one is refused" "$(results)" 'models/t.yml:4: key "fail_calc" is empty'
rm "$m/t.yml"
echo "{{ config(fail_calc='sum(x)', warn_if='> 5', error_if='> 9', where='no such thing') }}select * from {{ ref('t') }} where x is not null" > "$project/tests/alone.sql"
is "a singular test has it too; where has no effect on it, as in dbt" "$(results)" "singular pass 5"
echo "{{ config(tags=['nightly', 'slow'], meta={'owner': 'us'}, severity='WARN') }}select * from {{ ref('t') }}" > "$project/tests/alone.sql"

# --- tags, meta, and what has no effect ---------------------------------------------------------------------------------
on <<< "- unique: {tags: slow, meta: {why: [1, two]}}
- unique: {where: \"y = 'b'\", config: {tags: [slow, other]}}
- not_null: {store_failures: true, store_failures_as: view, database: d, schema: s, alias: a, description: text, config: {group: g, docs: {show: true}}}
- accepted_values: {values: [1, 2]}
- accepted_values: {values: [1, 2]}
- accepted_values: {values: [1, 2, 3]}"
is "a tag selects tests" "$(results tag:slow)" "singular warn 5
unique fail 1
unique#2 pass 0"
is "one and not the other of the same name" "$(results tag:other)" "unique#2 pass 0"
is "a test's own name does" "$(results t.x.not_null)" "not_null fail 1"
is "so do methods" "$(sql "SELECT count(*) FROM baro_test('resource_type:test')")" 6
is "a test said twice counts once, and two that differ both" "$(results t.x.accepted_values*)" "accepted_values pass 0
accepted_values#2 pass 0"
like "a transformation still selects no tests" "$(sql "CALL baro_transform('t.x.unique')")" 'ERROR:  selection "t.x.unique": "t.x.unique" is a test, which cannot be selected here'
like "nor by their tags" "$(sql "CALL baro_transform('tag:slow')")" 'ERROR:  selection "tag:slow": nothing has the tag "slow"'
is "the registry has them" "$(role=postgres sql "SELECT target || ' ' || test || ' ' || (config - 'error_if' - 'warn_if') FROM barometre_internal.test WHERE config ? 'tags' ORDER BY 1, config")" 'alone singular {"meta": {"owner": "us"}, "tags": ["nightly", "slow"]}
t.x unique {"meta": {"why": [1, "two"]}, "tags": ["slow"]}
t.x unique {"tags": ["slow", "other"], "where": "y = '"'b'"'"}'
of_t <<< "- each: {schema: mine, tags: more, arguments: {meta: 7}}"
is "a macro may have an argument of such a name" "$(results 'tag:from_macro,tag:more') $(sql "SELECT sample->0->>'said' FROM barometre.test_result WHERE test = 'each' ORDER BY run DESC LIMIT 1")" "each fail 5 mine7"
of_t <<< "- each: {tag: more}"
results >/dev/null
is "a key that is none has the near one" "$(role=postgres sql "SELECT hint FROM barometre_internal.problem")" 'Did you mean "tags"?'

# --- baro_ls ------------------------------------------------------------------------------------------------------------
ls() { sql "SELECT name || '|' || kind || '|' || state || '|' || coalesce(replace(reason, E'\n', ' '), '') || '|' || coalesce(rows::text, '') || '|' || (built IS NOT NULL) FROM baro_ls('$1')"; }
on <<< "- unique
- not_null: {severity: warn, tags: lone}
- accepted_values: {values: [1]}
- accepted_values: {values: [1, 2]}
- expression_is_true: {expression: '> nope'}
- relationships: {to: ref('other'), field: id, warn_if: '= 1', error_if: '> 3', fail_calc: count(*)}"
echo "{{ config(tags='lone') }}select 1 where false" > "$project/tests/alone.sql"
is "tests are listed only where the selection asks for them" "$(sql "SELECT string_agg(name, ' ') FROM baro_ls()") $(sql "SELECT string_agg(name, ' ') FROM baro_ls('t+')")" "other t t"
sql "DELETE FROM barometre.test_result" >/dev/null
role=postgres sql "DELETE FROM barometre.test_result" >/dev/null
is "without a result they are new" "$(ls t.x.unique)" "t.x.unique|test|new|no result of it is kept||false"
sql "SELECT count(*) FROM baro_test()" >/dev/null
is "by resource_type:test, with their last results" "$(ls "resource_type:test")" 'alone|test|pass||0|true
t.x.accepted_values|test|fail|1 failing row|1|true
t.x.accepted_values#2|test|pass||0|true
t.x.expression_is_true|test|error|models/t.yml:10: column "nope" does not exist||true
t.x.not_null|test|warn|1 failing row|1|true
t.x.relationships|test|warn|fail_calc is 1|1|true
t.x.unique|test|fail|1 failing row|1|true'
is "beside other nodes, and of those alone" "$(sql "SELECT string_agg(name, ' ') FROM baro_ls('t resource_type:test,other+')")" "t t.x.relationships"
is "by a tag or name that only tests have" "$(sql "SELECT string_agg(name, ' ') FROM baro_ls('tag:lone')") $(sql "SELECT string_agg(name, ' ') FROM baro_ls('*.accepted_values*')")" "alone t.x.not_null t.x.accepted_values t.x.accepted_values#2"
is "the name is one for baro_compile and baro_test" "$(sql "SELECT baro_compile('t.x.accepted_values#2') LIKE '%''2''%', baro_compile('t.x.accepted_values') LIKE '%''2''%'") $(sql "SELECT count(*) FROM baro_test('t.x.accepted_values#2')")" "t|f 1"
like "what names nothing is refused as ever" "$(sql "SELECT baro_ls('t.x.unik')")" 'there is no model, seed, stream or test "t.x.unik"'
like "and a plan has no tests" "$(sql "SELECT baro_plan('t.x.unique')")" 'is a test, which cannot be selected here'
finish
