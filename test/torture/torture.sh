#!/usr/bin/env bash
# make torture: calls that are hit in their midst, at a random time, again and again, on servers of their own. After each blow:
#   what others see is the old or the new state, whole, and nothing of it twice or lost;
#   one more call brings the new state;
#   nothing is left: no private table, no lock, no run that goes on, no failure.
# A class a line: how many calls were hit, and how many of them ended in an error.
#   CLASSES='kill cancel'   some of the classes (below); all of them otherwise
#   ROUNDS=10 SECONDS_EACH=0   how often each, and for how many seconds at most (0: as long as that takes)
#   SEED=...   of the first round, that of the next is one more: SEED=8 ROUNDS=1 repeats round 3 of SEED=6, as far as a clock can
#   ROWS=5000  in the table that is loaded
# With BARO_TEST it tests what is installed, on a copy of that server, and says TAP (test/t/torture.sh).
set -uo pipefail
cd "$(dirname "$0")/../.."
all_classes="kill terminate cancel immediate memory files no_worker full_disk standby"
: "${CLASSES:=$all_classes}" "${SECONDS_EACH:=0}" "${SEED:=$((RANDOM % 10000))}" "${ROWS:=5000}"
[ "$SECONDS_EACH" = 0 ] && : "${ROUNDS:=10}" || : "${ROUNDS:=1000000}"
for number in "$SECONDS_EACH" "$ROUNDS" "$SEED" "$ROWS"; do
    [[ $number =~ ^[0-9]+$ ]] || { echo "ROUNDS, SECONDS_EACH, SEED and ROWS are whole numbers, not \"$number\"" >&2; exit 2; }
done
for class in $CLASSES; do
    [[ " $all_classes " = *" $class "* ]] || { echo "There is no class \"$class\"; there are: $all_classes" >&2; exit 2; }
done

if [ -z "${BARO_TEST:-}" ]; then
    test/packages.sh || exit 1
    folder=$PWD/.torture
    mkdir -p "$folder"
    if [ -f "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; then
        echo "Process $(cat "$folder/pid") tortures here already." >&2
        exit 1
    fi
    { make -j"$(nproc)" all && make install; } >"$folder/build.log" 2>&1 || { tail -n 30 "$folder/build.log"; echo "The build failed."; exit 1; }
else
    folder=$PWD/.check/$BARO_TEST
    mkdir -p "$folder"
fi
echo $$ >"$folder/pid"
. test/cluster.sh
. test/torture/oracle.sh
. test/torture/classes.sh

# ---- Servers: main, and those of classes that need one of their own ----
declare -A helpers=() # processes of ours, by id
mounted=()
clean_up() {
    trap - EXIT INT TERM
    local one crashed=0
    for one in "${!helpers[@]}"; do kill "$one" 2>/dev/null; done
    if [ -n "${BARO_TEST:-}" ]; then
        cp "$cluster_home/server.log" ".check/log/$BARO_TEST.server.log" 2>/dev/null
        cluster_crashes 9 || crashed=1
    fi
    for one in "$folder"/*/location; do
        [ -f "$one" ] || continue
        cluster_init "${one%/*}"
        cluster_stop immediate
        [ -z "${mounted[*]}" ] || umount "$cluster_home" 2>/dev/null
        cluster_remove
    done
    rm -f "$folder/pid"
    [ $crashed = 0 ] || exit 1
}
trap clean_up EXIT
trap 'exit 130' INT TERM
for location in "$folder"/*/location; do # what a killed one left
    [ ! -f "$location" ] || { cluster_init "${location%/*}"; umount "$cluster_home" 2>/dev/null; cluster_remove; }
done

settings=("fsync = off" "shared_buffers = 16MB" "min_wal_size = 32MB" "max_wal_size = 64MB" "autovacuum = off" "log_min_messages = notice"
    "max_worker_processes = 8" "deadlock_timeout = 100ms" "log_line_prefix = '%m [%p] '")
export PGDATABASE=torture PGOPTIONS="-c client_min_messages=warning" PGCONNECT_TIMEOUT=10
cluster_init "$folder/main"
if [ -n "${BARO_TEST:-}" ]; then
    cluster_copy "$PWD/.check/template" "${settings[@]}"
else
    cluster_create "${settings[@]}"
fi && cluster_start || exit 1
files=$cluster_home/data class=plain
. test/torture/load.sh
PGDATABASE=postgres test/fresh_database.sh torture >/dev/null && make_project || { echo "The project could not be made." >&2; exit 1; }
baseline

# ---- Rounds ----
number=0 bad=0
for class in $CLASSES; do
    number=$((number + 1)) rounds=0 hit=0 errors=0 failures=0 why='' begun=$SECONDS
    "${class}_begin" || why=${why:-"it could not begin"}
    while [ -z "$why" ] && [ $rounds -lt "$ROUNDS" ] && { [ "$SECONDS_EACH" = 0 ] || [ $((SECONDS - begun)) -lt "$SECONDS_EACH" ]; }; do
        seed=$((SEED + rounds)) rounds=$((rounds + 1)) found=()
        before_it=${all_classes%%"$class"*} RANDOM=$((seed * 100 + ${#before_it}))
        one_round
        if [ ${#found[@]} -gt 0 ]; then
            failures=$((failures + 1))
            {
                printf '%s, round %s: baro_%s was hit after %s ms, and said: %s\n' "$class" "$rounds" "$operation" "$delay" "$(tail -n 3 "$said" | tr '\n' ' ' | cut -c1-300)"
                printf '    %s\n' "${found[@]}"
                printf '    to repeat it: make torture CLASSES=%s SEED=%s ROUNDS=1 ROWS=%s\n' "$class" "$seed" "$ROWS"
            } | sed 's/^/# /'
            [ $failures -lt 5 ] || why="it was given up after five failures"
            settle
        fi
    done
    "${class}_end"
    ok=ok
    [ $failures = 0 ] || { ok="not ok" bad=$((bad + 1)); }
    line=$(printf '%-10s %4s calls, %4s were hit, %4s of them ended in an error' "$class" "$rounds" "$hit" "$errors")
    [ $failures = 0 ] || line+=", $failures FAILED"
    if [ $rounds = 0 ]; then line="$class # skip $why"; elif [ -n "$why" ]; then line+=" ($why)"; fi
    if [ -n "${BARO_TEST:-}" ]; then echo "$ok $number - $line"; else echo "$line"; fi
done
[ -z "${BARO_TEST:-}" ] || echo "1..$number"
[ $bad = 0 ] || exit 1
[ -n "${BARO_TEST:-}" ] || echo "SEED=$SEED: all is well"
