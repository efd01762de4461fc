#!/usr/bin/env bash
# make demo, demo-stop, demo-clean: the main job on a server of its own.
# BARO_DEMO_DIR: where the demo lives (default: .demo in the repository).
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${BARO_DEMO_DIR:-$PWD/.demo}
database=cyberimpact_dwh
started=$SECONDS

title() { printf '\n== %s ==\n\n' "$1"; }
# A call waits when the hourly job is at work.
psql_as() { PGOPTIONS="-c client_min_messages=${level:-warning} -c barometre.on_overlap=wait" psql -X -q -v ON_ERROR_STOP=1 -U "$1" -d "$2" "${@:3}"; }
has_cron() { [ "$(psql -X -At -d postgres -c 'SHOW shared_preload_libraries')" = pg_cron ]; }

case ${1:-} in
stop | clean)
    [ -f "$folder/location" ] || { echo "There is no demo."; exit 0; }
    . test/cluster.sh
    cluster_init "$folder"
    if [ "$1" = stop ]; then cluster_stop; echo "The demo server is stopped; make demo starts it again."
    else cluster_remove; echo "The demo is removed."; fi
    exit 0
    ;;
esac

test/packages.sh
. test/cluster.sh
mkdir -p "$folder"
title "Build: make && make install, which takes a minute the first time"
[ -d build ] || export UNITY=whole # the first time, all at once is quickest
install_log=$folder/build.log
# BARO_INSTALLED: for the test, which must not install while others use what is installed.
# A line for each part that is compiled, so that nobody waits in front of a still screen.
if [ -z "${BARO_INSTALLED:-}" ] && ! { make -j"$(nproc)" && make install; } 2>&1 | tee "$install_log" |
    awk '/ -c -o build/ { print "compiles " $NF; fflush() }' | sed -u 's,build/\(.*\)\.\(unit\|whole\)\.cpp,\1,'; then
    tail -n 30 "$install_log" >&2
    echo "The build failed; all of its output is in $install_log." >&2
    exit 1
fi
echo "built and installed after $((SECONDS - started)) s"

cluster_init "$folder"
# What this run started ends with it if it is interrupted.
trap 'trap - INT TERM; echo; echo "Interrupted: stopping the demo server."; cluster_stop; exit 130' INT TERM
if ! cluster_exists; then
    title "A new server"
    # A PostgreSQL in a folder of its own may have no pg_cron: then nothing runs by itself.
    scheduler=()
    ! has_extension pg_cron ||
        scheduler=("shared_preload_libraries = 'pg_cron'" "cron.database_name = '$database'" "cron.use_background_workers = on")
    cluster_create "${scheduler[@]}"
    cluster_start
    echo "PostgreSQL $(psql -X -At -d postgres -c 'SHOW server_version') in $cluster_home, reached by a socket only."
elif ! cluster_runs; then
    cluster_start
fi

data=$cluster_home/data
if ! psql -X -At -d postgres -c "SELECT datname FROM pg_database" | grep -qx "$database"; then
    psql_as postgres postgres -c 'CREATE ROLE meltano LOGIN' -c 'CREATE ROLE "express-api" LOGIN' \
        -c "CREATE DATABASE $database OWNER meltano ENCODING 'UTF8'"
fi
if ! psql -X -At -d "$database" -c "SELECT extname FROM pg_extension" | grep -qx barometre; then
    title "The extension, the data directory and the roles"
    if has_cron; then
        echo "CREATE EXTENSION pg_cron;"
        psql_as postgres "$database" -c 'CREATE EXTENSION IF NOT EXISTS pg_cron'
    fi
    echo "CREATE EXTENSION barometre;"
    psql_as postgres "$database" -c 'CREATE EXTENSION barometre' \
        -c "ALTER DATABASE $database SET barometre.data_directory = '$data'"
    echo "SELECT * FROM baro_grant();"
    psql_as postgres "$database" -c 'SELECT role, count(*) AS grants FROM baro_grant() GROUP BY role ORDER BY role'
fi
if [ ! -f "$data/singer/tap_twitter/2022-12-31.singer" ]; then
    mkdir -p "$data"/{easiware,ppel,perceval,seeds} "$data"/singer/tap_{twitter,partoo,atinternet_gn,atinternet_sp}
    chmod 777 "$data" "$data"/* "$data"/singer/*
    psql_as postgres "$database" -v dir="$data" -f demo/data.sql
    echo "Demo data (made up) in $data:"
    (cd "$data" && find . -type f | sort | xargs wc -c)
fi

title "Load: SELECT * FROM baro_run();"
psql_as meltano "$database" -c 'SELECT * FROM baro_run()'
loaded=$(psql_as meltano "$database" -At -c "SELECT coalesce(sum(read), 0) FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run)")
[ "$loaded" != 0 ] || echo "No file changed since the last load, so nothing was read again."

title "Transform: CALL baro_transform();"
psql_as meltano "$database" -c 'CALL baro_transform()'
psql_as meltano "$database" -c "SELECT name AS model, what, took FROM barometre.report WHERE kind = 'model'"

title "Test: SELECT * FROM baro_test();"
psql_as meltano "$database" -c 'SELECT status, count(*) AS tests, sum(failures) AS failing_rows FROM baro_test() GROUP BY status'

title "What the API reads (role express-api)"
psql_as express-api "$database" -f demo/show.sql

if has_cron; then
    title "Schedule: SELECT * FROM baro_schedule();"
    psql_as meltano "$database" -c 'SELECT * FROM baro_schedule()'
else
    title "Status: SELECT * FROM barometre.status; pg_cron, which would run the jobs, is not installed for this PostgreSQL"
fi
psql_as meltano "$database" -c 'SELECT * FROM barometre.status'

title "The page: SELECT baro_page(audience => 'meltano');"
page=$folder/page.html
psql_as meltano "$database" -At -c "SELECT baro_page(audience => 'meltano')" >"$page"
echo "All of this to look at, in a browser: file://$page ($(($(wc -c <"$page") / 1024)) kB, it needs no network)"

title "Your turn"
echo "The demo took $((SECONDS - started)) s. Its server runs until: make demo-stop   (make demo-clean removes it)"
echo
echo "    psql -h $cluster_home -p $PGPORT -U meltano $database"
