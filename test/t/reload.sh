#!/usr/bin/env bash
# When the files of a project are taken: whole or not at all while they change, by barometre.reload = auto or manual; and what a run
# remembers of its project.
. "$(dirname "$0")/../lib.sh"
new_database
m=$project/models
both() { echo "select $1 as v" >"$m/a.sql"; echo "select $1 as v" >"$m/b.sql"; } # a state of the project
mkdir -p "$m"; both 1
use_project <<'YML'
version: 1
name: reload
roles: {loader: meltano}
jobs:
  - {name: nightly, interval: '@daily', steps: [{transform: a}, {sql: select 1}]}
YML
super() { role=postgres sql "$1"; }
transform() { notices "CALL baro_transform('${1:-*}')"; }
values() { sql "SELECT concat((SELECT v FROM analytics.a), ' ', (SELECT v FROM analytics.b))"; }
last="FROM barometre.run ORDER BY id DESC LIMIT 1"
transform >/dev/null

# --- files that change while they are read ------------------------------------------------------------------------------
use_points
stop_at project.read
both 2
transform >"$BARO_DATA/said" & call=$!
at_point project.read # it has read both
both 33
go_on project.read; wait $call
is "what changed while it was read is read again, all of it" "$(values)" "33 33"
both 4; mkdir "$project/.git"; touch "$project/.git/index.lock"
said=$(psql -X -q -v VERBOSITY=verbose -d $db -U meltano -c "SELECT count(*) FROM baro_ls()" 2>&1)
like "while git is at work it is an error" "$said" 'ERROR:  BM008: the files of the project are changing'
like "which says what to look at" "$said" "DETAIL:  git is at work there: \"$project/.git/index.lock\" exists."
like "and what to do" "$said" 'HINT:  Call again when it is done.'
like "to wait for it can be stopped" "$(sql "SET statement_timeout = '300ms'; SELECT count(*) FROM baro_ls()")" 'canceling statement due to statement timeout'
transform >"$BARO_DATA/said" & call=$!
sleep 0.5; rm "$project/.git/index.lock"; wait $call
is "a short work of git is waited for" "$(values)" "4 4"
touch -d '11 minutes ago' "$project/.git/index.lock"
like "what a git that was killed left is listed" "$(sql "SELECT kind, change, place FROM baro_load_project()")" '^file\|ignored\|.git/index.lock$'
both 5
like "told with the next change" "$(transform)" 'WARNING:  .git/index.lock: file ".*/.git/index.lock" is ignored'
is "and holds up nothing" "$(values)" "5 5"
rm "$project/.git/index.lock"

# --- what a run remembers -----------------------------------------------------------------------------------------------
remembered="SELECT project_hash = (SELECT hash FROM barometre_internal.project), git_commit"
one=$(printf 'a%.0s' {1..40}) two=$(printf 'b%.0s' {1..40})
transform >/dev/null
is "the hash of the project; no commit where there is none" "$(sql "$remembered $last")" "t|"
echo "ref: refs/heads/main" >"$project/.git/HEAD"; printf '# pack-refs\n%s refs/heads/main\n' "$one" >"$project/.git/packed-refs"
for call in "CALL baro_transform('a')" "SELECT * FROM baro_run()" "SELECT * FROM baro_seed()" "SELECT * FROM baro_test()"; do
    sql "$call" >/dev/null 2>&1
    is "the commit, too: $call" "$(sql "$remembered $last")" "t|$one"
done
mkdir -p "$project/.git/refs/heads"; echo "$two" >"$project/.git/refs/heads/main"
sql "CALL baro_job('nightly')" >/dev/null 2>&1
is "of a job and its steps" "$(sql "SELECT kind, project_hash = (SELECT hash FROM barometre_internal.project), git_commit FROM barometre.run ORDER BY id DESC LIMIT 3" | sort)" "job|t|$two
sql|t|$two
transform|t|$two"
echo "select 1 / 0 as v" >"$m/a.sql"; sql "SELECT baro_transform('a')" >/dev/null 2>&1; sql "CALL baro_transform('a')" >/dev/null 2>&1
is "of one that failed" "$(sql "SELECT status, project_hash = (SELECT hash FROM barometre_internal.project), git_commit $last")" "failed|t|$two"
rm -r "$project/.git"; echo "gitdir: elsewhere" >"$project/.git"; both 4; transform >/dev/null
is "a file .git says nothing" "$(sql "SELECT status, git_commit $last")" "succeeded|"

# --- barometre.reload = manual ------------------------------------------------------------------------------------------
like "only a superuser sets it" "$(sql "SELECT count(*) FROM baro_ls(); SET barometre.reload = manual")" 'permission denied to set parameter "barometre.reload"'
is "auto is the default" "$(sql "SELECT count(*) FROM baro_ls(); SHOW barometre.reload")" "2
auto"
super "ALTER DATABASE $db SET barometre.reload = manual"
like "by hand: what was loaded is used" "$(transform)" 'a: unchanged'
both 5
runs=$(sql "SELECT count(*) FROM barometre.run")
said=$(psql -X -q -v VERBOSITY=verbose -d $db -U meltano -c "CALL baro_transform('*')" 2>&1)
like "changed files are not taken" "$said" 'ERROR:  BM001: the files of the project differ from what was loaded'
like "when it was loaded is said" "$said" 'DETAIL:  It was loaded at 20[0-9-]+ [0-9:]+, and barometre.reload is manual'
like "and what to do" "$said" 'HINT:  SELECT \* FROM baro_load_project\(\);'
for call in "SELECT * FROM baro_ls()" "SELECT * FROM baro_run()" "SELECT * FROM baro_register_model('m', 'select 1 as one')" "CALL baro_job('nightly')"; do
    like "nor by $call" "$(sql "$call")" 'the files of the project differ from what was loaded'
done
is "nothing was run" "$(sql "SELECT count(*) - $runs FROM barometre.run")" 0
sql "SELECT * FROM baro_load_project()" >/dev/null
transform >/dev/null
is "baro_load_project() takes them" "$(values)" "5 5"
like "what is registered is no other file" "$(sql "SELECT * FROM baro_register_model('m', 'select 1 as one')")" 'added'
like "and is used" "$(transform m)" 'm: built'
like "as what is not any more" "$(sql "SELECT * FROM baro_unregister('model', 'm')"; transform)" 'a: unchanged'
both 6; both 5
like "files that are as they were are no change" "$(transform)" 'a: unchanged'
like "in a transaction that only reads, too" "$(sql "BEGIN READ ONLY; SELECT count(*) FROM baro_ls(); COMMIT")" '^2$'
super "DELETE FROM barometre_internal.project" >/dev/null
like "what nobody loaded is not taken" "$(sql "SELECT * FROM baro_ls()")" 'no project was loaded into this database'
sql "SELECT * FROM baro_load_project()" >/dev/null
is "until somebody does" "$(sql "SELECT count(*) FROM baro_ls()")" 2
finish
