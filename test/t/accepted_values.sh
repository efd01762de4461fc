#!/usr/bin/env bash
# accepted_values means what it means in dbt: values are untyped literals, or expressions.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: accepted
roles: {loader: meltano}
vars: {kinds: [a, b], ten: 10}
YML
role=postgres sql "CREATE TYPE public.mood AS ENUM ('well', 'ill'); CREATE DOMAIN public.code AS varchar(2) CHECK (value <> 'zz')" >/dev/null
m=$project/models
cat > "$m/t.sql" <<'SQL'
select id, n::numeric(10,2) as n, d, b, m, t, vc::varchar(2) as vc, ch::char(2) as ch, ar, j, co::public.code as co, word, digits from (values
  (1, 1.50, date '2024-01-01', true, 'well'::public.mood, 'd''Oise', 'ab', 'x ', array[1,2], '{"a":1}'::json, 'a', 'True', '1.5'),
  (2, null, null, null, null, null, null, null, null, null, null, null, null)
) v (id, n, d, b, m, t, vc, ch, ar, j, co, word, digits)
SQL
# of COLUMN TESTS...: what that column is tested for
of() { printf 'models:\n  - name: t\n    columns:\n      - name: %s\n        tests:\n' "$1" > "$m/t.yml"; shift; printf '          - accepted_values: %s\n' "$@" >> "$m/t.yml"; }
results() { sql "SELECT test || ' ' || status || ' ' || coalesce(failures::text, '-') FROM baro_test('t') ORDER BY target, test"; }
sql "CALL baro_transform()" >/dev/null 2>&1

judged() { of "$@"; results | tr '\n' ' '; }
is "an apostrophe is written twice as in SQL, or once" "$(judged t "{values: [\"d''Oise\"]}" "{values: [\"d'Oise\"], name: once}" "{values: [dOise], name: other}")" "accepted_values pass 0 once pass 0 other fail 1 "
is "a number is read as the column's type reads it" "$(judged n "{values: ['1.50']}" "{values: ['1.5000'], name: b}" "{values: [1.5], name: c}" "{values: ['1.504'], name: exact}")" "accepted_values pass 0 b pass 0 c pass 0 exact fail 1 "
is "so is a date" "$(judged d "{values: ['2024-01-01']}" "{values: ['20240101'], name: b}" "{values: [2024-01-02], name: c}")" "accepted_values pass 0 b pass 0 c fail 1 "
is "a boolean" "$(judged b "{values: ['true']}" "{values: [true], name: b}" "{values: ['yes'], name: c}" "{values: [no], name: d}")" "accepted_values pass 0 b pass 0 c pass 0 d fail 1 "
is "an enum" "$(judged m "{values: [well]}" "{values: [ill], name: b}")" "accepted_values pass 0 b fail 1 "
is "no length cuts a value off" "$(judged vc "{values: [abc]}" "{values: [ab], name: b}")" "accepted_values fail 1 b pass 0 "
is "char(n) has no blanks at its end" "$(judged ch "{values: [x]}" "{values: [xy], name: b}")" "accepted_values pass 0 b fail 1 "
is "an array" "$(judged ar "{values: ['{1,2}', '{3}']}" "{values: ['{2,1}'], name: b}")" "accepted_values pass 0 b fail 1 "
is "json has no equality: its text counts" "$(judged j "{values: ['{\"a\":1}']}" "{values: ['{\"a\": 1}'], name: b}")" "accepted_values pass 0 b fail 1 "
is "a domain is what it is made from, without its rules" "$(judged co "{values: [a, zz, long]}" "{values: [b], name: b}")" "accepted_values pass 0 b fail 1 "
is "what YAML reads as a boolean or a number is written as Python does" "$(judged word "{values: [true]}" "{values: ['true'], name: text}")$(judged digits "{values: [1.50]}" "{values: ['1.50'], name: text}")" "accepted_values pass 0 text fail 1 accepted_values pass 0 text fail 1 "
is "values may come from a template" "$(judged co "{values: \"{{ var('kinds') }}\"}" "{values: [\"{{ var('ten') }}\"], name: b}")" "accepted_values pass 0 b fail 1 "
is "with quote: false they are expressions" "$(judged n "{values: [1.50, 'null'], quote: false}" "{values: ['id + 0.5 -- one', 7], quote: false, name: b}" "{values: [\"'1.5'\"], quote: false, name: untyped}" "{values: [2], quote: false, name: c}" "{values: ['1.50'], quote: true, name: d}")" "accepted_values pass 0 b pass 0 c fail 1 d pass 0 untyped pass 0 "
echo "select 1.5 as x" > "$m/allowed.sql"
is "one may read a table, by its plain name too" "$(sql "CALL baro_transform('allowed')" >/dev/null 2>&1; judged n "{values: [\"select x from analytics.allowed\"], quote: false}")" "accepted_values pass 0 "
echo "select 1.6 as x" > "$m/allowed.sql"
like "which it is then a test of" "$(notices "CALL baro_transform('allowed')")" 'test accepted_values of t.n: 1 failing rows'
rm "$m/allowed.sql"

printf 'models:\n  - name: t\n    columns:\n      - {name: id, tests: [not_null, {accepted_values: {values: [1, abc]}}, {accepted_values: {values: [1], name: one}}]}\n      - {name: d, tests: [{accepted_values: {values: [2024-13-01]}}, {accepted_values: {values: "{{ [] }}", name: empty}}]}\n' > "$m/t.yml"
is "a value that is none of the column's type is that test's error, and no other's" "$(results)" "accepted_values error -
empty error -
accepted_values error -
not_null pass 0
one fail 1"
is "which names value and type" "$(sql "SELECT message FROM barometre.test_result WHERE status = 'error' ORDER BY target, test")" "models/t.yml:5: accepted value '2024-13-01' is none of type date, which column d has: date/time field value out of range: \"2024-13-01\"
models/t.yml:5: accepted_values has no value
models/t.yml:4: accepted value 'abc' is none of type integer, which column id has: invalid input syntax for type integer: \"abc\""
like "baro_compile gives the SQL with it" "$(sql "SELECT baro_compile('t.id.one')")" "CAST\\('1' AS integer\\)"
of id "{values: [1], quote: maybe}"
like "quote is true or false" "$(sql "SELECT baro_test('t')")" 'models/t.yml:6: key "quote" must be true or false'
finish
