#!/usr/bin/env bash
# The examples of README.md and doc/ are run, and pages that are there in French have the same ones (test/examples/ says how).
. "$(dirname "$0")/../lib.sh"
own_server "cron.database_name = 'mydb'" "cron.use_background_workers = on"
cd "$BARO_REPO" || exit 1
has_cron=0
run_page() { # CRON PAGE
    local folder=$BARO_DATA/${2//\//_} word rest
    mkdir -p "$folder" && chmod 777 "$folder"
    while read -r word rest; do
        case $word in
        ok) ok "$rest" 0 ;;
        skip) skip "${rest#* }" "${rest%% *}" ;;
        *) ok "${rest#ok }" 1 ;;
        esac
    done < <(perl test/examples/run.pl "$folder" "$1" "$2" 2>&1)
}
scheduled=() others=()
for page in ${EXAMPLES:-README.md README.fr.md doc/*.md $(find doc/fr -name "*.md" 2>/dev/null)}; do
    if grep -qE 'test: .*needs pg_cron|`SELECT \* FROM baro_(un)?schedule\(\);`' "$page"; then scheduled+=("$page"); else others+=("$page"); fi
done
for page in "${others[@]}"; do run_page 0 "$page"; done
if has_extension pg_cron; then
    has_cron=1
    psql -X -q -d postgres -c "ALTER SYSTEM SET shared_preload_libraries = 'pg_cron'"
    cluster_stop && cluster_start || exit 1
fi
for page in "${scheduled[@]}"; do run_page $has_cron "$page"; done
finish
