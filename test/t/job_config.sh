#!/usr/bin/env bash
# Jobs and freshness of the project file, as far as they meet the server; how they are read is tested in test/unit.
. "$(dirname "$0")/../lib.sh"
new_database
base='version: 1
name: jobs
roles: {loader: meltano}
timezone: Europe/Paris
taps:
  - name: tap_a
    streams: [{name: s, path: ., pattern: x, freshness: {column: day, warn_after: 2 days}}]
jobs:'
first="
  - name: nightly-load
    interval: '@daily'
    start_date: 2022-06-27
    retries: {count: 2, delay: 5 min}
    steps: [{run: tap_a}, {transform: '*'}, {test: '*'}]"
second="
  - {name: by-hand, timezone: Asia/Kolkata, steps: [{sql: select 1}]}"
use_project <<<"version: 1
name: jobs
roles: {loader: meltano}"
file=$project/barometre.yml
m=$project/models
echo "select 1 as n" > "$m/one.sql"
echo "select n from one" > "$m/two.sql"
changes() { sql "SELECT kind, name, change FROM baro_load_project() WHERE kind IN ('job', 'stream') ORDER BY kind, name"; }
echo "$base$first$second" > "$file"
is "jobs are told as added" "$(changes)" "job|by-hand|added
job|nightly-load|added
stream|tap_a.s|added"
is "the registry has what is in effect" "$(sql "SELECT definition->>'interval', definition->>'timezone', (definition->>'start_date')::date, (definition #>> '{retries,delay}')::interval FROM barometre_internal.job WHERE name = 'nightly-load'")" "@daily|Europe/Paris|2022-06-27|00:05:00"
is "with the steps in order" "$(sql "SELECT string_agg(key, ' ' ORDER BY n) FROM barometre_internal.job, jsonb_array_elements(definition->'steps') WITH ORDINALITY s(step, n), jsonb_object_keys(step) key WHERE name = 'nightly-load' AND key IN ('run', 'transform', 'test')")" "run transform test"
is "and a time zone of its own" "$(sql "SELECT definition->>'timezone' FROM barometre_internal.job WHERE name = 'by-hand'")" "Asia/Kolkata"
is "the freshness of a stream" "$(sql "SELECT freshness->>'column', (freshness->>'warn_after')::interval, freshness->>'error_after' IS NULL FROM barometre_internal.stream")" "day|2 days|t"
echo "$base${first/2022-06-27/2023-01-01}${second/by-hand/by-day}" > "$file"
is "and as changed, added and removed" "$(changes)" "job|by-day|added
job|by-hand|removed
job|nightly-load|changed"
sed -i '1i # a remark' "$file"
is "a line further down is no change of a job" "$(changes | grep job)" ""
for zone in '+02:00' UTC+2 'interval 1 hour'; do
    echo "$base${second/Asia\/Kolkata/\'$zone\'}" > "$file"
    like "what is no name of a time zone is refused: $zone" "$(sql "SELECT * FROM baro_load_project()")" 'key "timezone" can.t be'
done
echo "$base${second/Asia/Asie}" > "$file"
like "a time zone that the server doesn't know is refused, with its line" "$(sql "SELECT * FROM baro_load_project()")" 'barometre.yml:9: key "timezone" can.t be "Asie/Kolkata"'
echo "$base
  - {name: j, steps: [{transform: 'one+,two'}]}" > "$file"
is "what a model names in plain SQL counts in a selection" "$(sql "SELECT name FROM baro_load_project() WHERE kind = 'job' AND change = 'added'")" "j"
echo "$base
  - {name: j, steps: [{transform: onne}]}" > "$file"
like "a selection of nothing is refused by every call" "$(sql "SELECT * FROM baro_ls()")" 'barometre.yml:9: selection "onne": there is no model'
finish
