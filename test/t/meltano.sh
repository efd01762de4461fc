#!/usr/bin/env bash
# A repository of Meltano's as it is: its file taps, mapping, jobs and schedules, the dbt project of its transformer, and what becomes of the rest.
. "$(dirname "$0")/../lib.sh"
if has_extension pg_cron; then
    own_server "shared_preload_libraries = 'pg_cron'" "cron.database_name = '$db'" "cron.use_background_workers = on"
fi
super() { role=postgres sql "$1"; }
repo=$BARO_DATA/etl
mkdir -p "$repo"/{scripts,transform/models} "$BARO_DATA"/data/{visits,singer}
cat >"$repo/meltano.yml" <<'YML'
version: 1
project_id: visits
default_environment: prod
environments: [{name: prod}]
plugins:
  extractors:
  - {name: tap-spreadsheets-anywhere, variant: ets, pip_url: git+https://example.org}
  - name: tap-csv-people
    inherit_from: tap-spreadsheets-anywhere
    config: {tables: [{path: file://../data, name: people, pattern: people.csv, key_properties: [id], format: csv, delimiter: ;}]}
  - name: tap-csv-visits
    inherit_from: tap-spreadsheets-anywhere
    config:
      tables:
      - {path: file://../data, name: codes, pattern: codes.csv, format: csv, prefer_schema_as_string: true}
      - {path: file://../data, name: sums, pattern: codes.csv, format: csv, prefer_number_vs_integer: true}
      - {path: file://../data/visits, name: visits, pattern: v.*.csv, key_properties: [], format: csv, field_names: [who, at, secret]}
  - {name: tap-api, config: {token: $API_TOKEN}}
  - {name: tap-sheet, inherit_from: tap-spreadsheets-anywhere, config: {tables: [{path: file://../data, name: s, pattern: s, format: excel}]}}
  loaders:
  - {name: target-postgres, config: {user: meltano, password: $PASSWORD, primary_key_required: false, validate_records: true}}
  transformers:
  - {name: dbt, config: {threshold: 3, password: $SECRET}}
  mappers:
  - {name: mapper, mappings: [{name: hide, config: {stream_maps: {visits: {who: md5(who), at: at, __else__: null}}}}]}
jobs:
- {name: visits, tasks: [tap-csv-visits hide target-postgres, 'dbt:run']}
- {name: api, tasks: [tap-api target-postgres, 'dbt:run']}
schedules:
- {name: daily-people, extractor: tap-csv-people, loader: target-postgres, transform: run, interval: '@daily', start_date: 2022-06-27 00:00:00}
- {name: daily-visits, job: visits, interval: '@daily'}
- {name: hourly-api, job: api, interval: '@hourly'}
YML
echo "API_TOKEN=of-no-account" >"$repo/.env"
printf 'name: shop\nmodels: {+materialized: table}\n' >"$repo/transform/dbt_project.yml"
printf 'sources: [{name: tap_api, tables: [{name: calls}]}, {name: tap_csv_visits, tables: [{name: visits}]}]\n' >"$repo/transform/models/s.yml"
echo "select count(*) as visits, count(distinct who) as people from {{ source('tap_csv_visits', 'visits') }}" >"$repo/transform/models/total.sql"
echo "select n, '{{ env_var('DBT_THRESHOLD') }} {{ env_var('MELTANO_ENVIRONMENT') }} {{ env_var('DBT_SCHEMA') }}' as said from {{ source('tap_api', 'calls') }}" >"$repo/transform/models/calls.sql"
printf 'id;name\n1;Ann\n2;\n2;Bo"b"\n' >"$BARO_DATA/data/people.csv"
printf 'code,n\n1,2\n3,\n' >"$BARO_DATA/data/codes.csv"
printf '1,10:00,x\n2,11:00,y\n1,12:00,z\n' >"$BARO_DATA/data/visits/v1.csv"
new_database
super "ALTER DATABASE $db SET barometre.project_directory = '$repo'; ALTER DATABASE $db SET barometre.data_directory = '$BARO_DATA/data'" >/dev/null
report() { sql "SELECT string_agg(kind || ' ' || replace(name, E'\n', '') || ' ' || change, ', ' ORDER BY kind, name, change) FROM baro_load_project() WHERE change NOT IN ('added', 'changed', 'removed')"; }

super "SELECT count(*) FROM baro_grant()" >/dev/null
is "the report says of each plugin, job and schedule what becomes of it" "$(report)" \
    "extractor tap-api not run, extractor tap-csv-people taken, extractor tap-csv-visits taken, extractor tap-sheet refused, extractor tap-spreadsheets-anywhere taken, job api taken, job visits taken, loader target-postgres taken, mapping hide taken, schedule daily-people scheduled, schedule daily-visits scheduled, schedule hourly-api scheduled, setting primary_key_required ignored, setting validate_records ignored, task tap-api left out, task tap-api left out, transformer dbt taken"
is "the time of each schedule" "$(sql "SELECT replace(detail, E'\n', ' ') FROM baro_load_project() WHERE replace(name, E'\n', '') = 'hourly-api'")" "Job hourly-api at 0 * * * * (UTC)."
like "one wrong extractor is a problem of its own" "$(sql "SELECT replace(message, E'\n', ' '), replace(hint, E'\n', ' ') FROM barometre.problems")" 'format "excel" of table "s" of tap-sheet is not read.Convert the files to CSV'
is "files are loaded" "$(sql "SELECT stream, files, records, inserted FROM baro_run()")" "people|1|3|2
codes|1|2|2
sums|1|2|2
visits|1|3|3"
is "types are those that Meltano's tap would give" "$(sql "SELECT string_agg(table_name || '.' || column_name || ' ' || data_type, ', ' ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_name IN ('codes', 'sums') AND column_name NOT LIKE '\\_%'")" "codes.code text, codes.n text, sums.code numeric, sums.n numeric"
is "as Python's csv reads them, the last of equal keys" "$(sql "SELECT string_agg(id || name, ', ' ORDER BY id) FROM tap_csv_people.people")" "1Ann, 2Bo\"b\""
is "through the mapping" "$(sql "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'visits' AND column_name NOT LIKE '\\_%'")" "who at"
sql "CREATE SCHEMA tap_api; CREATE TABLE tap_api.calls AS SELECT 7 AS n" >/dev/null
like "a job runs its steps" "$(notices "CALL baro_job('daily-visits')")" 'step 2/2 transform'
is "whose models are in Meltano's schema" "$(sql "SELECT visits, people FROM analytics.total")" "3|2"
is "and read what others load, and the settings of the transformer" "$(sql "SELECT n, said FROM analytics.calls")" "7|3 prod analytics"

# A dbt_project.yml that can't be read keeps no file from being loaded
cp "$repo/transform/dbt_project.yml" "$BARO_DATA/kept.yml"
printf 'snapshots: {+target_schema: "{{ env_var('"'NOPE'"') }}"}\n' >>"$repo/transform/dbt_project.yml"
printf '1,13:00,x\n' >"$BARO_DATA/data/visits/v2.csv"
like "a value in dbt_project.yml that can't be rendered does not stop loads" "$(sql "SELECT stream, inserted FROM baro_run('tap_csv_visits') WHERE inserted > 0")" '^visits\|1$'
like "but models" "$(notices "CALL baro_transform()")" 'ERROR: .*there is no environment variable "NOPE"'
cp "$BARO_DATA/kept.yml" "$repo/transform/dbt_project.yml"; sql "SELECT count(*) FROM baro_load_project()" >/dev/null

# Chained as the repository's own script does it
: >"$repo/scripts/make_crontab.py"
is "with a chaining script" "$(sql "SELECT replace(detail, E'\n', ' ') FROM baro_load_project() WHERE name IN ('daily-people', 'hourly-api')")" "Job hourly-api at 30 * * * * (UTC).
Job daily-people at 0 0 * * * (UTC), after daily-visits."

# Singer files of what runs elsewhere
mkdir -p "$BARO_DATA/data/singer/tap_api"
cat >"$BARO_DATA/data/singer/tap_api/1.singer" <<'JSON'
{"type":"SCHEMA","stream":"users","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}
{"type":"RECORD","stream":"users","record":{"id":5}}
JSON
like "a folder of Singer files makes it a tap" "$(sql "SELECT stream, inserted FROM baro_run('tap_api')")" '^users\|1$'
sed -i '/name: tap-sheet/d' "$repo/meltano.yml"
is "which the job runs" "$(sql "SELECT string_agg(kind, ' ') FROM baro_load_project() WHERE change = 'left out'")" ""

# barometre.yml beside it
cat >"$BARO_DATA/barometre.yml" <<'YML'
version: 1
meltano: etl
timezone: Europe/Paris
roles: {loader: meltano}
target: {schema: mart}
jobs:
  - {name: daily-people, interval: '5 4 * * *', steps: [{run: tap_csv_people}]}
YML
super "ALTER DATABASE $db SET barometre.project_directory = '$BARO_DATA'" >/dev/null
is "its jobs take the place of those of the same name" "$(sql "SELECT kind, replace(name, E'\n', '') FROM baro_load_project('$BARO_DATA') WHERE change = 'overridden'")" "job|daily-people"
like "and its target counts" "$(notices "CALL baro_transform()")" '2 models built'
is "in its schema" "$(sql "SELECT visits FROM mart.total")" 4

if has_extension pg_cron; then
    super "CREATE EXTENSION pg_cron; SELECT count(*) FROM baro_grant()" >/dev/null
    sql "SELECT count(*) FROM baro_schedule()" >/dev/null
    is "schedules are entries of pg_cron" "$(super "SELECT string_agg(substr(jobname, length('barometre $db ') + 1), ', ' ORDER BY jobname) FROM cron.job")" "daily-people, daily-visits, hourly-api"
fi
finish
