#!/usr/bin/env bash
# What is wrong in a project concerns itself and what hangs on it: each problem is told with its place, and the rest goes on.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
transform() { notices "CALL baro_transform(${1-})"; }
states() { sql "SELECT count(*) FROM baro_ls()" >/dev/null; sql "SELECT string_agg(name || ' ' || state, ', ' ORDER BY name) FROM baro_ls(${1-})"; }
problems() { super "SELECT concat_ws(':', file, line) || ' ' || name FROM barometre_internal.problem ORDER BY file, line, name"; }
mkdir -p "$BARO_DATA/in"; printf 'id\n1\n' >"$BARO_DATA/in/a.csv"
new_database
use_project <<'YML'
version: 1
name: p
roles: {loader: meltano}
taps: [{name: tap, streams: [{name: s, path: in, pattern: .*\.csv, key_properties: [id]}]}]
YML
m=$project/models; mkdir -p "$project"/{macros,snapshots,tests/generic} "$m/sub"
echo "select id from {{ source('tap', 's') }}" >"$m/good.sql"
echo "select * from {{ ref('good') }}" >"$m/child.sql"
echo "select 1 as x" >"$m/sub/inner.sql"
printf 'a\n1\n' >"$project/seeds/codes.csv"
sql "SELECT count(*) FROM baro_run()" >/dev/null
transform >/dev/null
is "all is well" "$(states)$(problems)" "child current, codes current, good current, inner current, tap.s current"

# Eleven files, each broken in its way.
echo "select {{ nothing }}" >"$m/unknown_name.sql"
echo "select {% if %}" >"$m/syntax.sql"
echo "{{ config(materialized='tabel') }} select 1 as x" >"$m/config.sql"
echo "select * from {{ ref('nowhere') }}" >"$m/no_ref.sql"
echo "select * from {{ source('not', 'there') }}" >"$m/no_source.sql"
printf 'select 1 as caf\xe9' >"$m/latin.sql"
echo "def model(dbt, session): return 1" >"$m/python.py"
echo "{% macro broken( %}" >"$project/macros/broken.sql"
echo "{% snapshot snap %}{{ config(strategy='check', unique_key='id') }}select 1 as id{% endsnapshot %}" >"$project/snapshots/snap.sql"
printf 'models:\n  - name: good\n  bad indent\n' >"$m/sub/props.yml"
echo "select * from {{ ref('codes') }} where {{ x" >"$project/tests/bad_test.sql"
is "eleven broken files are eleven problems" "$(sql "SELECT count(*) FROM baro_run()" >/dev/null; problems | grep -c .)" 11
is "each with its place" "$(problems)" 'macros/broken.sql:1 macros/broken.sql
models/config.sql:1 config
models/latin.sql:1 latin
models/no_ref.sql:1 no_ref
models/no_source.sql:1 no_source
models/python.py python
models/sub/props.yml:3 models/sub/props.yml
models/syntax.sql:1 syntax
models/unknown_name.sql:1 unknown_name
snapshots/snap.sql:1 snap
tests/bad_test.sql:1 bad_test'
is "the view shows them" "$(sql "SELECT count(*) FROM barometre.problems WHERE message IS NOT NULL")" 11
is "and so does the report" "$(sql "SELECT count(*) FROM baro_load_project() WHERE change = 'refused'")" 11
printf 'id\n1\n2\n' >"$BARO_DATA/in/a.csv"
is "loads go on" "$(sql "SELECT inserted FROM baro_run()")" 1
told=$(transform)
like "a call says so first" "${told%%$'\n'*}" '^WARNING:  [0-9]+ of what is selected can.t be used, and are left out$'
is "and what is right is built" "$(sql "SELECT count(*) FROM analytics.child")" 2
like "what a test of it would have read is not published: the test can't be read" "$(states "'codes'")" 'codes blocked'
like "nor what a file may describe that can't be read" "$(states "'inner'")" 'inner blocked'
like "a call for what is right says nothing" "$(transform "'good'")" '^NOTICE:  model good: unchanged'
like "one for a broken one says why" "$(sql "SELECT reason FROM baro_ls('unknown_name')" | tr '\n' ' ')" 'models/unknown_name.sql:1:11: "nothing" is not known here'
like "and so does what compiles it" "$(sql "SELECT baro_compile('unknown_name')")" '^ERROR:  model "unknown_name" can.t be used: models/unknown_name.sql'
like "it is remembered as left out" "$(sql "SELECT why FROM barometre.step WHERE name = 'no_ref' ORDER BY run DESC LIMIT 1")" 'neither a model nor a seed'
rm "$m"/{unknown_name,syntax,config,no_ref,no_source,latin}.sql "$m/python.py" "$project/macros/broken.sql" "$project/snapshots/snap.sql" "$project/tests/bad_test.sql"

# A properties file that described something, and can't be read any more.
printf 'models:\n  - {name: child, columns: [{name: id, tests: [unique]}]}\n' >"$m/sub/props.yml"
is "mended, all is well" "$(states)$(problems)" "child current, codes current, good current, inner current, tap.s current"
printf 'models:\n  - {name: child, columns: [{name: id, tests: [unique]}\n' >"$m/sub/props.yml"
is "what it described before is blocked, and nothing else" "$(states)" "child blocked, codes current, good current, inner current, tap.s current"
echo "select * from {{ ref('child') }}" >"$m/grandchild.sql"
is "with what hangs on it" "$(states "'child+'")" "child blocked, grandchild blocked"
rm "$m/grandchild.sql" "$m/sub/props.yml"

# One entry, one test, one macro.
printf 'models:\n  - {name: good, columns: [{name: id, tests: [uniqe]}]}\n  - {name: child, enabled: sometimes}\n  - {name: inner, description: x}\n' >"$m/props.yml"
is "a test that can't be read blocks what it tests, an entry what it describes" "$(states)" "child blocked, codes current, good blocked, inner current, tap.s current"
is "each is a problem" "$(problems)" 'models/props.yml:2 good.uniqe
models/props.yml:3 child'
rm "$m/props.yml"
printf '{%% macro one() %%}1{%% endmacro %%}{%% macro two( %%}' >"$project/macros/m.sql"
echo "select {{ one() }} as x" >"$m/calls.sql"
is "who needs a macro of a broken file is blocked, and no problem of its own" "$(states "'calls'")$(problems)" "calls blockedmacros/m.sql:1 macros/m.sql"
rm "$project/macros/m.sql" "$m/calls.sql"

# Circles, and two of one name.
echo "select * from {{ ref('b') }}" >"$m/a.sql"; echo "select * from {{ ref('a') }}" >"$m/b.sql"; echo "select * from {{ ref('b') }}" >"$m/c.sql"
is "a circle blocks its models and what reads them" "$(states)" "a blocked, b blocked, c blocked, child current, codes current, good current, inner current, tap.s current"
is "as one problem" "$(problems | grep -c .)" 1
echo "select * from analytics.a" >"$m/b.sql"
is "also one by names in SQL" "$(states "'a b c'")" "a blocked, b blocked, c blocked"
rm "$m"/{a,b,c}.sql
mkdir "$m/twice"; echo "select 2 as x" >"$m/twice/good.sql"
is "of two of a name neither is built" "$(states)" "child blocked, codes current, good blocked, inner current, tap.s current"
rm -r "$m/twice"
echo "{{ config(alias='good') }} select 3 as x" >"$m/same.sql"
is "nor two that become one relation" "$(states)" "child blocked, codes current, good blocked, inner current, same blocked, tap.s current"
rm "$m/same.sql"
is "mended, nothing was lost" "$(states)$(problems)" "child current, codes current, good current, inner current, tap.s current"

# What all hangs on.
echo "select {{" >"$project/functions/f.sql"
like "functions that can't be read stop models" "$(transform)" '^ERROR:  functions/f.sql:1'
like "and no load" "$(sql "SELECT unchanged + inserted >= 0 FROM baro_run()")" '^t$'
rm "$project/functions/f.sql"
like "until they can" "$(transform)" '0 models built, 3 unchanged'
finish
