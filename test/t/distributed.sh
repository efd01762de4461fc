#!/usr/bin/env bash
# distributed_by, colocate_with and reference: what is wrong is told, and nothing is done without Citus; where the server
# has it, tables are spread while they are empty, and left as they are afterwards.
. "$(dirname "$0")/../lib.sh"
new_database
files() { rm -rf "$BARO_DATA/in"; mkdir -p "$BARO_DATA/in" "$project/seeds"; printf 'k,n,v\n1,1,a\n2,1,b\n3,2,c\n' >"$BARO_DATA/in/k.csv"
    printf 'n,v\n1,a\n1,a\n2,b\n' >"$BARO_DATA/in/n.csv"; printf 'id,name\n1,Paris\n2,Lyon\n' >"$project/seeds/towns.csv"; }
# streams KEYS_OF_K KEYS_OF_N: of the tap t, and models of the same.
streams() {
    use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {path: in, delimiter: ','}
taps:
  - name: t
    streams:
      - {name: first, pattern: 'n.csv'}
      - {name: k, pattern: 'k.*\.csv', key_properties: [k]${1:-}}
      - {name: n, pattern: 'n.*\.csv'${2:-}}
${3:-}
YML
}
of_k="select * from {{ source('t', 'k') }}"
model() { echo "{{ config(${2:-}) }} ${3:-$of_k}" >"$project/models/$1.sql"; }
build() { notices "CALL baro_transform(${1:-})"; }
plan() { sql "SELECT name, state, replace(reason, E'\n', ' ') FROM baro_plan()"; }
problems() { sql "SELECT name, line, replace(message, E'\n', ' '), replace(hint, E'\n', ' ') FROM barometre.problems ORDER BY 1"; }
check() { sql "SELECT kind, replace(detail, E'\n', ' ') FROM baro_check('t') WHERE stream = 'k'"; }
failed_with() { role=postgres psql -X -q -At -v VERBOSITY=sqlstate -d "$db" -U meltano -c "$1" 2>&1 | grep ^ERROR; }

# --- Without Citus ---
streams ", distributed_by: k" ", reference: true"; files
out=$(notices "SELECT * FROM baro_run('t')")
like "a load says that there is no Citus" "$out" 'ERROR:  barometre.yml:9: stream "t.k" is to be distributed by "k", and this database has no Citus'
like "and what to do" "$out" 'HINT:  Install Citus, and CREATE EXTENSION citus;  or remove the key "distributed_by"'
like "with a state of ours" "$(failed_with "SELECT * FROM baro_run('t')")" 'ERROR:  BM007'
like "of a reference table too" "$(notices "SELECT * FROM baro_run('t', '{n}')")" 'barometre.yml:10: stream "t.n" is to be a reference table, and this database has no Citus'
is "nothing was made" "$(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 't'") $(sql "SELECT count(*) FROM barometre.bookmark")" '0 0'
like "baro_check tells it" "$(check)" 'error.*this database has no Citus'
like "baro_plan too" "$(plan)" 't.k.blocked.barometre.yml:9: stream "t.k" is to be distributed by "k", and this database has no Citus'
is "who doesn't ask for it is loaded" "$(sql "SELECT stream, inserted FROM baro_run('t', '{first}')")" 'first|3'
streams "" "" "seeds: [{name: towns, reference: true}]"; sql "SELECT count(*) FROM baro_run('t')" >/dev/null
model m "distributed_by='k'"; model other "" "select 1 as one"
out=$(build "'m'")
like "a build says it" "$out" 'ERROR:  models/m.sql:1: model "m" is to be distributed by "k", and this database has no Citus'
is "nothing is built" "$(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'analytics'") $(sql "SELECT status FROM barometre.run ORDER BY id DESC LIMIT 1")" '0 failed'
like "baro_plan blocks the model" "$(plan)" 'm.blocked.models/m.sql:1: model "m" is to be distributed by'
like "and the seed" "$(plan)" 'towns.blocked.barometre.yml:11: seed "towns" is to be a reference table'
like "baro_seed says it" "$(notices "SELECT * FROM baro_seed()")" 'ERROR:  barometre.yml:11: seed "towns" is to be a reference table'
unlike "what is not selected is no matter" "$(build "'other'")" ERROR

# --- What is wrong in the project ---
model m "distributed_by='v', unique_key='k'"
streams ", distributed_by: n" ", colocate_with: t.k" "  - {name: u, streams: [{name: a, pattern: x, distributed_by: k, colocate_with: t.kk}]}"
is "each mistake is a problem, with its place" "$(problems)" 'm|1|model "m" is distributed by "v", which is no part of its unique_key Each node can see to it alone that a key is there once only if the column is part of it.|Distribute it by k, or add the column to the key.
t.k|9|stream "t.k" is distributed by "n", which is no part of key_properties Each node can see to it alone that a key is there once only if the column is part of it.|Distribute it by k, or add the column to the key.
t.n|10|stream "t.n" has "colocate_with" and no "distributed_by"|Add distributed_by: the column whose equal values are to be at the same node, or remove the key.
u.a|11|stream "u.a" is to lie beside "t.kk", which the project does not have|Did you mean "t.k"?'
like "such a stream is not loaded" "$(notices "SELECT * FROM baro_run('t')")" 'ERROR:  barometre.yml:9: stream "t.k" is distributed by "n"'
like "others are" "$(sql "SELECT stream FROM baro_run('t', '{first}')")" '^first$'
like "baro_check tells it" "$(check)" 'error.barometre.yml:9: stream "t.k" is distributed by "n", which is no part of key_properties'
like "the model is blocked" "$(sql "SELECT name, state FROM baro_ls('m')")" 'm.blocked'
like "what is registered is refused" "$(notices "SELECT * FROM baro_register_stream('r', 's', '{\"path\": \"in\", \"pattern\": \"k\", \"distributed_by\": \"a\", \"reference\": true}')")" 'ERROR:.*stream "r.s" has both "distributed_by" and "reference"'
model m "" "select 1 as k"; streams
sql "SELECT * FROM baro_register_stream('r', 's', '{\"path\": \"in\", \"pattern\": \"k\", \"distributed_by\": \"a\"}')" >/dev/null
like "baro_export has the keys" "$(sql "SELECT * FROM baro_export()")" 'distributed_by: "?a'

# --- With Citus ---
if [ -z "$(psql -X -At -d postgres -c "SELECT 1 FROM pg_available_extensions WHERE name = 'citus'")" ]; then
    skip "tables are spread" "the server has no Citus"
    finish
fi
own_server "shared_preload_libraries = 'citus'" "citus.shard_count = 4" "citus.local_hostname = '{}'" "wal_level = logical"
kept=() free=()
new_database
psql -X -q -d "$db" -U postgres -c "CREATE EXTENSION citus" -c "SELECT citus_set_coordinator_host('$PGHOST', $PGPORT)" -c "SELECT citus_set_node_property('$PGHOST', $PGPORT, 'shouldhaveshards', true)" >/dev/null
spread() { sql "SELECT p.logicalrelid, CASE WHEN p.repmodel = 't' THEN 'reference' ELSE column_to_column_name(p.logicalrelid, p.partkey) END, (SELECT string_agg(o.logicalrelid::text, ' ' ORDER BY o.logicalrelid::text) FROM pg_dist_partition o WHERE o.colocationid = p.colocationid AND o.logicalrelid <> p.logicalrelid AND o.partmethod = 'h') FROM pg_dist_partition p WHERE p.logicalrelid::text LIKE '${1:-%}' ORDER BY p.logicalrelid::text"; }
load() { sql "SELECT stream, inserted, updated, rejected FROM baro_run('t'${1:+, '{$1\}'})" | grep -v NOTICE; }
rm -f "$project"/models/*; mkdir -p "$project/snapshots"
more="  - {name: late, pattern: 'k.*\.csv', key_properties: [k, n], distributed_by: n, colocate_with: t.z}
      - {name: z, pattern: 'n.*\.csv', distributed_by: n, max_rejects: 1}"
streams ", distributed_by: k" ", reference: true" "    $more
seeds: [{name: towns, reference: true}]"; files
printf ',c\n' >>"$BARO_DATA/in/n.csv"
is "baro_check tries it" "$(sql "SELECT stream, replace(detail, E'\n', ' ') FROM baro_check('t') WHERE detail LIKE '%distribu%table(%' OR kind = 'error'")" "k|SELECT create_distributed_table('t.k', 'k');
z|SELECT create_distributed_table('t.z', 'n');
late|SELECT create_distributed_table('t.late', 'n', colocate_with => 't.z');"
is "and leaves nothing" "$(spread)" ''
is "a load makes its tables so, what others lie beside first" "$(load)" 'first|4|0|0
k|3|0|0
n|4|0|0
z|3|0|1
late|3|0|0'
is "they are spread" "$(spread)" 't.k|k|t.late t.z
t.late|n|t.k t.z
t.n|reference|
t.z|n|t.k t.late'
is "all rows are in them" "$(sql "SELECT (SELECT count(*) FROM t.k), (SELECT count(*) FROM t.late), (SELECT count(*) FROM t.n), (SELECT count(*) FROM t.z)")" '3|3|4|3'
is "a record without a value there is rejected" "$(sql "SELECT stream, line, column_name, reason FROM barometre.reject")" 'z|5|n|column "n", by which the table is distributed, is empty'
like "its HINT says what to do" "$(sed -i 's/max_rejects: 1/max_rejects: 0/' "$project/barometre.yml"; printf ',d\n' >>"$BARO_DATA/in/n.csv"; notices "SELECT * FROM baro_run('t', '{z}')")" 'HINT:  Correct the file, or distribute the table by another column; '
files; printf '3,2,cc\n4,1,d\n' >>"$BARO_DATA/in/k.csv"
is "later loads go on" "$(load)" 'first|0|0|0
k|1|1|0
n|0|0|0
z|0|0|0
late|1|1|0'
is "with the rows of the files" "$(sql "SELECT string_agg(k || v, ' ' ORDER BY k) FROM t.k; SELECT string_agg(n || v, ' ' ORDER BY n, v) FROM t.z; SELECT count(*) FROM t.n")" '1a 2b 3cc 4d
1a 1a 2b
3'

# Models, seeds and snapshots.
model m "distributed_by='k', colocate_with='z'"; model z "distributed_by='k', colocate_with='t.k'" "select k, v from {{ ref('i') }}"
model lone "distributed_by='one', colocate_with='i'" "select 1::bigint as one"
model i "materialized='incremental', unique_key='k', distributed_by='k'"; model r "reference=true" "select 1 as one"; model plain "" "select 1 as one"
echo "{% snapshot s %}{{ config(strategy='check', check_cols='all', unique_key='k', distributed_by='k') }} $of_k{% endsnapshot %}" >"$project/snapshots/s.sql"
is "a build succeeds" "$(build | grep -E 'ERROR|WARNING|^NOTICE:  transform')" 'NOTICE:  transform: 7 models built, 0 unchanged, 0 skipped, 0 failed; 19 rows added, 0 removed; 0 tests'
is "and its tables are spread" "$(spread 'analytics.%' | cut -d'|' -f1,2 | tr '\n' ' ')" 'analytics.i|k analytics.lone|one analytics.m|k analytics.r|reference analytics.s|k analytics.towns|reference analytics.z|k '
is "side by side" "$(spread t.k)" 't.k|k|analytics.i analytics.lone analytics.m analytics.s analytics.z t.late t.z'
is "with all rows" "$(sql "SELECT (SELECT count(*) FROM analytics.m), (SELECT count(*) FROM analytics.i), (SELECT count(*) FROM analytics.s), (SELECT count(*) FROM analytics.z), (SELECT count(*) FROM analytics.towns), (SELECT count(*) FROM analytics.r)")" '4|4|4|4|2|1'
like "what is spread as the project says is unchanged" "$(build)" 'transform: 0 models built, 7 unchanged'
printf '5,1,e\n' >>"$BARO_DATA/in/k.csv"; load k >/dev/null; printf '3,Nice\n' >>"$project/seeds/towns.csv"
out=$(build)
unlike "what changes is built again" "$out" 'ERROR|WARNING'
like "what lies beside it is not" "$out" 'model lone: unchanged'
is "with the new rows" "$(sql "SELECT (SELECT count(*) FROM analytics.m), (SELECT count(*) FROM analytics.i), (SELECT count(*) FROM analytics.s), (SELECT count(*) FROM analytics.z), (SELECT count(*) FROM analytics.towns)")" '5|5|5|5|3'

# Said otherwise: of tables with rows it is told.
model z "distributed_by='v'" "select k, v from {{ ref('i') }}"; model m "distributed_by='k', colocate_with='i'"; model plain "distributed_by='one'" "select 1 as one"; model r "distributed_by='one'" "select 1 as one"
plan_of() { sql "SELECT reason FROM baro_plan('$1')"; }
statement_of() { plan_of "$1" | sed '1,/:$/d'; }
is "baro_plan tells the difference" "$(plan_of plain | sed '/:$/q' | tr '\n' ' ')" 'it is not distributed, and the project says that it is distributed by "one": '
is "with the statement, whose names stay whole" "$(statement_of plain)" "SELECT
create_distributed_table('analytics.plain',
'one');"
like "of another column" "$(plan_of z | tr '\n' ' ')" "it is distributed by .k., and .* by .v.: SELECT alter_distributed_table\('analytics.z', distribution_column => 'v'\);"
like "of a reference table" "$(plan_of r | tr '\n' ' ')" "it is a reference table, and .*: SELECT undistribute_table\('analytics.r'\); SELECT create_distributed_table\('analytics.r', 'one'\);"
is "another distribution makes nothing stale" "$(sql "SELECT string_agg(state, ' ') FROM baro_plan('z plain r')")" 'current current current'
out=$(build "'plain'")
like "a build tells it and goes on" "$out" 'WARNING:  model "plain": table analytics.plain is not distributed as the project says'
like "with the statement" "$out" "HINT:  To change it: SELECT create_distributed_table\('analytics.plain', 'one'\);"
sql "$(statement_of plain)" >/dev/null
is "which puts it right" "$(plan_of plain) $(build "'plain'" | grep -c WARNING) $(sql "SELECT one FROM analytics.plain")" ' 0 1'
streams ", distributed_by: k, colocate_with: t.n" ", distributed_by: n"; printf '6,1,f\n' >>"$BARO_DATA/in/k.csv"
out=$(notices "SELECT * FROM baro_run('t', '{k,n}')")
like "a load tells it too" "$out" 'WARNING:  stream "t.n": table t.n is not distributed as the project says'
unlike "of the one that is to lie beside it nothing" "$out" 'stream "t.k": table'
like "with what it is" "$out" 'DETAIL:  Of the table: it is a reference table. barometre.yml:10 has it that it is distributed by "n".'
like "and goes on" "$out" 'k: 1 of 1 files read, 1 records: 1 inserted'

# Empty tables are spread, whoever made them.
streams ", distributed_by: k" "" "      - {name: old, pattern: 'k.*\.csv', key_properties: [k], distributed_by: k}"
sql "DROP TABLE t.n; CREATE TABLE t.old (k bigint PRIMARY KEY, n bigint, v text); CREATE TABLE t.n (n bigint, v text)" >/dev/null
is "an empty table that is there is spread" "$(load old) $(spread t.old)" 'old|6|0|0 t.old|k|analytics.i analytics.lone analytics.m analytics.s analytics.z t.k t.late t.z'
model plain "" "select k from {{ source('t', 'k') }} where k < 0"; sql "DROP TABLE analytics.plain" >/dev/null; build "'plain'" >/dev/null
is "a model without a key is not" "$(spread analytics.plain)" ''
model plain "distributed_by='k'" "select k from {{ source('t', 'k') }} where k < 0"; build "'plain'" >/dev/null
is "one that says it later is, though nothing of it is stale" "$(spread analytics.plain | cut -d'|' -f1,2) $(plan_of plain)" 'analytics.plain|k '
model plain "distributed_by='k'" "select k from {{ source('t', 'k') }} where k > 0"; build "'plain'" >/dev/null
is "and has rows then" "$(sql "SELECT count(*) FROM analytics.plain; SELECT count(*) FROM ONLY analytics.plain")" '6
6'

# What can't be.
model plain "distributed_by='k'" "select nullif(k, 2) as k from {{ source('t', 'k') }}"
out=$(build "'plain'")
like "rows without a value are refused" "$out" 'ERROR:  models/plain.sql:1: model "plain" is to be distributed by "k", and 1 row has no value there'
is "and nothing is published" "$(sql "SELECT count(*) FROM analytics.plain WHERE k = 2")" 1
model plain "distributed_by='kk'" "select k from {{ source('t', 'k') }}"; sql "DROP TABLE analytics.plain" >/dev/null
out=$(build "'plain'")
like "so is a column that is not there" "$out" 'is to be distributed by "kk", and has no such column'
like "with the near one" "$out" 'HINT:  Did you mean "k"\?'
model plain "distributed_by='v', colocate_with='t.k'" "select v from {{ source('t', 'k') }}"
like "columns of two types lie not together" "$(build "'plain'")" 'model "plain" is to lie beside "t.k", which is distributed by a column of another type'
streams ", distributed_by: k" ", distributed_by: n, colocate_with: u.one" "  - {name: u, streams: [{name: one, pattern: 'n.csv', distributed_by: n}]}"
sql "DROP TABLE t.n" >/dev/null
out=$(notices "SELECT * FROM baro_run('t', '{n}')")
like "what it lies beside has to be there" "$out" 'ERROR:  barometre.yml:10: stream "t.n" is to lie beside "u.one", which is not there yet'
like "the HINT says how" "$out" "HINT:  Make it first: SELECT \* FROM baro_run\('u', '.*one.*'\);"
sql "$(sed -n 's/^HINT:  Make it first: //p' <<<"$out")" >/dev/null
is "then it is loaded" "$(load n) $(spread t.n | grep -o u.one)" 'n|3|0|0 u.one'

# Tables that are spread in other ways than what reads them.
streams "" "" "      - {name: once, pattern: 'once.csv', key_properties: [k], reference: true, max_rejects: 1}
timezone: Asia/Tokyo"
sql "CREATE TABLE t.once (k bigint PRIMARY KEY, v text UNIQUE)"; printf 'k,v\n1,a\n2,b\n' >"$BARO_DATA/in/once.csv"; load once >/dev/null
printf 'k,v\n1,aa\n2,b\n3,b\n' >"$BARO_DATA/in/once.csv"
is "of a reference table too a row that it refuses is a reject, and others arrive" "$(load once) $(sql "SELECT string_agg(k || v, ' ' ORDER BY k) FROM t.once")" 'once|0|1|1 1aa 2b'
rm -f "$project"/models/* "$project"/snapshots/*
model parent "distributed_by='k', contract={'enforced': false}" "select k, timestamptz '2026-01-01 10:00+00' as at from {{ source('t', 'k') }} where k <> 2"
model child "" "select k, jsonb_build_object('at', at) as j from {{ ref('parent') }}"; model all_k "distributed_by='other'" "select k, k + 1 as other from {{ source('t', 'k') }}"
echo "models:
  - {name: all_k, columns: [{name: k, tests: [relationships: {to: ref('parent'), field: k, config: {severity: warn}}]}]}
  - {name: child, columns: [{name: k, tests: [relationships: {to: ref('parent'), field: k}]}]}" >"$project/models/tests.yml"
unlike "tests of relationships run while tables are built" "$(build)" "could not be run|ERROR"
is "and between tables that are spread in different ways" "$(sql "SELECT target, status, failures FROM baro_test() ORDER BY 1")" 'all_k.k|warn|1
child.k|pass|0'
is "baro_diff reads times at all nodes as a build does" "$(sql "SELECT change, rows FROM baro_diff('child') WHERE rows IS NOT NULL") $(sql "SELECT DISTINCT j FROM analytics.child")" "unchanged|$(sql "SELECT count(*) FROM analytics.child") {\"at\": \"2026-01-01T19:00:00+09:00\"}"

# What changes of the column by which somebody distributed a table.
rm -f "$project"/models/*; sql "CREATE TABLE analytics.hand (k bigint, v text); SELECT create_distributed_table('analytics.hand', 'k')" >/dev/null
model hand; build >/dev/null; before=$(sql "SELECT string_agg(k || v, ' ' ORDER BY k) FROM analytics.hand")
model hand "" "select k::text as k, v from {{ source('t', 'k') }}"
like "it can't become another type" "$(build)" 'ERROR:  model "hand": table analytics.hand is distributed by "k", which can.t become text'
model hand "" "select v from {{ source('t', 'k') }}"
like "nor go" "$(build)" 'ERROR:  model "hand": table analytics.hand is distributed by "k", which the new rows lack'
model hand "" "select nullif(k, 2) as k, v from {{ source('t', 'k') }}"
like "nor be without a value" "$(build)" 'ERROR:  model "hand": table analytics.hand is distributed by "k", and 1 row has no value there'
is "and nothing is published" "$(sql "SELECT string_agg(k || v, ' ' ORDER BY k) FROM analytics.hand")" "$before"
finish
