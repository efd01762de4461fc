#!/usr/bin/env bash
# make fuzz: feeds each target of this folder with what libFuzzer makes up from corpus/, under AddressSanitizer and UBSan, and
# gives PostgreSQL's own input functions the values that were decided without it. One process at a time, of the lowest priority.
#   FUZZ_SECONDS=60    for each target
#   FUZZ_TARGETS='..'  some of them
#   FUZZ_SEED=0        0: another one each time
# What is found is added to corpus/TARGET, which the unit tests read, and says how to see it again. What libFuzzer learned is kept in
# build/fuzz/corpus for the next time. A whole round takes about 14 * FUZZ_SECONDS.
set -uo pipefail
cd "$(dirname "$0")/../.."
for number in "${FUZZ_SECONDS:=60}" "${FUZZ_SEED:=0}"; do
    [[ $number =~ ^[0-9]+$ ]] || { echo "FUZZ_SECONDS and FUZZ_SEED are whole numbers, not \"$number\"" >&2; exit 2; }
done
if [ -z "$(type -P clang++)" ]; then test/packages.sh clang; else test/packages.sh; fi || exit 1
mkdir -p build/fuzz
echo "Building (build/fuzz/build.log) ..."
nice -n 19 make -s -j"$(nproc)" build/fuzz/fuzz >build/fuzz/build.log 2>&1 || { tail -n 30 build/fuzz/build.log; exit 1; }

known=$(FUZZ_TARGET=list build/fuzz/fuzz)
targets=${FUZZ_TARGETS:-$known}
for target in $targets; do
    grep -qx "$target" <<<"$known" || { echo "There is no target \"$target\"; there are:" $known >&2; exit 2; }
done

[ -n "${TMPDIR:-}" ] || { [ -w /dev/shm ] && TMPDIR=/dev/shm; }
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/barometre-fuzz.XXXXXX") && export TMPDIR
running=
clean_up() {
    trap - EXIT INT TERM
    [ -z "$running" ] || { kill "$running" 2>/dev/null; wait "$running" 2>/dev/null; }
    rm -rf "$TMPDIR"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# keep INPUT: adds it to the corpus. One that took long once, on a busy machine, is none.
keep() {
    local kept
    case ${1##*/} in
    slow-unit-*) return 1 ;;
    timeout-*) ! FUZZ_TARGET=$target build/fuzz/fuzz -timeout=10 "$1" >/dev/null 2>&1 || return 1 ;;
    esac
    kept=test/fuzz/corpus/$target/found-$(basename "$1" | sed 's/^\([a-z-]*\)-\(.\{8\}\).*/\1-\2/')
    cp "$1" "$kept"
    echo "    kept as $kept; to see it again: FUZZ_TARGET=$target build/fuzz/fuzz $kept"
}

# Ten seconds for an input, so that what hangs is found, and a bound on memory. Leaks are looked for once, at the end: at each input it
# would take longer than that.
found=0
for target in $targets; do
    learned=build/fuzz/corpus/$target artifacts=$TMPDIR/$target/ log=build/fuzz/$target.log
    mkdir -p "$learned" "$artifacts" "test/fuzz/corpus/$target"
    words=()
    [ ! -f "test/fuzz/$target.dict" ] || words=(-dict="test/fuzz/$target.dict")
    judged=
    case $target in value) judged=$TMPDIR/judged ;; esac
    FUZZ_TARGET=$target ${judged:+env FUZZ_JUDGED=$judged} nice -n 19 build/fuzz/fuzz -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" \
        -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 -max_len=4096 -detect_leaks=0 -artifact_prefix="$artifacts" "${words[@]}" \
        "$learned" "test/fuzz/corpus/$target" >"$log" 2>&1 </dev/null &
    running=$!
    wait $running
    status=$?
    running=
    printf '%-12s %8s executions, %5s inputs that differ' "$target" "$(awk '/^#[0-9]/ { n = substr($1, 2) } END { print n + 0 }' "$log")" \
        "$(find "$learned" -type f | wc -l)"
    kept=$(for input in "$artifacts"*; do [ ! -f "$input" ] || keep "$input"; done)
    if [ $status = 0 ] || { [ -z "$kept" ] && [ -f "$(echo "$artifacts"timeout-*)" ]; }; then
        echo
        continue
    fi
    found=$((found + 1))
    echo ": FOUND"
    grep -aE '^(==[0-9]+==ERROR|SUMMARY|.*runtime error|  what\(\)|ALARM|==[0-9]+== ERROR)' "$log" | cut -c1-400 | sed 's/^/    /'
    [ -z "$kept" ] || echo "$kept"
    echo "    all that was said: $log"
done

# All values that libFuzzer learned from, and a part of the others.
if [ -s "$TMPDIR/judged" ]; then
    FUZZ_TARGET=value FUZZ_JUDGED=$TMPDIR/learned build/fuzz/fuzz -runs=0 build/fuzz/corpus/value test/fuzz/corpus/value >/dev/null 2>&1
    shuf -n $((FUZZ_SECONDS * 1000)) "$TMPDIR/judged" >>"$TMPDIR/learned"
    chmod 755 "$TMPDIR"
    test/fuzz/values.sh "$TMPDIR/learned" || found=$((found + 1))
fi
[ $found = 0 ]
