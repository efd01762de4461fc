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
finish
