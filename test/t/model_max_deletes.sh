#!/usr/bin/env bash
# max_deletes of a model: a build that would take away more of the published rows is a failed test, and the published table stays.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: p
roles: {loader: meltano}
YML
mkdir -p "$project/models/marts"; echo "select 1 as one" >"$project/models/marts/i.sql"
sed -i '$a models: {marts: {+max_deletes: 50%}}' "$project/barometre.yml"
sql "CREATE TABLE public.source AS SELECT k, k % 7 AS v FROM generate_series(1, 100) k" >/dev/null
echo "{{ config(volatile=true, max_deletes='10%', unique_key='k') }} select * from public.source" >"$project/models/m.sql"
echo "select count(*) as n from {{ ref('m') }}" >"$project/models/behind.sql"
echo "{{ config(volatile=true) }} select 1 as one, clock_timestamp() as at" >"$project/models/other.sql"
build() { notices "CALL baro_transform(${1:-})"; }
published() { sql "SELECT count(*), (SELECT n FROM analytics.behind) FROM analytics.m"; }
result() { sql "SELECT target, test, severity, status, failures, message FROM barometre.test_result WHERE test = 'max_deletes' ORDER BY run DESC LIMIT 1"; }
failures() { sql "SELECT place, why, what_to_do FROM barometre_internal.failure"; }

# --- A key ---
unlike "the first build has nothing to lose" "$(build)" 'ERROR|WARNING'
sql "DELETE FROM public.source WHERE k <= 10; UPDATE public.source SET v = -v" >/dev/null
unlike "a tenth may go, and rows that change are no matter" "$(build)" 'ERROR|WARNING'
is "it passes" "$(published) $(result)" '90|90 m|max_deletes|error|pass|0|'
sql "DELETE FROM public.source WHERE k <= 40; UPDATE public.source SET v = v + 1; INSERT INTO public.source VALUES (1000, 1)" >/dev/null
out=$(build)
like "more is a test that failed" "$out" 'ERROR:  a test failed, and nothing was published: max_deletes of m$'
like "which is told" "$out" 'WARNING:  test max_deletes of m: 30 of 90 rows would go, and max_deletes is 10%'
like "the HINT names the key" "$out" 'HINT:  SELECT target, test, sample FROM barometre.test_result WHERE run = [0-9]+ .* or let rows go with  max_deletes: 100%  in the model'
is "what is published stays" "$(published)" '90|90'
is "the result is kept" "$(result)" 'm|max_deletes|error|fail|30|30 of 90 rows would go, and max_deletes is 10%'
is "with rows that would go" "$(sql "SELECT jsonb_array_length(sample), sample -> 0 ->> 'k' < '99' FROM barometre.test_result WHERE status = 'fail'")" '10|t'
is "it is a failure" "$(failures | sed 's/run = [0-9]*/run = N/')" "test m max_deletes|30 of 90 rows would go, and max_deletes is 10%|SELECT target, sample FROM barometre.test_result WHERE run = N AND status = 'fail';  To let the rows go, set  max_deletes: 100%  of the model."
is "it is what baro_diff() shows" "$(sql "SELECT rows FROM baro_diff('m') WHERE change = 'removed' AND rows IS NOT NULL")" 30
is "baro_test() has what the last build found" "$(sql "SELECT target, test, severity, status, failures FROM baro_test('m')")" 'm|max_deletes|error|fail|30'
is "TAP too" "$(sql "SELECT * FROM baro_test_tap('m')")" '1..1
not ok 1 - m max_deletes
# 30 of 90 rows would go, and max_deletes is 10%; samples are in barometre.test_result'
is "but not of other models" "$(sql "SELECT count(*) FROM baro_test('other')")" 0
before=$(sql "SELECT at FROM analytics.other")
out=$(build "on_failure => 'skip'")
like "others go on" "$out" 'WARNING:  test max_deletes of m: 30 of 90 rows would go'
is "but not what is behind it" "$(published) $(sql "SELECT at > '$before' FROM analytics.other") $(sql "SELECT name, status FROM barometre.step WHERE kind = 'model' AND name <> 'i' ORDER BY run DESC, name LIMIT 3")" '90|90 t behind|skipped
m|failed
other|succeeded'
sed -i "s/10%/30/" "$project/models/m.sql"
unlike "a number counts rows" "$(build)" 'ERROR|WARNING'
is "they went, and it is put right" "$(published) $(failures) $(sql "SELECT status FROM baro_test('m')")" '61|61  pass'
sql "INSERT INTO public.source SELECT k, 1 FROM generate_series(1, 9) k; UPDATE public.source SET k = -k WHERE k > 60" >/dev/null
like "another key is another row" "$(build)" 'test max_deletes of m: 41 of 61 rows would go, and max_deletes is 30'
sql "UPDATE public.source SET k = abs(k)" >/dev/null

# --- No key ---
echo "{{ config(volatile=true, max_deletes=5) }} select * from public.source" >"$project/models/m.sql"
build >/dev/null
sql "UPDATE public.source SET v = v + 1 WHERE k <= 5" >/dev/null
unlike "without a key so many may change" "$(build)" ERROR
sql "UPDATE public.source SET v = v + 1 WHERE k <= 6" >/dev/null
like "because a row that changed is one that goes" "$(build)" 'test max_deletes of m: 6 of 70 rows would go, and max_deletes is 5'
echo "{version: 1, models: [{name: m, columns: [{name: k, tests: [unique]}]}]}" >"$project/models/m.yml"
unlike "a unique test is a key" "$(build)" ERROR

# --- Other columns, other ways of publishing ---
echo "{{ config(volatile=true, max_deletes=5) }} select k::numeric, v, 1 as more from public.source where k > 6" >"$project/models/m.sql"
like "columns that change are no way around" "$(build)" 'test max_deletes of m: 6 of 70 rows would go'
sed -i 's/k > 6/k > 5/' "$project/models/m.sql"
unlike "nor in the way" "$(build)" ERROR
is "they are published" "$(sql "SELECT count(*), max(more) FROM analytics.m")" '65|1'
rm "$project/models/m.yml"
echo "{{ config(volatile=true, max_deletes=5) }} select k::numeric, v, 2 as other from public.source where k > 42" >"$project/models/m.sql"
like "without a key rows are compared in the columns that stay" "$(build)" 'test max_deletes of m: 6 of 65 rows would go'
echo "{{ config(volatile=true, max_deletes=5, materialized='materialized_view') }} select k::numeric, v, 2 as other from public.source where k > 42" >"$project/models/m.sql"
like "also when it becomes another kind" "$(build)" 'test max_deletes of m: 6 of 65 rows would go'
sed -i 's/k > 42/k > 41/' "$project/models/m.sql"
unlike "and when few go" "$(build)" ERROR
sql "DELETE FROM public.source WHERE k < 48" >/dev/null
like "a materialized view that is refreshed" "$(build)" 'test max_deletes of m: 6 of 60 rows would go'
sql "INSERT INTO public.source SELECT k, v FROM analytics.m WHERE k IN (46, 47)" >/dev/null
unlike "by few" "$(build)" ERROR
sed -i 's/max_deletes=5/max_deletes=0/; s/2 as other/3 as other/; s/k > 41/k > 12/' "$project/models/m.sql"
like "or made anew" "$(build)" "test max_deletes of m: 56 of 56 rows would go"
sed -i "s/materialized='materialized_view'/materialized='view'/" "$project/models/m.sql"
like "a view has no such rows" "$(build)" 'model "m" is a view, and has no rows of its own that could go'
rm "$project/models/behind.sql" "$project/models/m.sql"

# --- Incremental, folders, foreign errors ---
sql "CREATE TABLE public.days AS SELECT d, n FROM generate_series(1, 10) d, generate_series(1, 10) n" >/dev/null
echo "{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='d', volatile=true) }} select * from public.days {% if is_incremental() %} where d > 5 {% endif %}" >"$project/models/marts/d.sql"
build >/dev/null
sql "UPDATE public.days SET n = n + 100; DELETE FROM public.days WHERE d > 5 AND n % 10 = 0" >/dev/null
unlike "rows that others of their key replace don't go" "$(build)" ERROR
is "of the folder" "$(sql "SELECT count(*), max(n) FROM analytics.d") $(result)" '95|109 d|max_deletes|error|pass|0|'
sql "DELETE FROM public.days WHERE n > 101; INSERT INTO public.days SELECT d, 0 FROM generate_series(1, 5) d" >/dev/null
sed -i 's/50%/39/' "$project/barometre.yml"
like "those that have none do" "$(build)" 'test max_deletes of d: 40 of 95 rows would go, and max_deletes is 39'
sed -i 's/39/many/' "$project/barometre.yml"
like "what is no limit is told" "$(build)" 'key ".max_deletes" must be a number of rows or a percentage'
finish
