#!/usr/bin/env bash
# What people look at fits 100 columns, as psql shows it: the default project, when all is well and when much is wrong.
. "$(dirname "$0")/../lib.sh"
has_extension pg_cron || skip_all "pg_cron is not installed"
own_server "shared_preload_libraries = 'pg_cron'" "cron.database_name = '$db'" "cron.use_background_workers = on"
new_database
super() { role=postgres sql "$1"; }
mkdir -p "$project" "$BARO_DATA"/{easiware,ppel,perceval,seeds} "$BARO_DATA"/singer/tap_{twitter,partoo,atinternet_gn,atinternet_sp}
chmod 777 "$BARO_DATA"/* "$BARO_DATA"/singer/*
(cd "$BARO_REPO" && cp -r barometre.yml models seeds tests functions "$project")
sed -i "/retries:/d; s/'@hourly'/'@yearly'/" "$project/barometre.yml" # nobody waits for them here, and no job begins meanwhile
chmod -R a+rX "$project"
super "ALTER DATABASE $db SET barometre.project_directory = '$project'" >/dev/null
super "CREATE EXTENSION pg_cron" >/dev/null
psql -X -q -d "$db" -U postgres -v dir="$BARO_DATA" -f "$BARO_REPO/demo/data.sql" >/dev/null
export LC_ALL=C.UTF-8

# fits QUERY [WIDTH], as role $role or meltano: what psql shows of it, which must be something.
fits() {
    local shown most=${2:-100}
    shown=$(psql -X -d "$db" -U "${role:-meltano}" -c "$1" 2>"$folder/errors")
    is "$state: $1" "$(wc -L <<<"$shown" | awk -v most="$most" '{ print ($1 > most ? "is " $1 " wide" : $1 > 5 ? "fits" : "is empty") }')" fits
    [ ! -s "$folder/errors" ] || sed 's/^/# /' "$folder/errors"
}
fits_all() { # WHAT IS LOADED
    fits "SELECT * FROM baro_run($1)" 101 # one stream's name has a letter more than there is room for
    fits "SELECT * FROM baro_seed()"
    psql -X -q -d "$db" -U meltano -c "CALL baro_transform()" >/dev/null 2>&1
    fits "SELECT * FROM barometre.report"
    fits "SELECT * FROM baro_test()"
    fits "SELECT * FROM barometre.report"
    # All their columns can't: their names, a time, and names of models take more.
    fits "SELECT name, state, reason FROM baro_ls()"
    fits "SELECT name, state, reason FROM baro_plan()"
    fits "SELECT * FROM baro_diff('ppel_daily')"
    for job in csv-voxusagers daily-csv-easiware-load daily-ppel-load; do psql -X -q -d "$db" -U meltano -c "CALL baro_job('$job')" >/dev/null 2>&1; done
    fits "SELECT * FROM barometre.report"
    fits "SELECT * FROM baro_unschedule()"
    fits "SELECT * FROM baro_schedule()"
    for view in history status failures freshness lineage missed usual_duration; do fits "SELECT * FROM barometre.$view"; done
    fits "SET application_name = 'baro_job 2/17 daily-csv-easiware-load: waits for a-job-of-a-long-name'; SELECT * FROM barometre.progress"
    fits "SELECT * FROM baro_load_project()"
    fits "SELECT * FROM baro_help()"
}

state=new
role=postgres fits "SELECT * FROM baro_grant()"
fits "SELECT * FROM baro_check()"
fits "SELECT name, state, reason FROM baro_plan()"
state=good
fits_all ""
fits "SELECT * FROM baro_check()"
is "all is well" "$(super "SELECT string_agg(what || ': ' || why, ' / ') FROM barometre_internal.failure WHERE what <> 'data'")" ""
state=stale
super "INSERT INTO analytics.fra_iso_3166_2 SELECT * FROM analytics.fra_iso_3166_2 LIMIT 1" >/dev/null
echo "-- another" >>"$project/models/easiware/easiware_requests_clean.sql"
fits "SELECT name, state, reason FROM baro_ls()"
super "DELETE FROM analytics.fra_iso_3166_2 a USING analytics.fra_iso_3166_2 b WHERE a.ctid > b.ctid AND a.iso_3166_2 = b.iso_3166_2" >/dev/null

state=bad
fits "SELECT * FROM baro_register_model('a_model_with_a_name_longer_than_most', 'SELECT 1 AS one', '{\"columns\": [{\"name\": \"one\", \"tests\": [{\"accepted_values\": {\"values\": [2], \"name\": \"one_is_none_of_the_values_that_somebody_wrote_down_for_it\"}}]}]}')"
fits "SELECT * FROM baro_register_stream('tap_csv_ppel', 'a_stream_with_a_rather_long_name', '{\"path\": \"nowhere/to/be/found/in/this/folder\", \"pattern\": \".*\", \"freshness\": {\"warn_after\": \"1 day\"}}')"
fits "SELECT * FROM baro_register_test('a_singular_test_with_a_name_that_needs_more_than_a_line', 'SELECT * FROM {{ ref(''ppel_daily'') }}')"
fits "SELECT * FROM baro_unregister('test', 'a_singular_test_with_a_name_that_needs_more_than_a_line')"
sql "SELECT * FROM baro_register_test('a_singular_test_with_a_name_that_needs_more_than_a_line', 'SELECT * FROM {{ ref(''ppel_daily'') }}')" >/dev/null
echo "select raise_a_long_error(1) as x" >"$project/models/ppel/ppel_geo.sql"
super "CREATE FUNCTION public.raise_a_long_error(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION \$m\$%\$m\$, repeat(\$m\$words \$m\$, 50) || repeat(\$m\$x\$m\$, 200) USING HINT = repeat(\$m\$hint \$m\$, 40); END'" >/dev/null
echo "select no_such_column_of_the_table_that_is_named_behind_it from {{ ref('ppel_clean_logs') }}" >"$project/models/ppel/ppel_person_type.sql"
rm -r "$BARO_DATA/seeds/easiware_categories.csv" "$project/models/iggn"
fits "SELECT * FROM baro_load_project()"
{ sed -n 1,400p "$BARO_DATA/ppel/ppel_2022.csv"; echo "not a number,\"x\"y,1"; } >"$BARO_DATA/ppel/ppel_2023_with_a_long_name_and_rejected_records_in_it.csv"
echo "1;2" >"$BARO_DATA/easiware/easiware_2021_T5.csv"
fits "SELECT * FROM baro_check()"
psql -X -q -d "$db" -U meltano -c "SELECT * FROM baro_run('tap_csv_easiware')" >/dev/null 2>&1
psql -X -q -d "$db" -U meltano -c "SELECT * FROM baro_run('tap_csv_ppel.ppel_logs')" >/dev/null 2>&1
fits "SELECT * FROM barometre.report"
psql -X -q -d "$db" -U meltano -c "CALL baro_transform(on_failure => 'skip')" >/dev/null 2>&1
fits "SELECT * FROM barometre.report"
super "UPDATE barometre_internal.job SET scheduled_since = now() - interval '2 days'" >/dev/null
super "INSERT INTO barometre.run (id, kind, name, role, started_at, status) VALUES (99999, 'transform', 'a_selection_that_is_long+ and_another_one', 'meltano', now(), 'running')" >/dev/null
is "much is wrong" "$(super "SELECT count(*) > 5 FROM barometre_internal.failure")" t
fits_all "'tap_csv_ppel.ppel_logs'"
finish
