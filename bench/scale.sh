#!/usr/bin/env bash
# make bench-scale: how the time of a call grows with what it is about: each dimension at 1, 10 and 100 times a size.
#   SCALE ("")  a pattern of the dimensions that are measured, all without one    SCALE_LIMIT (20)  seconds of one call
# Prints a line a dimension: the three times, and the exponent of the growth from 10 to 100 times: 1 is in proportion.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${SCALE_LIMIT:-20}
BENCH_SETTINGS=${BENCH_SETTINGS:-fsync = off}
. bench/server.sh
w=$data/w project=$data/w/project said=$folder/scale
trap 'report; clean_up' EXIT
sql -c "CREATE DATABASE scale_template" && sql -d scale_template -c "CREATE EXTENSION barometre"

# world: an empty database, folder of data and project.
world() {
    rm -rf "$w"; mkdir -p "$w/in" "$project/models" "$project/seeds"; chmod -R 777 "$w"
    export PGDATABASE=postgres PGOPTIONS="-c client_min_messages=warning"
    sql -c "DROP DATABASE IF EXISTS scale" -c "CREATE DATABASE scale TEMPLATE scale_template"
    export PGDATABASE=scale PGOPTIONS="-c client_min_messages=warning -c barometre.project_directory=$project -c barometre.data_directory=$w -c statement_timeout=${limit}s"
}
yml() { { printf 'version: 1\nname: scale\n'; cat; } >"$project/barometre.yml"; }
stream() { yml <<<"taps: [{name: t, streams: [{name: s, path: in, pattern: .*csv${1:+, $1}}]}]"; } # its other keys
# A process for all of them: there may be ten thousand.
each_file() { find "$w/in" -name '*.csv' -print0 | perl -0 -ne "chomp; $1"; } # PERL, with the path in \$_
rename_to() { each_file "my \$new = s/(\.new|\.two|\.other)?\.csv\$/.$1.csv/r; rename \$_, \$new"; } # what stands before .csv then
append() { each_file "open F, '>>', \$_; print F \"$1\\n\"; close F"; }
age() { find "$w/in" -type f -exec touch -d '1 hour ago' {} +; }

# timed DIMENSION SIZE SQL...: one session, whose error must be the expected one.
timed() {
    local name=$1 size=$2 began ended status=0
    shift 2
    began=$EPOCHREALTIME
    "$server_bin/psql" -X -q -At -v ON_ERROR_STOP=1 "${@/#/-c}" >"$folder/said" 2>&1 || status=$?
    ended=$EPOCHREALTIME
    if [ $status != 0 ] && ! grep -qE "${fails:-statement timeout|timeout of}" "$folder/said"; then echo "$name, $size: $(head -c 1000 "$folder/said")" >&2; fi
    [ $status != 0 ] || [ -z "${fails:-}" ] || echo "$name, $size: no error" >&2
    echo "$name|$size|$(((${ended/./} - ${began/./}) / 1000))" >>"$said"
}
load="SELECT rejected FROM baro_run()"

# A dimension is a function that is called with each of its sizes, and times one call or several.
declare -A sizes=()
of() { sizes[$1]=${*:2}; order+=("$1"); }
order=()

of header 1000 10000 100000
header() { # of more columns than a table may have, however they are given
    local names fails=
    names=$(seq -s, -f 'c%.0f' "$1")
    wide() { world; { echo "$names"; seq -s, "$1"; } >"$w/in/a.csv"; age; } # COLUMNS
    refused() { if [ "$1" -gt 1597 ]; then fails=columns; else fails=; fi; } # COLUMNS: expects so
    wide "$1"; stream; refused "$1"; timed "columns of a header" "$1" "$load"
    wide "$1"; stream "map: {a: c1, b: c$1, __else__: null}"; refused 0; timed "columns of a header, two are kept" "$1" "$load"
    world; printf 'c1,c2\n1,2\n' >"$w/in/0.csv"; touch -d '2 hours ago' "$w/in/0.csv"
    stream "contract: {columns: discard}"; sql -c "$load" >/dev/null
    { echo "$names"; seq -s, "$1"; } >"$w/in/a.csv"; timed "columns of a header, others are discarded" "$1" "$load"
    world; seq -s, "$1" >"$w/in/a.csv"; age; stream "field_names: [$names]"; refused "$1"; timed "field_names" "$1" "$load"
    if [ "$1" -le 10000 ]; then # a larger barometre.yml is refused
        wide "$1"; stream "columns: [$(seq -s, -f '{name: c%.0f, type: text}' "$1")]"; timed "declared columns" "$1" "$load"
        wide "$1"; stream "map: {$(seq -s, -f 'd%.0f: c1' "$1"), __else__: null}"; timed "mapped columns" "$1" "$load"
    fi
    world; yml </dev/null; { echo "$names"; seq -s, "$1"; } >"$project/seeds/s.csv"
    timed "columns of a seed" "$1" "SELECT baro_seed()"
}

of columns 15 150 1500
columns() {
    world; local names i; names=$(seq -s, -f 'c%.0f' "$1")
    records() { seq "$1" "$2" | awk -v n="$names" 'BEGIN { gsub(/c[0-9]+/, "x", n); sub(/^x/, "", n) } { print $1 n }'; } # few bytes: a row must fit a page
    { echo "$names"; records 1 100; } >"$w/in/a.csv"; age
    stream; timed "columns of a table" "$1" "$load"
    for i in $(seq 9); do { echo "$names"; records 1 1; } >"$w/in/$i.csv"; done; age
    timed "columns of a table, 9 files more" "$1" "$load"
    world; { echo "$names"; records 1 100; } >"$w/in/a.csv"; age
    stream "key_properties: [c1]"; sql -c "$load" >/dev/null
    sed -i '2,50s/$/1/' "$w/in/a.csv"; timed "columns of a table, rows changed" "$1" "$load"
    echo "select $(sed 's/c\([0-9]*\)/true as c\1/g' <<<"$names")" >"$project/models/m.sql"
    timed "columns of a model" "$1" "CALL baro_transform()"
}

of files 100 1000 10000
files() {
    world; stream; for i in $(seq "$1"); do printf 'id,v\n%s,x%s\n' "$i" "$i" >"$w/in/$i.csv"; done; age
    timed "files, first load" "$1" "$load"
    timed "files, unchanged" "$1" "$load"
    find "$w/in" -type f -exec touch -d '30 minutes ago' {} +; timed "files, touched" "$1" "$load"
    append '0,y$.'; age; timed "files, grown" "$1" "$load"
    rename_to new; timed "files, renamed" "$1" "$load"
    find "$w/in" -name '*.csv' -exec sed -i 's/x/z/' {} +; age; timed "files, written anew" "$1" "$load"
    append '7,o$.'; rename_to other; age; timed "files, grown and renamed" "$1" "$load"
    timed "files, full refresh" "$1" "SELECT rejected FROM baro_run(full_refresh => true)"
    rm "$w"/in/[2-9]*; timed "files, most of them gone" "$1" "$load"
    stream "max_deletes: 100%"; timed "files, most of them gone, full refresh" "$1" "SELECT rejected FROM baro_run(full_refresh => true)"
    timed "files, lineage" "$1" "SELECT count(*) FROM barometre.lineage" "SELECT count(*) FROM barometre.freshness"
}

of same_files 100 1000 10000
same_files() { # of one content: each may be the other one renamed
    world; stream; for i in $(seq "$1"); do printf 'id,v\n1,x\n' >"$w/in/$i.csv"; done; age
    timed "files of one content, first load" "$1" "$load"
    rename_to new; timed "files of one content, renamed" "$1" "$load"
    rename_to two; find "$w/in" -name '*.csv' -exec sed -i 's/x/y/' {} +; age; timed "files of one size, written anew under new names" "$1" "$load"
}

of bad_files 100 1000 10000
bad_files() {
    world; stream; for i in $(seq "$1"); do printf 'id,v,v%s,v%s\n1,x\n' "$i" "$i" >"$w/in/$i.csv"; done; age
    fails="can't be read" timed "files that can't be read" "$1" "$load"
}

of rejects 100 1000 10000
rejects() { # of each kind: half of the records
    rejected() { # NAME KEYS FILE PREPARE
        world; stream "max_rejects: 100%, $2"
        printf 'id,v\n0,7\n' >"$w/in/0.csv"; touch -d '2 hours ago' "$w/in/0.csv"
        sql -c "$load" >/dev/null; [ -z "${4:-}" ] || sql -c "$4"
        { echo 'id,v'; seq "$size" | awk "$3"; } >"$w/in/a.csv"
        timed "rejects: $1" "$size" "$load"
    }
    local size=$1 key="key_properties: [id]" types="columns: [{name: v, type: bigint}]"
    rejected "unreadable values" "$key, $types" '{ print $1 * 2 ",x"; print $1 * 2 + 1 ",2" }'
    rejected "number of fields" "$key" '{ print $1 * 2 ",1,2"; print $1 * 2 + 1 ",2" }'
    timed "rejects: loaded again" "$size" "SELECT rejected FROM baro_run(full_refresh => true)"
    rejected "a constraint" "$key, $types" '{ print $1 * 2 ",1"; print $1 * 2 + 1 ",2" }' "ALTER TABLE t.s ADD CHECK (v <> 1)"
    mv "$w/in/a.csv" "$w/in/b.csv"; timed "rejects: of a file with a new name" "$size" "$load"
    timed "rejects: failures" "$size" "SELECT count(*) FROM barometre.failures"
    rejected "a constraint, no key" "$types" '{ print $1 * 2 ",1"; print $1 * 2 + 1 ",2" }' "ALTER TABLE t.s ADD CHECK (v <> 1)"
    rejected "a unique index" "$key, $types" '{ print $1 * 2 ",7"; print $1 * 2 + 1 "," $1 + 10 }' "CREATE UNIQUE INDEX ON t.s (v)"
    rejected "a trigger" "$key, $types" '{ print $1 * 2 ",1"; print $1 * 2 + 1 ",2" }' \
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.v = 1 THEN RAISE check_violation; END IF; RETURN NEW; END'; CREATE TRIGGER f BEFORE INSERT ON t.s FOR EACH ROW EXECUTE FUNCTION f()"
    rejected "keys more than once" "$key" '{ print $1 ",1"; print $1 ",2" }'
    rejected "keys without a value" "$key" '{ print ",1"; print $1 ",2" }'
    rm "$w/in/a.csv"; world; stream "max_rejects: 100%, $key"
    { echo 'id,v'; seq "$size" | awk '{ s = ""; for (i = 0; i < 100; i++) s = s sprintf("%x", 1e9 * rand()); print s s s s s s $1 ",1"; print $1 ",2" }'; } >"$w/in/a.csv"
    timed "rejects: keys too long" "$size" "$load"
}

of reject_files 100 1000 10000
reject_files() { # one record of each of so many files
    world; stream "max_rejects: 100%, columns: [{name: v, type: bigint}]"
    for i in $(seq "$1"); do printf 'id,v\n%s,x\n0,1\n' "$i" >"$w/in/$i.csv"; done; age
    timed "files with a reject each" "$1" "$load"
    timed "files with a reject each, failures" "$1" "SELECT count(*) FROM barometre.failures"
    rename_to new; timed "files with a reject each, renamed" "$1" "$load"
    append 1,2; age; timed "files with a reject each, grown" "$1" "$load"
}

of streams 10 100 1000
streams() {
    world; local i; for i in $(seq "$1"); do echo "      - {name: s$i, path: in, pattern: $i.csv, columns: [{name: id, tests: [not_null]}]}"; printf 'id,v\n1,x\n' >"$w/in/$i.csv"; done >"$folder/list"; age
    { printf 'roles: {loader: postgres}\ntaps:\n  - name: t\n    streams:\n'; cat "$folder/list"; } | yml
    timed "streams, baro_load_project" "$1" "SELECT count(*) FROM baro_load_project()"
    timed "streams, first load" "$1" "$load"
    timed "streams, unchanged" "$1" "$load"
    timed "streams, baro_ls, freshness, failures" "$1" "SELECT count(*) FROM baro_ls()" "SELECT count(*) FROM barometre.freshness" "SELECT count(*) FROM barometre.failures"
    timed "streams, baro_grant" "$1" "SELECT count(*) FROM baro_grant()"
    timed "streams, baro_check" "$1" "SELECT count(*) FROM baro_check()"
}

of models 10 100 1000
models() {
    world; yml </dev/null
    echo "select g as id from generate_series(1, 3) g" >"$project/models/m0.sql"
    for i in $(seq "$1"); do echo "select id + 1 as id from {{ ref('m$((i / 10))') }}" >"$project/models/m$i.sql"; done
    echo "models: [$(seq -s, -f '{name: m%.0f, description: one, columns: [{name: id, tests: [unique, not_null]}]}' "$1")]" >"$project/models/p.yml"
    model_calls models "$1"
    timed "models, one selected" "$1" "CALL baro_transform('m1')"
    timed "models, compiled" "$1" "SELECT baro_compile('m1')"
    timed "tests (two a model)" "$1" "SELECT count(*) FROM baro_test()"
}
model_calls() {
    timed "$1, baro_load_project" "$2" "SELECT count(*) FROM baro_load_project()"
    timed "$1, baro_plan" "$2" "SELECT count(*) FROM baro_plan()"
    timed "$1, built" "$2" "CALL baro_transform()"
    timed "$1, nothing stale" "$2" "CALL baro_transform()"
    timed "$1, baro_ls of a selection" "$2" "SELECT count(*) FROM baro_ls('+m1+ m2+ +m3')"
}

of chain 10 100 1000
chain() {
    world; yml </dev/null
    echo "select 1 as id" >"$project/models/m0.sql"
    for i in $(seq "$1"); do echo "select id + 1 as id from {{ ref('m$((i - 1))') }}" >"$project/models/m$i.sql"; done
    model_calls "models in a chain" "$1"
}

of views 5 50 500
views() {
    world; yml </dev/null
    echo "select 1 as id" >"$project/models/m0.sql"
    for i in $(seq "$1"); do echo "{{ config(materialized='view') }} select id + 1 as id from {{ ref('m$((i / 10))') }}" >"$project/models/m$i.sql"; done
    model_calls "views" "$1"
}

of edges 100 1000 10000
edges() { # 200 models, each of which reads some before it
    world; yml </dev/null; local i k n=$(($1 / 100))
    for i in $(seq 0 199); do
        { echo "select 1 as id"; for k in $(seq 1 $n); do [ $((i - k)) -lt 0 ] || echo "where exists (select from {{ ref('m$((i - k))') }})" | sed "$([ "$k" = 1 ] || echo 's/where/and/')"; done; } >"$project/models/m$i.sql"
    done
    model_calls edges "$1"
}

of tests 100 1000 10000
tests() {
    world; yml </dev/null; mkdir -p "$project/tests"
    echo "select $(seq -s, -f '1 as c%.0f' 100)" >"$project/models/m.sql"
    { echo "models:"; echo "  - name: m"; echo "    columns:"
      for i in $(seq 100); do echo "      - {name: c$i, tests: [$(for k in $(seq $(($1 / 100))); do printf "{expression_is_true: {expression: '>= -%s', name: x_${i}_$k}}, " "$k"; done)]}"; done; } >"$project/models/p.yml"
    timed "tests of one model, baro_load_project" "$1" "SELECT count(*) FROM baro_load_project()"
    timed "tests of one model, built" "$1" "CALL baro_transform()"
    timed "tests of one model, baro_test" "$1" "SELECT count(*) FROM baro_test()"
    timed "tests of one model, views" "$1" "SELECT count(*) FROM barometre.report" "SELECT count(*) FROM barometre.failures"
}

of singular 10 100 1000
singular() {
    world; yml </dev/null; mkdir -p "$project/tests"
    echo "select 1 as id" >"$project/models/m.sql"; sql -c "CALL baro_transform()"
    for i in $(seq "$1"); do echo "select * from {{ ref('m') }} where id = -$i" >"$project/tests/t$i.sql"; done
    timed "singular tests" "$1" "SELECT count(*) FROM baro_test()"
}

of runs 1000 10000 100000
runs() {
    world; { echo "jobs:"; for i in $(seq 10); do echo "  - {name: j$i, interval: '@daily', steps: [{transform: m}]}"; done; } | yml
    echo "select 1 as id" >"$project/models/m.sql"; echo "models: [{name: m, columns: [{name: id, tests: [not_null]}]}]" >"$project/models/p.yml"
    sql -c "CALL baro_transform()"
    # Of a year; one of ten failed, and the last one of each name.
    sql -c "INSERT INTO barometre.run (kind, name, role, started_at, finished_at, status, message, sqlstate)
              SELECT CASE WHEN i % 2 = 0 THEN 'job' ELSE 'transform' END, 'j' || 1 + i % 10, 'postgres', now() - (($1 - i) || ' minutes')::interval,
                     now() - (($1 - i) || ' minutes')::interval + interval '10 s', CASE WHEN i % 10 = 3 OR i > $1 - 20 THEN 'failed' ELSE 'succeeded' END,
                     CASE WHEN i % 10 = 3 OR i > $1 - 20 THEN 'it broke' END, CASE WHEN i % 10 = 3 OR i > $1 - 20 THEN '22012' END FROM generate_series(1, $1) i;
            INSERT INTO barometre.step (run, number, kind, name, status, message)
              SELECT r.id, 1, CASE r.kind WHEN 'job' THEN 'transform' ELSE 'model' END, 'm', r.status, r.message FROM barometre.run r WHERE r.id > 1;
            INSERT INTO barometre.test_result (run, tested_at, target, test, severity, status, failures)
              SELECT r.id, r.finished_at, 'm.id', 'not_null', 'error', CASE r.status WHEN 'failed' THEN 'fail' ELSE 'pass' END, 1 FROM barometre.run r WHERE r.kind = 'transform' AND r.id > 1;
            ANALYZE"
    for view in status report history failures usual_duration missed; do timed "kept runs, barometre.$view" "$1" "SELECT count(*) FROM barometre.$view"; done
    timed "kept runs, a look at the last of barometre.history" "$1" "SELECT * FROM barometre.history LIMIT 20"
    timed "kept runs, a call" "$1" "CALL baro_transform()"
    sql -c "UPDATE barometre.run SET started_at = started_at - interval '1 year', finished_at = finished_at - interval '1 year'; UPDATE barometre_internal.pruning SET at = '-infinity'; ANALYZE"
    timed "kept runs, 30 calls that prune" "$1" "$(for i in $(seq 30); do echo "CALL baro_transform();"; done)"
}

of registered 10 100 1000
registered() {
    world; yml </dev/null
    timed "registered models" "$1" "BEGIN; $(for i in $(seq "$1"); do echo "SELECT baro_register_model('m$i', 'select 1 as id');"; done) COMMIT"
    timed "registered models, one more" "$1" "SELECT baro_register_model('another', 'select 1 as id')"
    timed "registered models, unregistered" "$1" "SELECT baro_unregister('model', 'another')"
    timed "registered models, baro_export" "$1" "SELECT count(*) FROM baro_export()"
}

of seeds 10 100 1000
seeds() {
    world; yml </dev/null; for i in $(seq "$1"); do printf 'id,v\n1,x\n' >"$project/seeds/s$i.csv"; done
    timed "seeds" "$1" "SELECT count(*) FROM baro_seed()"
    timed "seeds, unchanged" "$1" "SELECT count(*) FROM baro_seed()"
}

of cron_jobs 10 100 1000
cron_jobs() {
    world; { echo "jobs:"; for i in $(seq "$1"); do echo "  - {name: j$i, interval: '@daily', steps: [{sql: 'select 1'}]}"; done; } | yml
    timed "jobs, baro_load_project" "$1" "SELECT count(*) FROM baro_load_project()"
    timed "jobs, one called" "$1" "CALL baro_job('j1')"
    timed "jobs, status" "$1" "SELECT count(*) FROM barometre.status" "SELECT count(*) FROM barometre.failures"
    world; { echo "jobs:"; echo "  - name: j"; echo "    steps:"; for i in $(seq "$1"); do echo "      - {sql: 'select $i'}"; done; } | yml
    timed "steps of a job" "$1" "CALL baro_job('j')"
}

report() {
    awk -F'|' '
        !($1 in n) { names[++count] = $1 }
        { k = ++n[$1]; size[$1, k] = $2; ms[$1, k] = $3 }
        END {
            printf "| %-50s | %24s | %9s %9s %9s | %6s |\n", "dimension", "sizes", "1x s", "10x s", "100x s", "growth"
            for (i = 1; i <= count; i++) {
                d = names[i]; last = n[d]
                printf "| %-50s | %6d %7d %9d | %9.3f %9.3f %9.3f | %6.2f |\n", d, size[d, 1], size[d, 2], size[d, 3], ms[d, 1] / 1000, ms[d, 2] / 1000,
                    ms[d, 3] / 1000, last < 2 ? 0 : log((ms[d, last] + 1) / (ms[d, last - 1] + 1)) / log(size[d, last] / size[d, last - 1])
            }
        }' "$said"
}
: >"$said"
for dimension in "${order[@]}"; do
    [[ $dimension =~ ${SCALE:-} ]] || continue
    for size in ${sizes[$dimension]}; do "$dimension" "$size"; done
done
