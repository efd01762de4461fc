#!/usr/bin/env bash
# make demo, twice: what a newcomer sees, and that nothing is loaded twice.
. "$(dirname "$0")/../lib.sh"
export BARO_DEMO_DIR=$BARO_REPO/.check/demo BARO_INSTALLED=1
unset PGHOST PGPORT PGUSER PGDATABASE PGOPTIONS
trap '"$BARO_REPO/demo/demo.sh" clean >/dev/null' EXIT
first=$("$BARO_REPO/demo/demo.sh" 2>&1); ok "the demo runs" $?
like "files and records are shown" "$first" 'experiences +\| +1 \| +1 \| +20000 \| +20000'
like "records of Singer files, of a tap with two" "$first" 'hourly_visits +\| +2 \| +2 \| +1400 \| +1400'
like "models and their rows" "$first" 'voxusagers_clean +\| 20000'
is "all data tests pass" "$(echo "$first" | grep -A2 'failing_rows' | tail -n 1 | tr -d ' ')" "pass|74|0"
if has_extension pg_cron; then
    like "the schedule" "$first" 'daily-partoo-load +\|.*added'
else
    skip "the schedule" "pg_cron is not installed"
fi
like "and what each job is at" "$first" 'csv-voxusagers +\| never run .*by hand'
like "a result a newcomer understands" "$first" 'Nord +\|'
like "and the state of the Singer files" "$first" 'file +\| singer/tap_atinternet_gn/2022-12-31\.singer'
connect=$(echo "$first" | grep -o 'psql -h .*')
is "the line that connects" "$($connect -X -At -c 'SELECT current_user')" meltano
$connect -X -q -c 'SELECT * FROM baro_unschedule()' >/dev/null 2>&1 # the hourly job would have its say
second=$("$BARO_REPO/demo/demo.sh" 2>&1); ok "it runs again" $?
like "nothing is loaded twice" "$second" 'nothing was read again'
like "not a row" "$second" 'experiences +\| +1 \| +0 \| +0 \| +0'
is "the loader's rows are there once" "$($connect -X -At -c 'SELECT count(*) FROM tap_csv_easiware.easiware_requests')" 32000
is "the test's tables are the same in any time zone" "$(PGTZ=Europe/Paris PGOPTIONS='-c client_min_messages=warning' $connect -X -q -c "SET timezone = 'Europe/Paris'" -c 'CALL baro_transform()' -At -c 'SELECT sum(inserted) + sum(deleted) FROM barometre.step WHERE kind = $$model$$ AND run = (SELECT max(id) FROM barometre.run)')" 0
"$BARO_REPO/demo/demo.sh" stop >/dev/null
ok "demo-stop stops the server" "$($connect -X -c 'SELECT 1' >/dev/null 2>&1; echo $(($? == 0)))"
finish
