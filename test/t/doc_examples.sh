#!/usr/bin/env bash
# The examples of README.md and doc/ are run (test/examples/run.pl says how), pages that are there in French have the same ones and all else that the
# English ones have, and what is linked is there. EXAMPLES='README.md doc/jobs.md' are these pages alone.
. "$(dirname "$0")/../lib.sh"
own_server "cron.database_name = 'mydb'" "cron.use_background_workers = on"
cd "$BARO_REPO" || exit 1
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
for page in ${EXAMPLES:-README.md doc/*.md}; do
    if grep -qE 'test: .*needs pg_cron|`SELECT \* FROM baro_(un)?schedule\(\);`' "$page"; then scheduled+=("$page"); else others+=("$page"); fi
done
for page in "${others[@]}"; do run_page 0 "$page"; done
has_cron=0
if has_extension pg_cron; then
    has_cron=1
    psql -X -q -d postgres -c "ALTER SYSTEM SET shared_preload_libraries = 'pg_cron'"
    cluster_stop && cluster_start || exit 1
fi
for page in "${scheduled[@]}"; do run_page $has_cron "$page"; done

for page in README.fr.md doc/fr/*.md; do
    english=${page/.fr.md/.md}
    english=${english/fr\//}
    is "$page has what $english has" "$(perl test/examples/same.pl "$english" "$page" 2>&1)" ""
done
is "what is linked is there" "$(perl test/examples/links.pl ./*.md src/README.md doc/*.md doc/*/*.md 2>&1)" ""
finish
