#!/usr/bin/env bash
# pages.sh FOLDER: pages of a server's, FOLDER/NAME.html, for test/page/server.mjs: the default project with the demo's data (demo.html, and reader.html
# for who may only read), a night that failed (failed.html; etat.html in French), hostile names everywhere (hostile.html), 1,000 models (models.html), a
# project that can't be read any more (unread.html), and one of which nothing was run (new.html). The server is one of its own, which ends with this.
set -euo pipefail
cd "$(dirname "$0")/../.."
pages=$(realpath "$1")
. test/cluster.sh
folder=$PWD/.check/page
mkdir -p "$folder"
cluster_init "$folder"
trap 'cluster_remove' EXIT
trap 'exit 130' INT TERM
cluster_exists || cluster_create "fsync = off" "client_min_messages = error"
cluster_runs || cluster_start
data=$cluster_home/data
psql_in() { psql -X -q -At -v ON_ERROR_STOP=1 -U postgres -d "$1" "${@:2}"; }
# new NAME: a database of which the project lies in $project and the files in $files.
new() {
    test/fresh_database.sh "$1" >/dev/null
    project=$data/$1/project files=$data/$1/files
    mkdir -p "$project/models" "$files"
    psql_in "$1" -c "ALTER DATABASE $1 SET barometre.project_directory = '$project'" -c "ALTER DATABASE $1 SET barometre.data_directory = '$files'"
}
opened() { chmod -R a+rX "$data"; }
page() { psql_in "$1" -c "SELECT baro_page($3)" >"$pages/$2.html"; } # DATABASE PAGE ARGUMENTS

new page_demo
cp -r barometre.yml models seeds functions "$project/"
mkdir -p "$files"/{easiware,ppel,perceval,seeds} "$files"/singer/tap_{twitter,partoo,atinternet_gn,atinternet_sp}
chmod -R a+rwX "$files"; opened
psql_in page_demo -v dir="$files" -f demo/data.sql
psql_in page_demo -c "SELECT count(*) FROM baro_run()" -c "CALL baro_transform()" -c "SELECT count(*) FROM baro_test()" -c "ANALYZE" >/dev/null
page page_demo demo "audience => 'postgres'"
psql_in page_demo -c "SELECT count(*) FROM baro_grant()" >/dev/null
page page_demo reader "audience => 'express-api'"

new page_night
psql_in postgres -c "CREATE ROLE watch"
mkdir -p "$files"/{in,more} "$project/seeds"
cat >"$project/barometre.yml" <<'YML'
version: 1
name: night
timezone: Europe/Paris
roles: {loader: meltano, readers: [express-api], observers: [watch]}
taps:
  - name: tap_town
    description: What the town hall exports each night
    streams:
      - {name: visits, path: in, pattern: .*\.csv, key_properties: [id], max_rejects: 50%, freshness: {warn_after: 1 day, error_after: 2 days}, columns: [{name: day, type: date}, {name: visitors, type: integer}]}
      - {name: phones, path: more, pattern: .*\.csv, map: {phone: md5(phone)}, columns: [{name: n, type: integer}]}
jobs:
  - {name: nightly, interval: '30 2 * * *', steps: [{run: '*', on_failure: skip}, {transform: '*', on_failure: skip}, {test: '*'}]}
YML
echo "select day, sum(visitors) as visitors from {{ source('tap_town', 'visits') }} where day > '2020-01-01' group by day" >"$project/models/visits_per_day.sql"
echo "select 100 / (visitors - 30) as share, 'SECRET-IN-SQL' as label from {{ ref('visits_per_day') }}" >"$project/models/share.sql"
echo "select * from {{ ref('share') }}" >"$project/models/report.sql"
printf 'version: 2\nmodels:\n  - name: visits_per_day\n    description: One line a day\n    columns: [{name: day, tests: [unique, not_null]}, {name: visitors, tests: [{accepted_values: {values: [10, 4567891], severity: warn}}]}]\n' >"$project/models/night.yml"
printf 'id,day,visitors\n1,2026-11-01,10\n2,2026-11-02,20\n' >"$files/in/2026-11-01.csv"
printf 'id,day,visitors\n3,2026-11-03,30\n4,2026-11-04,SECRET-REJECTED\n' >"$files/in/2026-11-02.csv"
printf 'phone,n\n0612345678,1\n' >"$files/more/1.csv"
printf 'phone,n\n0612345679,SECRET-LEFT-OUT\n' >"$files/more/2.csv"
touch -d '5 days ago' "$files"/in/*
opened
psql_in page_night -c "SELECT count(*) FROM baro_grant()" >/dev/null
psql_in page_night -c "CALL baro_job('nightly')" >/dev/null 2>&1 || true
psql_in page_night -c ANALYZE
page page_night failed ""
page page_night etat "'fr'"
echo "nonsense: true" >>"$project/barometre.yml"
page page_night unread ""

new page_hostile
long=$(printf '😀%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
name="</script><b> \"q\" '"
sql_name=${name//\"/\"\"}
mkdir -p "$files/<i>in"
cat >"$project/barometre.yml" <<YML
version: 1
name: "</script><script>alert(1)</script> \u202e"
taps:
  - name: "__proto__"
    description: "<img src=x onerror=alert(1)>"
    streams:
      - {name: "constructor", path: "<i>in", pattern: .*, description: "</textarea><!--", max_rejects: 9, columns: [{name: n, type: integer}]}
YML
printf 'n,</script>,"a ""q""",%s\n1,a,b,c\nx,a,b,c\n' "$long" >"$files/<i>in/<!-- \"a\".csv"
echo "select 1 as \"$sql_name\", 2 as \"$long\", '</script>' as \"a\\\"\"b\", 3 as \"$(printf '\u202edrowkcab')\"" >"$project/models/constructor.sql"
echo 'select * from {{ ref("constructor") }} where 1 / 0 = 1' >"$project/models/__proto__.sql"
cat >"$project/models/hostile.yml" <<YML
version: 2
models:
  - name: constructor
    description: "</script><script>alert(1)</script> \u202e \u0001 & <b>"
    columns: [{name: "$long", description: "<style>*{display:none}</style>", tests: [not_null, {accepted_values: {name: "</script>\"'\u202e", values: ["<x>"], severity: warn}}]}]
YML
opened
for call in "SELECT count(*) FROM baro_run(on_failure => 'skip')" "CALL baro_transform(on_failure => 'skip')" "SELECT count(*) FROM baro_test()"; do psql_in page_hostile -c "$call" >/dev/null 2>&1 || echo "# $call failed" >&2; done
page page_hostile hostile "samples => true"

new page_models
printf 'version: 1\nname: a thousand\n' >"$project/barometre.yml"
awk -v folder="$project/models" 'BEGIN {
    for (i = 0; i < 1000; ++i) {
        file = sprintf("%s/m%04d.sql", folder, i)
        if (i < 20) printf "select %d as id, date \x272026-11-01\x27 + %d as day\n", i, i % 20 > file
        else printf "select a.id, a.day from {{ ref(\x27m%04d\x27) }} a join {{ ref(\x27m%04d\x27) }} b on true\n", int((i * 7) % (i - 10)), i - 1 - (i % 9) > file
        close(file)
    }
}'
opened
psql_in page_models -c "CALL baro_transform()" >/dev/null
page page_models models ""

new page_new
printf 'version: 1\nname: new\n' >"$project/barometre.yml"
opened
page page_new new ""
