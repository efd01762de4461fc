#!/usr/bin/env bash
# Templates in models and tests, as far as they meet the server; what they print is tested in test/unit.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: templates
roles: {loader: meltano}
vars: {cities: [Paris, Lyon], least: 2}
YML
m=$project/models
mkdir -p "$project/macros"
transform() { notices "CALL baro_transform(${1:-})"; }
echo "select * from (values (1, 'Paris'), (2, 'Lyon'), (3, 'Nice')) v (id, city)" > "$m/towns.sql"
cat > "$m/pivot.sql" <<'SQL'
select
{% for c in var('cities') -%}
    count(*) filter (where city = '{{ c }}') as {{ c | lower }}{{ "," if not loop.last }}
{% endfor -%}
from {{ ref('towns') }}
where id <= {{ var('least') }} -- {{ this }}
SQL
like "a model may loop over a var" "$(transform)" 'transform: 2 models built'
is "and gives what it says" "$(sql "SELECT paris, lyon FROM analytics.pivot")" "1|1"
like "baro_compile shows the SQL" "$(sql "SELECT baro_compile('pivot')")" "as paris,"
like "this is the model itself" "$(sql "SELECT baro_compile('pivot')")" '-- analytics.pivot'
sed -i 's/least: 2/least: 1/' "$project/barometre.yml"
is "a changed var makes stale what asks for it" "$(sql "SELECT name FROM baro_ls() WHERE state = 'stale'")" pivot
transform >/dev/null
is "and is built in" "$(sql "SELECT paris, lyon FROM analytics.pivot")" "1|0"
echo "{% macro twice(x) %}({{ x }} * 2){% endmacro %}" > "$project/macros/numbers.sql"
echo "select {{ twice('id') }} as n from {{ ref('towns') }}" > "$m/doubled.sql"
transform >/dev/null
is "macros of the project are known" "$(sql "SELECT sum(n) FROM analytics.doubled")" 12
echo "{% macro twice(x) %}({{ x }} * 20){% endmacro %}" > "$project/macros/numbers.sql"
like "a changed macro makes stale what calls it" "$(transform)" 'model doubled: built'
echo "select 1 as id, 'x' as a" > "$m/one.sql"
echo "select 2 as id, true as b" > "$m/two.sql"
echo "{{ dbt_utils.union_relations(relations=[ref('one'), ref('two')]) }}" > "$m/both.sql"
transform >/dev/null
is "union_relations knows the columns of what is built before it" "$(sql "SELECT id, a, b FROM analytics.both ORDER BY id")" "1|x|
2||t"
is "and from where each row came" "$(sql "SELECT _dbt_source_relation FROM analytics.both WHERE id = 1")" "\"$db\".\"analytics\".\"one\""
echo "select 1 as id, 'x' as a, 'new' as c" > "$m/one.sql"
transform >/dev/null
is "also a column that is new in the same call" "$(sql "SELECT c FROM analytics.both WHERE id = 1")" new
is "after which nothing is stale" "$(sql "SELECT count(*) FROM baro_ls() WHERE state <> 'current'")" 0
printf "{%% for i in range(3) %%}\n-- {{ i }}\n{%% endfor %%}\nselect nope" > "$m/broken.sql"
like "an error in the SQL names the line of the template, behind a loop" "$(transform "'broken'")" 'model "broken" \(models/broken.sql, line 4\)'
printf "select 1\n{{ undefined_thing }}" > "$m/broken.sql"
like "a name that nobody knows is an error with line and column" "$(transform "'towns'")" 'models/broken.sql:2:4'
rm "$m/broken.sql"
echo "select id from {{ ref('towns') }} where {% if var('least') > 0 %}id > 100{% else %}true{% endif %}" > "$project/tests/far.sql"
is "singular tests have templates" "$(sql "SELECT status FROM baro_test('far')")" pass
like "what reaches outside is refused" "$(echo "{{ run_query('select 1') }}" > "$m/out.sql"; transform)" 'models/out.sql:1:4'
rm "$m/out.sql"
cat > "$project/macros/package.sql" <<'SQL'
{% set beside = 1 %}
{% materialization odd, adapter='postgres' %}{{ run_query('select 1') }}{% endmaterialization %}
{% macro wrapped(name) %}({% call loud() %}{{ name }}{% endcall %}){% endmacro %}
{% macro loud() %}{{ caller() | upper }}{% endmacro %}
{% test speaks(model) %}{{ print('a test of ' ~ model.name) }}select * from {{ model }} where false{% endtest %}
SQL
cat > "$m/says.sql" <<'SQL'
{{ config(pre_hook="{{ print('before ' ~ this.name) }}") }}
{{ log('said to all', info=true) }}{{ log('kept quiet') }}{% do exceptions.warn('be careful') %}
select '{{ wrapped('x') }}' as word
SQL
printf 'models:\n  - {name: says, tests: [speaks]}\n' > "$m/says.yml"
said=$(transform "'says'")
is "macros beside a materialization are known" "$(sql "SELECT word FROM analytics.says")" "(X)"
is "a model says it once when it is built, and so do its hook and its test" "$(grep -E 'said|quiet|careful|before|a test of' <<<"$said")" \
    "NOTICE:  before says
NOTICE:  said to all
WARNING:  be careful
NOTICE:  a test of says"
unlike "what is current says nothing" "$(notices "SELECT * FROM baro_ls()"; transform "'says'")" 'said to all|careful|before'
like "who compiles it hears it as well" "$(notices "SELECT baro_compile('says')")" 'NOTICE:  said to all'
mkdir -p "$project/functions"
echo "{{ print('a function is made') }}create or replace function public.baro_said() returns int language sql as 'select 1';" > "$project/functions/f.sql"
printf 'name: shop\non-run-start: ["{{ print(\x27at the start\x27) }}"]\n' > "$project/dbt_project.yml"
printf 'dbt: .\ntarget: {schema: analytics}\n' >> "$project/barometre.yml"
is "functions and on-run-start speak when they run" "$(transform "'says'" | grep -E 'is made|at the start')" "NOTICE:  a function is made
NOTICE:  at the start"
echo "{% macro ref(name) %}{{ return(builtins.ref('one' if name == 'uno' else name)) }}{% endmacro %}" > "$project/macros/ref.sql"
echo "select id from {{ ref('uno') }}" > "$m/overridden.sql"
transform >/dev/null
is "a macro may be called instead of ref" "$(sql "SELECT id FROM analytics.overridden")" 1
is "and what it reads is known" "$(sql "SELECT string_agg(l.name, ',') FROM baro_ls('+overridden') l WHERE name <> 'overridden'")" one
finish
