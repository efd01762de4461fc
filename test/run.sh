#!/usr/bin/env bash
# test/run.sh [-j N] [TEST ...]: tests what is installed, N tests side by side, the longest first; without names, all of
# them. A test is test/t/NAME.sh, test/sql/NAME.sql, test/isolation/NAME.spec, unit or lint; all that a test said is in
# .check/log. What is started here is stopped here, also when it is interrupted.
set -uo pipefail
slots=$(($(nproc) + 1))
case ${1:-} in -j) slots=$2; shift 2 ;; -j*) slots=${1#-j}; shift ;; esac
tests=()
for test in "$@"; do
    case $test in unit | lint) tests+=("$test") ;; *) tests+=("$(realpath --relative-to="$(dirname "$0")/.." "$test")") ;; esac
done
cd "$(dirname "$0")/.."

# These two wait for the clock, and take no place of others.
waiting=(test/t/cron.sh test/t/schedule.sh)
longest=(unit test/t/{runs,folders,awkward,job_trouble,stale,borrowed_roles,doc_examples,own_pages,width,publish,demo,upgrade,refused,difference,torture,operators,fields,races,values,load,memory,guard}.sh)
[ ${#tests[@]} -gt 0 ] || tests=("${waiting[@]}" "${longest[@]}" test/t/*.sh test/sql/*.sql test/isolation/*.spec lint)

folder=$PWD/.check logs=$PWD/.check/log
if [ -f "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; then
    echo "Process $(cat "$folder/pid") tests here already."
    exit 1
fi
mkdir -p "$logs"
. test/cluster.sh
export cluster_cores=-c
declare -A running=() began=() asked=()
failed=0 passed=0 skipped=0
clean_up() {
    trap - EXIT INT TERM
    for test in "${!running[@]}"; do kill -TERM -- "-${running[$test]}" 2>/dev/null; done
    wait
    [ $failed = 0 ] || [ ! -f "$folder/server/location" ] || cp "$(cat "$folder/server/location")/server.log" "$logs/" 2>/dev/null
    for location in "$folder"/*/location; do [ ! -f "$location" ] || { cluster_init "${location%/*}"; cluster_remove; }; done
    rm -f "$folder/pid" "$folder/ended"
}
clean_up # what a killed run left
trap clean_up EXIT
trap 'exit 130' INT TERM
rm -f "$logs"/*
echo $$ >"$folder/pid"

export BARO_REPO=$PWD PGOPTIONS="-c client_min_messages=warning" PGDATABASE=postgres

# A cluster with a database that others are made like, and a copy of it that runs.
start_server() {
    cluster_init "$folder/template"
    cluster_create "fsync = off" "log_min_messages = notice" "log_line_prefix = '[%d] %m [%p] '" && cluster_start || return 1
    test/fresh_database.sh baro_template && cluster_stop || return 1
    cluster_init "$folder/server"
    cluster_copy "$folder/template" "log_statement = all" "max_worker_processes = 40" "autovacuum_naptime = 10min" && cluster_start || return 1
    export BARO_LOG=$cluster_home/server.log
}

name_of() { case $1 in *.sql) basename "sql_${1##*/}" .sql ;; *.spec) basename "isolation_${1##*/}" .spec ;; *) basename "$1" .sh ;; esac; }

run_sql() {
    . test/lib.sh
    has_extension pgtap || skip_all "pgTAP is not installed"
    new_database
    psql -X -q -At -v ON_ERROR_STOP=1 -d "$db" -f "$1"
}

# What the sessions of test/isolation/NAME.spec saw, step by step, against NAME.out.
run_spec() {
    . test/lib.sh
    local tester
    tester=$(pg_config --pkglibdir)/pgxs/src/test/isolation/isolationtester
    [ -x "$tester" ] || skip_all "PostgreSQL's isolationtester is not installed"
    new_database
    mkdir -m 777 "$BARO_DATA/in"
    cp -r test/isolation/project "$project"
    use_project <test/isolation/project/barometre.yml
    psql -X -q -v ON_ERROR_STOP=1 -d "$db" -f test/isolation/setup.sql || exit 1
    PGISOLATIONTIMEOUT=60 "$tester" "dbname=$db user=meltano" <"$1" >"$logs/$BARO_TEST.out" 2>&1
    diff -u "${1%.spec}.out" "$logs/$BARO_TEST.out" >"$logs/$BARO_TEST.diff" 2>&1
    ok "all is as in ${1%.spec}.out" $?
    cat "$logs/$BARO_TEST.diff"
    finish
}

run_test() {
    BARO_TEST=$(name_of "$1") BARO_DATA=${cluster_home:-}/data/$BARO_TEST
    export BARO_TEST BARO_DATA
    case $1 in
    unit) make -s -j2 unit; return ;;
    lint) test/lint.sh; return ;;
    esac
    mkdir -p "$BARO_DATA" && chmod 777 "$BARO_DATA"
    case $1 in
    *.sql) run_sql "$1" ;;
    *.spec) run_spec "$1" ;;
    *) bash "$1" ;;
    esac
}

begin() { # TEST, in a process group of its own, so that all of it can be ended; it lets a script clean up
    began[$1]=${EPOCHREALTIME/./}
    set -m
    { trap : TERM; (trap : TERM; run_test "$1") </dev/null >"$logs/$(name_of "$1").log" 2>&1; echo "$1 $?" >&"$ended"; } &
    set +m
    running[$1]=$!
}

# end TEST STATUS: what became of it, in one line; of one that failed also what failed, its last lines, and how to see it again.
end() {
    local log number bad plan why tenths=$(((${EPOCHREALTIME/./} - ${began[$1]}) / 100000))
    log=$logs/$(name_of "$1").log
    unset "running[$1]"
    case " ${waiting[*]} " in *" $1 "*) slots=$((slots - 1)) ;; esac
    number=$(grep -c '^ok ' "$log") bad=$(grep -c '^not ok ' "$log")
    plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | tail -n 1)
    case $1 in
    unit) number=$(awk '/^\[  PASSED  \]/ { all += $4 } END { print all + 0 }' "$log") plan=$number ;;
    lint) number=1 plan=1 ;;
    esac
    printf '%-42s' "$1"
    if [ "$2" = 0 ] && [ "$plan" = 0 ]; then
        skipped=$((skipped + 1))
        echo "skipped: $(sed -n 's/^1\.\.0 # skip //p' "$log")"
    elif [ "$2" = 0 ] && [ "$plan" = "$number" ] && [ "$bad" = 0 ]; then
        passed=$((passed + 1))
        why=$(sed -n 's/^ok [0-9]* # skip /, skipped: /p' "$log" | tr -d '\n')
        printf '%5s tests %5s s%s\n' "$number" "$((tenths / 10)).$((tenths % 10))" "$why"
    else
        failed=$((failed + 1))
        echo "FAILED after $((tenths / 10)) s"
        {
            awk '/^not ok / { print_it = 1 } /^(ok |1\.\.)/ { print_it = 0 } print_it' "$log" | head -n 40
            if grep -q '^A signal ended a process' "$log"; then
                sed -n '/^A signal ended a process/,$p' "$log" | head -n 60
            elif [ "$bad" = 0 ] || [ "$plan" != $((number + bad)) ]; then
                echo "It ended with status $2 after $((number + bad)) tests; its last lines:"
                tail -n 10 "$log"
            fi
            echo "All that it said: ${log#"$PWD/"}. To run it alone: test/run.sh $1"
        } | sed 's/^/    /'
    fi
}

for test in "${tests[@]}"; do
    case $test in unit | lint) ;; *) start_server || exit 1; break ;; esac
done
mkfifo "$folder/ended"
exec {ended}<>"$folder/ended"
for test in "${tests[@]}"; do
    [ -z "${asked[$test]:-}" ] || continue
    asked[$test]=1
    while [ ${#running[@]} -ge "$slots" ] && read -r name status <&"$ended"; do end "$name" "$status"; done
    case " ${waiting[*]} " in *" $test "*) slots=$((slots + 1)) ;; esac
    begin "$test"
done
while [ ${#running[@]} -gt 0 ] && read -r name status <&"$ended"; do end "$name" "$status"; done

# Tests may pass although another's session, or one that they don't look at, took it down.
if [ -f "$folder/server/location" ] && ! crashes=$(cluster_crashes); then
    failed=$((failed + 1))
    printf '%-42sFAILED\n' "the server that they share"
    sed 's/^/    /' <<<"$crashes"$'\nAll that it logged: .check/log/server.log'
fi

printf '\n%s passed, %s failed' "$passed" "$failed"
[ $skipped = 0 ] || printf ', %s skipped' "$skipped"
echo
[ $failed = 0 ]
