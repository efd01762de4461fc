#!/usr/bin/env bash
# make check: every test, on a machine where nothing was installed by hand. What
# it starts it stops, also when it is interrupted.
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/.check
passed=0 failed=0

report() { # NAME STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $1"; fi
}
section() { printf '\n== %s ==\n' "$1"; }

test/packages.sh || exit 1
. test/cluster.sh
clean_up() {
    trap - EXIT INT TERM
    [ ! -f "$folder/location" ] || { cluster_init "$folder"; cluster_remove; }
}
trap clean_up EXIT
trap 'exit 130' INT TERM
clean_up # takes the traps away
trap clean_up EXIT
trap 'exit 130' INT TERM
mkdir -p "$folder"

section "Build"
if ! { make -j"$(nproc)" && make install; } >"$folder/build.log" 2>&1; then
    tail -n 40 "$folder/build.log"
    echo "The build failed."
    exit 1
fi
echo "built and installed"

section "Unit tests (AddressSanitizer, UBSan)"
make -j"$(nproc)" unit >"$folder/unit.log" 2>&1
status=$?
tail -n 25 "$folder/unit.log" | grep -v '^g++' || true
report "unit tests" $status

section "Server tests"
export MALLOC_PERTURB_=165 # what is read without having been written, or after it was freed, is no zero by chance
cluster_init "$folder"
cluster_create "fsync = off" "log_statement = all" "log_min_messages = notice" && cluster_start || exit 1
export BARO_REPO=$PWD BARO_DATA=$cluster_home/data BARO_LOG=$cluster_home/server.log
export PGOPTIONS="-c client_min_messages=warning" PGDATABASE=postgres
for script in test/sql/*.sql; do
    test/fresh_database.sh baro_test && PGDATABASE=baro_test pg_prove -v --pset tuples_only=1 "$script" >"$folder/out.log" 2>&1
    status=$?
    if [ $status = 0 ]; then echo "$script: ok, $(grep -c '^ok' "$folder/out.log") tests"; else cat "$folder/out.log"; fi
    report "$script" $status
done
for script in test/t/*.sh; do
    bash "$script" >"$folder/out.log" 2>&1
    status=$?
    if [ $status = 0 ]; then echo "$script: ok, $(grep -c '^ok' "$folder/out.log") tests"; else cat "$folder/out.log"; fi
    report "$script" $status
done

section "Lint"
test/lint.sh
report "lint" $?

printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
