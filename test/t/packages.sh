#!/usr/bin/env bash
# What comes with barometre of dbt_utils and dbt: each test in a case that passes and one that fails, each macro by its values.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: shop
roles: {loader: meltano}
vars: {colours: [red, "it's"]}
YML
m=$project/models
mkdir -p "$project/macros"
transform() { notices "CALL baro_transform(${1:-})"; }
# value EXPRESSIONS: what they give, with templates
value() { sql "SELECT content ->> 'v' FROM baro_show(\$q\$select concat_ws('|', $1) as v\$q\$)"; }
show() { sql "SELECT content FROM baro_show(\$q\$$1\$q\$)"; }
# judged TABLE TEST...: what each test of the table gives, by its name
judged() {
    local table=$1 t; shift
    { printf 'models:\n  - name: %s\n    tests:\n' "$table"; for t; do printf '      - dbt_utils.%s\n' "$t"; done; } > "$m/judged.yml"
    sql "SELECT count(*) FROM baro_test('$table')" | grep -v '^[0-9]'
    sql "SELECT test || ' ' || status || ' ' || failures || coalesce(': ' || substr(message, 1, ${told:-0}), '') FROM barometre.test_result WHERE run = (SELECT max(run) FROM barometre.test_result) ORDER BY test"
}
cat > "$m/sales.sql" <<'SQL'
select * from (values
    (1, 'a', 10, 1.00001::float8, 'x', date '2024-01-01', date '2024-01-03', true),
    (2, 'a', 20, 2.0,             ' ', date '2024-01-03', date '2024-01-05', true),
    (3, 'b', 30, 3.0,             '',  date '2024-01-05', null,              false),
    (4, 'b', null, 4.0,           null, null,             null,              null),
    (6, 'c', null, 5.0,           'x', date '2024-01-07', date '2024-01-07', false)) v (id, kind, amount, weight, label, "from day", until, flag)
SQL
echo "select id, kind, amount, weight + 0.00001 as weight from {{ ref('sales') }} where id <= 4" > "$m/others.sql"
echo "select 1 as id where false" > "$m/nothing.sql"
printf 'id,kind\n1,a\n2,b\n5,d\n' > "$project/seeds/known.csv"
transform >/dev/null

is "tests that look at rows" "$(judged sales \
    "expression_is_true: {name: expression, expression: 'id > 0'}" \
    "expression_is_true: {name: expression_not, expression: 'id < 3'}" \
    "expression_is_true: {name: expression_of, column_name: id, expression: '< 7'}" \
    "expression_is_true: {name: expression_when, expression: '10 / (amount - 10) < 2', condition: amount > 10}" \
    "expression_is_true: {name: expression_when_not, column_name: id, expression: '= 1', condition: \"kind = 'a'\"}" \
    "accepted_range: {name: range, column_name: amount, min_value: 10, max_value: 30}" \
    "accepted_range: {name: range_exclusive, column_name: amount, min_value: 10, max_value: 30, inclusive: false}" \
    "accepted_range: {name: range_expression, column_name: amount, min_value: id * 10 + 1}" \
    "accepted_range: {name: range_none, column_name: amount}" \
    "not_empty_string: {name: text, column_name: label}" \
    "not_empty_string: {name: text_untrimmed, column_name: label, trim_whitespace: false}" \
    "not_empty_string: {name: text_where, column_name: label, where: 'id in (1, 4)'}" \
    "not_accepted_values: {name: unwanted, column_name: kind, values: [x, \"d'accord\", \"d''accord\"]}" \
    "not_accepted_values: {name: unwanted_not, column_name: kind, values: [a, c, d]}" \
    "not_accepted_values: {name: unwanted_sql, column_name: id, values: [1 + 1], quote: false}" \
    "not_null_where: {name: where_null, column_name: amount, where: id < 4}" \
    "unique_where: {name: where_unique, column_name: kind, where: id > 2}")" "expression pass 0
expression_not fail 3
expression_of pass 0
expression_when pass 0
expression_when_not fail 1
range pass 0
range_exclusive fail 2
range_expression fail 3
range_none pass 0
text fail 2
text_untrimmed fail 1
text_where pass 0
unwanted pass 0
unwanted_not fail 2
unwanted_sql fail 1
where_null pass 0
where_unique fail 1"

is "tests of a table or its groups" "$(judged sales \
    "at_least_one: {name: one, column_name: amount}" \
    "at_least_one: {name: one_none, column_name: amount, where: id > 3}" \
    "at_least_one: {name: one_of_each, column_name: amount, group_by_columns: [kind]}" \
    "at_least_one: {name: one_of_itself, column_name: kind, group_by_columns: [kind]}" \
    "not_constant: {name: varies, column_name: id}" \
    "not_constant: {name: varies_not, column_name: kind, where: id < 3}" \
    "not_constant: {name: varies_of_each, column_name: amount, group_by_columns: [kind]}" \
    "not_null_proportion: {name: share, column_name: amount, at_least: 0.6, at_most: 0.6}" \
    "not_null_proportion: {name: share_not, column_name: amount, at_least: 0.61}" \
    "not_null_proportion: {name: share_over, column_name: amount, at_least: 0, at_most: 0.5}" \
    "not_null_proportion: {name: share_of_each, column_name: amount, at_least: 0.5, group_by_columns: [kind]}" \
    "unique_combination_of_columns: {name: unique, combination_of_columns: [id, kind]}" \
    "unique_combination_of_columns: {name: unique_not, combination_of_columns: [kind, amount is null]}" \
    "unique_combination_of_columns: {name: unique_quoted, combination_of_columns: [kind, from day], quote_columns: true}" \
    "recency: {name: young, field: current_date - id, datepart: day, interval: 2}" \
    "recency: {name: young_not, field: '\"from day\"', datepart: week, interval: 1}" \
    "recency: {name: young_of_each, field: now() - id * interval '1 hour', datepart: hour, interval: 4, group_by_columns: [kind]}" \
    "recency: {name: young_without, field: until, datepart: year, interval: 900, where: id = 4, ignore_time_component: true}")" "one pass 0
one_none fail 1
one_of_each fail 1
one_of_itself pass 0
share pass 0
share_not fail 1
share_of_each fail 1
share_over fail 1
unique pass 0
unique_not fail 1
unique_quoted pass 0
varies pass 0
varies_not fail 1
varies_of_each fail 1
young pass 0
young_not fail 1
young_of_each fail 1
young_without fail 1"

is "tests of an order" "$(judged sales \
    "sequential_values: {name: sequence, column_name: id, where: id < 5}" \
    "sequential_values: {name: sequence_not, column_name: id}" \
    "sequential_values: {name: sequence_by, column_name: id, interval: 3, where: id > 3}" \
    "sequential_values: {name: sequence_of_each, column_name: amount, interval: 10, group_by_columns: [kind]}" \
    "sequential_values: {name: sequence_of_days, column_name: from day, interval: 2, datepart: day}" \
    "mutually_exclusive_ranges: {name: ranges, lower_bound_column: '\"from day\"', upper_bound_column: until, where: id < 3}" \
    "mutually_exclusive_ranges: {name: ranges_no_gap, lower_bound_column: '\"from day\"', upper_bound_column: until, gaps: not_allowed, where: id < 3}" \
    "mutually_exclusive_ranges: {name: ranges_gap, lower_bound_column: '\"from day\"', upper_bound_column: until, gaps: required, where: id < 3}" \
    "mutually_exclusive_ranges: {name: ranges_not, lower_bound_column: '\"from day\"', upper_bound_column: until}" \
    "mutually_exclusive_ranges: {name: ranges_of_each, lower_bound_column: '\"from day\"', upper_bound_column: \"coalesce(until, '2099-01-01')\", partition_by: kind, zero_length_range_allowed: true, where: id <> 4}" \
    "mutually_exclusive_ranges: {name: ranges_of_length, lower_bound_column: '\"from day\"', upper_bound_column: until, where: id = 6}")" "ranges pass 0
ranges_gap fail 1
ranges_no_gap pass 0
ranges_not fail 3
ranges_of_each pass 0
ranges_of_length fail 1
sequence pass 0
sequence_by fail 1
sequence_not fail 1
sequence_of_days pass 0
sequence_of_each pass 0"

is "tests of two tables; counts that differ count as many" "$(judged sales \
    "relationships_where: {name: known, column_name: id, to: ref('known'), field: id, from_condition: id < 3}" \
    "relationships_where: {name: known_not, column_name: id, to: ref('known'), field: id}" \
    "relationships_where: {name: known_to, column_name: id, to: ref('known'), field: id, from_condition: id < 3, to_condition: \"kind <> 'b'\"}" \
    "equal_rowcount: {name: rows, compare_model: ref('sales')}" \
    "equal_rowcount: {name: rows_empty, compare_model: ref('nothing')}" \
    "equal_rowcount: {name: rows_not, compare_model: ref('known'), where: id < 6}" \
    "equal_rowcount: {name: rows_of_each, compare_model: ref('known'), group_by_columns: [kind]}" \
    "fewer_rows_than: {name: fewer, compare_model: ref('sales'), where: id < 6}" \
    "fewer_rows_than: {name: fewer_equal, compare_model: ref('sales')}" \
    "fewer_rows_than: {name: fewer_not, compare_model: ref('known')}" \
    "fewer_rows_than: {name: fewer_of_each, compare_model: ref('known'), group_by_columns: [kind]}" \
    "cardinality_equality: {name: values, column_name: kind, to: ref('others'), field: kind, where: id < 5}" \
    "cardinality_equality: {name: values_not, column_name: kind, to: ref('others'), field: kind}" \
    "equality: {name: equal, compare_model: ref('sales')}" \
    "equality: {name: equal_columns, compare_model: ref('others'), compare_columns: [id, amount], where: id <= 4}" \
    "equality: {name: equal_columns_not, compare_model: ref('others'), compare_columns: [kind]}" \
    "equality: {name: equal_exact, compare_model: ref('others'), exclude_columns: [LABEL, from day, until, flag], where: id <= 4}" \
    "equality: {name: equal_more, compare_model: ref('others')}" \
    "equality: {name: equal_rounded, compare_model: ref('others'), exclude_columns: [label, from day, until, flag], precision: 3, where: id <= 4}")" "equal pass 0
equal_columns pass 0
equal_columns_not fail 2
equal_exact fail 8
equal_more error 0: 
equal_rounded pass 0
fewer pass 0
fewer_equal fail 1
fewer_not fail 2
fewer_of_each fail 2
known pass 0
known_not fail 3
known_to fail 1
rows pass 0
rows_empty fail 5
rows_not fail 1
rows_of_each fail 2
values pass 0
values_not fail 1"
like "columns that only one has are told" "$(sql "SELECT message FROM barometre.test_result WHERE test = 'equal_more'")" '^models/judged.yml:21: packages/dbt_utils/.*the two tables have other columns'

# Macros by what they give
rm "$m/judged.yml"
is "parts of dates" "$(value "{{ dbt.dateadd('quarter', 2, \"date '2024-01-31'\") }}, {{ dateadd(datepart='day', interval='-1', from_date_or_timestamp=\"date '2024-03-01'\") }},
    {{ dbt.date_trunc('month', \"timestamp '2024-05-17 10:00'\") }}, {{ dbt.last_day(\"date '2024-02-03'\", 'month') }}, {{ last_day(\"date '2024-02-03'\", 'quarter') }},
    {{ dbt_utils.last_day(\"date '2024-02-03'\", 'year') }}, {{ dbt.date(2024, 2, 9) }}")" \
    "2024-07-31 00:00:00|2024-02-29 00:00:00|2024-05-01 00:00:00|2024-02-29|2024-03-31|2024-12-31|2024-02-09"
between() { # FROM TO PART...: how many beginnings of the parts lie between
    local from=$1 to=$2 part all=; shift 2
    for part; do all="$all${all:+, }{{ dbt.datediff(\"timestamp '$from'\", \"timestamp '$to'\", '$part') }}"; done
    value "$all"
}
is "what lies between two times" "$(between '2023-12-31 23:59:59.9996' '2024-01-01 00:00:00.0001' year quarter month week day hour minute second millisecond microsecond)" "1|1|1|0|1|1|1|1|1|500"
is "and backwards" "$(between '2024-01-01 00:00:00.0001' '2023-12-31 23:59:59.9996' year quarter month week day hour minute second millisecond microsecond)" "-1|-1|-1|0|-1|-1|-1|-1|-1|-500"
is "far apart" "$(between '2023-01-31' '2024-03-01 00:00' year quarter month week day hour)" "1|4|14|56|395|9480"
is "weeks begin on Sunday" "$(between '2024-06-01' '2024-06-02' week) $(between '2024-06-02' '2024-06-08' week) $(between '2024-06-09' '2024-06-02' week) $(between '2024-06-02' '2024-06-01' week)" "1 0 -1 -1"
like "a part that is none is an error" "$(value "{{ dbt.datediff('a', 'b', 'decade') }}")" 'does not know the part "decade" of a date: known are year,'
is "the types are those of dbt's" "$(value "pg_typeof({{ dbt.datediff('now()', 'now()', 'month') }}), pg_typeof({{ dbt.datediff('now()', 'now()', 'week') }}), pg_typeof({{ dbt.datediff('now()', 'now()', 'hour') }}), pg_typeof({{ dbt.datediff('now()', 'now()', 'day') }}),
    pg_typeof({{ dbt.current_timestamp() }}), pg_typeof({{ dbt_utils.current_timestamp() }}), pg_typeof({{ dbt_utils.current_timestamp_in_utc() }}), pg_typeof({{ dbt.safe_cast(1, dbt.type_string()) }})")" \
    "double precision|integer|double precision|integer|timestamp with time zone|timestamp without time zone|timestamp without time zone|text"
is "names of types" "$(value "pg_typeof(null::{{ type_int() }}), pg_typeof(null::{{ dbt.type_bigint() }}), pg_typeof(null::{{ dbt.type_float() }}), pg_typeof(null::{{ dbt_utils.type_timestamp() }}), pg_typeof(null::{{ dbt.type_boolean() }}), 1::{{ dbt.type_numeric() }}")" \
    "integer|bigint|double precision|timestamp without time zone|boolean|1.000000"
is "texts" "$(value "{{ dbt.concat([\"'a'\", 1, 'null::text']) }}, {{ concat([\"'a'\", 1]) }}, {{ dbt.hash(7) }}, {{ dbt.split_part(\"'a-b-c'\", \"'-'\", 2) }}, {{ split_part(\"'a-b-c'\", \"'-'\", -1) }}, {{ dbt.length(\"'four'\") }},
    {{ dbt.position(\"'b'\", \"'abc'\") }}, {{ dbt.replace(\"'abc'\", \"'b'\", \"'x'\") }}, {{ dbt.right(\"'abc'\", 2) }}, {{ dbt.string_literal(dbt.escape_single_quotes(\"it's\")) }}, {{ dbt.cast_bool_to_text('1 = 1') }}, {{ dbt.cast(\"'7'\", 'int') }}")" \
    "a1|8f14e45fceea167a5a36dedd4bea2543|b|c|4|2|axc|bc|it's|true|7"
is "of several rows" "$(show "select {{ dbt.listagg('kind', order_by_clause='order by id') }} as l, {{ dbt.listagg('kind', \"' '\", 'order by id desc', 2) }} as two, {{ dbt.any_value('id') }} as any, {{ dbt.bool_or('flag') }} as flag from {{ ref('sales') }}")" \
    '{"l": "a,a,b,b,c", "any": 1, "two": "c b", "flag": true}'
is "queries against each other" "$(show "(select * from (values (1), (2)) v (n) {{ dbt.except() }} select 1) {{ dbt.intersect() }} select * from (values (1), (2)) w (n)")" '{"n": 2}'
is "arrays" "$(value "{{ dbt.array_construct([1, 2]) }}, {{ dbt.array_construct() }}, {{ dbt.array_append(dbt.array_construct([1]), 2) }}, {{ dbt.array_concat('array[1]', 'array[2]') }}")" "{1,2}|{}|{1,2}|{1,2}"
is "numbers" "$(value "{{ dbt_utils.safe_add(['1', 'null::int', '3']) }}, {{ dbt_utils.safe_subtract(['5', 'null::int', 1]) }}, {{ dbt_utils.safe_divide('1 + 2', '4 - 1') }}, coalesce({{ dbt_utils.safe_divide(1, '1 - 1') }}, -1), {{ dbt_utils.get_powers_of_two(5) }}, {{ dbt.get_powers_of_two(1) }}")" "4|4|1|-1|3|1"
is "fields one by one, as before 1.0" "$(value "{{ dbt_utils.safe_add('1', '2') }}, {{ dbt_utils.safe_subtract('1', '2', '3') }}, {{ dbt_utils.surrogate_key('1', '2') }} = md5('1-2')")" "3|-4|t"
like "a list is needed" "$(value "{{ dbt_utils.safe_add(1) }}")" '"safe_add" takes one list, such as safe_add'
is "buckets" "$(show "select string_agg(({{ dbt_utils.width_bucket('n::numeric', 0, 10, 5) }})::text, ' ' order by n) as b from generate_series(0, 12, 3) n")" '{"b": "1 2 4 5 7"}'
is "the way from Paris to Lyon" "$(value "round(({{ dbt_utils.haversine_distance(48.8566, 2.3522, 45.7640, 4.8357, unit='km') }})::numeric), round(({{ dbt_utils.haversine_distance(48.8566, 2.3522, 45.7640, 4.8357) }})::numeric)")" "392|243"
is "addresses" "$(value "{{ dbt_utils.get_url_host(\"'https://example.org/a/b?x=1'\") }}, {{ dbt_utils.get_url_path(\"'https://example.org/a/b?x=1'\") }}, {{ dbt_utils.get_url_path(\"'example.org?x=1'\") }}, {{ dbt_utils.get_url_parameter(\"'https://example.org/?y=2&x=1'\", 'x') }}, coalesce({{ dbt_utils.get_url_parameter(\"'a'\", 'x') }}, 'none')")" "example.org|a/b||1|none"
is "keys" "$(value "{{ dbt_utils.generate_surrogate_key(['1', 'null::text']) }}, {{ dbt_utils.surrogate_key(['1', 'null::text']) }}, md5('1-_dbt_utils_surrogate_key_null_'), md5('1-')")" \
    "$(for t in 1-_dbt_utils_surrogate_key_null_ 1- 1-_dbt_utils_surrogate_key_null_ 1-; do printf %s "$t" | md5sum | cut -c1-32; done | paste -sd'|')"
is "series" "$(show "select count(*), min(generated_number), max(generated_number) from ({{ dbt_utils.generate_series(5) }}) s")" '{"max": 5, "min": 1, "count": 5}'
is "a spine has as many rows as parts begin, and ends before the end" "$(show "with days as ({{ dbt_utils.date_spine('month', \"date '2024-01-01'\", \"date '2024-03-15'\") }}) select array_agg(date_month order by 1) as months from days")" \
    '{"months": ["2024-01-01T00:00:00", "2024-02-01T00:00:00"]}'
is "none where none begins" "$(show "select count(*) from ({{ dbt.date_spine('day', \"date '2024-01-01'\", \"date '2024-01-01'\") }}) s")" '{"count": 0}'
is "names" "$(value "{% for n in ['', none, 'A b--c', '1st - é!x'] %}'{{ dbt_utils.slugify(n) }}', {% endfor %}'end'")" "||a_b_c|_1st_x|end"
is "the log" "$(value "'{{ dbt_utils.log_info('said') }}', '{{ dbt_utils.pretty_log_format('x') }}', '{{ dbt_utils.pretty_time() }}'")" "|x|"
like "is heard" "$(notices "SELECT baro_show(\$q\$select '{{ dbt_utils.log_info('said') }}'\$q\$)")" 'NOTICE: +said'

# Macros that know columns, in models
cat > "$m/some.sql" <<'SQL'
select {{ dbt_utils.star(from=ref('sales'), except=['WEIGHT', 'until', 'flag', 'label']) }} from {{ ref('sales') }}
SQL
echo "select {{ dbt_utils.star(ref('some'), relation_alias='s', prefix='s_') }} from {{ ref('some') }} as s" > "$m/renamed.sql"
echo "{{ dbt_utils.unpivot(ref('sales'), cast_to='text', exclude=['id'], remove=['label', 'weight', 'from day', 'until'], field_name='field', value_name='content') }}" > "$m/long.sql"
echo "select kind, {{ dbt_utils.pivot('label', var('colours') + ['x'], prefix='is_', then_value='amount', else_value='null', agg='max') }} from {{ ref('sales') }} {{ dbt_utils.group_by(1) }}" > "$m/wide.sql"
echo "{{ dbt_utils.deduplicate(ref('sales'), partition_by='kind', order_by='id desc') }}" > "$m/last.sql"
echo "{{ dbt_utils.nullcheck_table(ref('sales')) }}" > "$m/no_blank.sql"
echo "{{ config(materialized='ephemeral') }} select id, kind from {{ ref('sales') }}" > "$m/within.sql"
echo "select {{ dbt_utils.get_filtered_columns_in_relation(ref('within'), except=['kind']) | join(', ') }} from {{ ref('within') }}" > "$m/of_within.sql"
like "all are built at once" "$(echo "select v.*, 1 as new from ($(cat "$m/sales.sql")) as v" > "$m/sales.sql"; transform)" 'models built'
is "star gives the columns of the new version, quoted as they must be" "$(sql "SELECT to_jsonb(s) FROM analytics.some AS s WHERE id = 1")" '{"id": 1, "new": 1, "kind": "a", "amount": 10, "from day": "2024-01-01"}'
is "with a prefix" "$(sql "SELECT to_jsonb(s) FROM analytics.renamed AS s WHERE s_id = 1")" '{"s_id": 1, "s_new": 1, "s_kind": "a", "s_amount": 10, "s_from day": "2024-01-01"}'
is "unpivot" "$(sql "SELECT id, field, content FROM analytics.long WHERE id IN (3, 4) AND field <> 'kind' ORDER BY 1, 2")" "3|amount|30
3|flag|false
3|new|1
4|amount|
4|flag|
4|new|1"
is "pivot" "$(sql "SELECT to_jsonb(w) FROM analytics.wide AS w WHERE kind = 'a'")" '{"is_x": 10, "kind": "a", "is_red": null, "is_it'"'"'s": null}'
is "deduplicate" "$(sql "SELECT string_agg(id::text, ',' ORDER BY id) FROM analytics.last")" 2,4,6
is "nullcheck" "$(sql "SELECT count(*), count(label) FROM analytics.no_blank")" "5|3"
is "columns of an ephemeral model" "$(sql "SELECT count(id) FROM analytics.of_within")" 5
is "nothing is stale then" "$(sql "SELECT name || reason FROM baro_ls() WHERE state <> 'current'")" ""
like "a relation is needed" "$(show "select {{ dbt_utils.star('sales') }}")" '"star" takes a relation, such as ref'

# Before publication
echo "select 1 as a, 2 as b" > "$m/first.sql"
echo "{{ config(materialized='view') }}select * from {{ ref('first') }}" > "$m/shown.sql"
echo "select 1 as a, 2 as b" > "$m/second.sql"
printf 'models:\n  - {name: %s, tests: [{dbt_utils.equality: {compare_model: "ref(\x27second\x27)"}}]}\n' first > "$m/judged.yml"
printf '  - {name: %s, tests: [{dbt_utils.equality: {compare_model: "ref(\x27second\x27)"}}]}\n' shown >> "$m/judged.yml"
like "tests know the columns of tables and views that nobody sees yet" "$(transform)" 'transform: 3 models built, .* 2 tests'
echo "select 1 as a, 2 as b, 3 as c" > "$m/first.sql"
out=$(transform)
like "and of their new versions" "$out" 'test equality of first could not be run: .*the two tables have other columns, a, b, c and a, b'
like "which are not published" "$out" 'ERROR:  a test failed, and nothing was published: equality of first, equality of shown'
echo "select 1 as a, 2 as b, 3 as c" > "$m/second.sql"
like "until both have them" "$(transform)" 'transform: 3 models built'
rm "$m/judged.yml" "$m/first.sql" "$m/second.sql" "$m/shown.sql"

# What a project adds and overrides. The tests are written as packages write them.
cat > "$project/macros/at_most.sql" <<'SQL'
{% test at_most(model, column_name, most, group_by_columns=[]) %}
  {{ return(adapter.dispatch('test_at_most', 'dbt_utils')(model, column_name, most, group_by_columns)) }}
{% endtest %}

{% macro default__test_at_most(model, column_name, most, group_by_columns=['kind']) %}
{% if group_by_columns | length() > 0 %}
  {% set groups = group_by_columns | join(', ') ~ ', ' %}
  {% set by = 'group by ' ~ group_by_columns | join(',') %}
{% endif %}
select {{ groups }} max({{ column_name }}) as highest
from {{ model }}
{{ by }}
having max({{ column_name }}) > {{ most }}
{% endmacro %}

{% macro test_share_below(model, group_by_columns=[]) %}
  {{ return(adapter.dispatch('test_share_below', 'dbt_utils')(model, group_by_columns, **kwargs)) }}
{% endmacro %}

{% macro default__test_share_below(model, group_by_columns) %}
{% set column_name = kwargs.get('column_name', kwargs.get('arg')) %}
select avg({{ column_name }}) as share from {{ model }} having avg({{ column_name }}) >= {{ kwargs.get('most', 1) }}
{% endmacro %}
SQL
is "a test of a package that was copied into macros/" "$(judged sales "at_most: {name: most, column_name: amount, most: 30}" "at_most: {name: most_not, column_name: amount, most: 10, group_by_columns: [kind]}" \
    "share_below: {name: share, column_name: weight}" "share_below: {name: share_of, column_name: weight, most: 4}")" "most pass 0
most_not fail 2
share fail 1
share_of pass 0"
rm "$m/judged.yml"
cat > "$project/macros/mine.sql" <<'SQL'
{% macro default__hash(field) %}upper(md5({{ field }}::text)){% endmacro %}
{% macro postgres__get_column_values(table, column, order_by, max_records, default, where) %}{{ return(var('colours')) }}{% endmacro %}
{% macro default__test_not_constant(model, column_name, group_by_columns) %}select 1, 2{% endmacro %}
SQL
is "a macro of the project's stands in for a default one" "$(value "{{ dbt_utils.surrogate_key(['1']) }}, '{{ dbt_utils.get_column_values(ref('sales'), 'label') | first }}'")" "C4CA4238A0B923820DCC509A6F75849B|red"
is "of a test, too" "$(judged sales "not_constant: {name: mine, column_name: id}")" "mine fail 1"
rm "$m/judged.yml" "$project/macros/mine.sql"
told() { like "$1" "$(value "{{ $2 }}")" "$3"; }
told "what reads data says what to do: values" "dbt_utils.get_column_values(ref('sales'), 'kind')" "\"get_column_values\" reads data while the template is rendered, .*: write the values as a list"
told "relations" "dbt_utils.get_relations_by_prefix('analytics', 'x')" "name the relations, \[ref"
told "one value" "dbt_utils.get_single_value('select 1')" "put the query in brackets into the SQL"
told "how many intervals" "dbt.get_intervals_between('a', 'b', 'day')" "count in the SQL, with dbt.datediff"
echo "select {{ dbt_utils.pivot('kind', dbt_utils.get_column_values(ref('sales'), 'kind')) }} from {{ ref('sales') }}" > "$m/blocked.sql"
sql "SELECT count(*) FROM baro_load_project()" >/dev/null
like "such a model is blocked, alone" "$(sql "SELECT name, state FROM baro_ls() WHERE state <> 'current'")" '^blocked\|blocked$'
like "and its file and line are told" "$(sql "SELECT replace(message, E'\n', ' ') FROM barometre.problems")" 'It is called in models/blocked.sql, line 1'
rm "$m/blocked.sql"

# In a dbt project, by its own words
mkdir -p "$project/dbt/models" "$project/dbt/macros"
cat > "$project/dbt/dbt_project.yml" <<'YML'
name: inner
dispatch: [{macro_namespace: dbt_utils, search_order: [dbt_utils, inner]}, {macro_namespace: dbt, search_order: [inner, dbt]}]
YML
printf 'packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.3.0\n  - git: https://example.org/other.git\n    revision: 1.0\n' > "$project/dbt/packages.yml"
printf 'version: 1\nname: shop\nroles: {loader: meltano}\ndbt: dbt\nmodels: {schema: analytics}\n' > "$project/barometre.yml"
cat > "$project/dbt/macros/mine.sql" <<'SQL'
{% macro default__hash(field) %}'mine'::text{% endmacro %}
{% macro default__group_by(n) %}group by nothing{% endmacro %}
SQL
echo "select {{ dbt_utils.generate_surrogate_key(['1']) }} as key, 2 as n {{ dbt_utils.group_by(2) }}" > "$project/dbt/models/keyed.sql"
is "what is built in is not missed, and what is missing is told" "$(sql "SELECT name, change, place, replace(detail, E'\n', ' ') FROM baro_load_project() WHERE kind = 'package'" | grep -v '^[A-Z]')" "other|not installed|dbt/packages.yml:4|Run dbt deps, or copy what it has of macros into macros/."
transform >/dev/null
is "dispatch says whose macros come first" "$(sql "SELECT key, n FROM analytics.keyed")" "mine|2"

# A package that is installed, as dbt deps leaves it
pkg=$project/dbt/dbt_packages/mail
mkdir -p "$pkg"/{models/staging,seeds,macros,tests/generic}
printf 'name: mail\nvars: {most: 1}\nmodels: {mail: {+materialized: table, staging: {+materialized: view}}}\n' > "$pkg/dbt_project.yml"
printf 'n,"what"\n1,a\n2,b\n' > "$pkg/seeds/letters.csv"
echo "{% macro columns_of(r) %}{% set out = [] %}{% for c in adapter.get_columns_in_relation(r) %}{% do out.append(c.quoted) %}{% endfor %}{{ return(out) }}{% endmacro %}" > "$pkg/macros/columns_of.sql"
echo "{% test at_most(model, column_name, most) %}select * from {{ model }} where {{ column_name }} > {{ most }}{% endtest %}" > "$pkg/tests/generic/at_most.sql"
echo "select {{ columns_of(ref('letters')) | join(', ') }} from {{ ref('mail', 'letters') }}" > "$pkg/models/staging/stg_letters.sql"
echo "select n, what, '{{ flags.FULL_REFRESH }}' as fresh, {{ var('most') }} as most from {{ ref('stg_letters') }}" > "$pkg/models/mails.sql"
printf 'models:\n  - name: mails\n    columns: [{name: n, tests: [unique, {at_most: {most: "{{ var(%s) }}"}}]}]\n' "'most'" > "$pkg/models/mails.yml"
echo "select * from {{ ref('mails') }} where what is null" > "$pkg/tests/named.sql"
echo "select count(*) as mails, {{ mail.columns_of(ref('mails')) | length }} as columns from {{ ref('mail', 'mails') }}" > "$project/dbt/models/counted.sql"
printf 'vars: {mail: {most: 2}}\nmodels: {mail: {+schema: post}}\n' >> "$project/dbt/dbt_project.yml"
super() { role=postgres sql "$1"; }
super "SELECT count(*) FROM baro_grant()" >/dev/null
like "a package's seeds, models and tests are built and run with the project's" "$(transform)" 'transform: 3 models built, 1 unchanged, .* 3 tests'
is "where the project says, with its vars" "$(sql "SELECT *, (SELECT string_agg(n || what || most || fresh, ' ' ORDER BY n) FROM analytics_post.mails) FROM analytics.counted")" "2|4|1a2False 2b2False"
transform "full_refresh => true" >/dev/null
is "a full refresh is told to templates" "$(sql "SELECT DISTINCT fresh FROM analytics_post.mails")" True
is "and makes nothing stale" "$(sql "SELECT name, reason FROM baro_ls() WHERE state <> 'current'")" ""
printf 'n,"what"\n1,a\n2,b\n3,c\n' > "$pkg/seeds/letters.csv"
like "a test of the package stops the publication" "$(transform)" 'a test failed, and nothing was published: at_most of mails.n'

# What a template asks of the catalog makes a dependency
rm -r "$pkg"; sed -i '/^vars/,$d' "$project/dbt/dbt_project.yml"; rm "$project/dbt/models/counted.sql"
printf 'select 1 as a, 2 as b' > "$project/dbt/models/wide.sql"
echo "{% set r = adapter.get_relation(database=target.database, schema=target.schema, identifier='wide') %}select {{ adapter.get_columns_in_relation(r) | map(attribute='name') | join('+') if r else 0 }} as n {{ 'from ' ~ r if r }}" > "$project/dbt/models/asked.sql"
echo "select {{ load_relation(this) is not none }} as again, {{ adapter.get_columns_in_relation(this) | length }} as columns, {{ adapter.get_relation(target.database, 'nowhere', 'x') is none }} as none" > "$project/dbt/models/self.sql"
transform >/dev/null
is "get_relation makes a dependency, and gives the new version" "$(sql "SELECT n FROM analytics.asked")" 3
is "of the model itself there is none yet, nor of what nobody made" "$(sql "SELECT * FROM analytics.self")" "f|0|t"
printf 'select 1 as a, 2 as b, 3 as c' > "$project/dbt/models/wide.sql"
transform >/dev/null
is "it is built after what it asks of, whose columns have changed" "$(sql "SELECT n FROM analytics.asked")" 6
finish
