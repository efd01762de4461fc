#!/usr/bin/env bash
# The page that a job writes: below its folder and nowhere else, whole or not at all, whatever became of the job, and without values.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
new_database
super "DO \$\$ BEGIN CREATE ROLE page_watch LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$" >/dev/null
pages=$BARO_DATA/pages
mkdir -p "$BARO_DATA"/{in,elsewhere} "$pages/sub"
chmod 777 "$pages" "$pages/sub" "$BARO_DATA/elsewhere"
ln -s ../elsewhere "$pages/out"
project_says() {
    cat <<'YML'
version: 1
name: pages </script> & "co"
timezone: Europe/Paris
roles: {loader: meltano, readers: [express-api], observers: [page_watch]}
taps: [{name: tap, streams: [{name: s, path: in, pattern: .*\.csv, columns: [{name: n, type: integer}], max_rejects: 5}]}]
jobs:
  - {name: good, page: state.html, steps: [{run: '*'}, {transform: good}]}
  - {name: bad, page: {file: sub/bad.html, lang: fr}, steps: [{transform: bad}, {sql: "SELECT 'DURAND1'"}]}
  - {name: out, page: out/state.html, steps: [{transform: good}]}
  - {name: missing, page: missing/state.html, steps: [{transform: good}]}
  - {name: folder, page: sub, steps: [{transform: good}]}
  - {name: reader, page: {file: reader.html, audience: express-api}, steps: [{transform: good}]}
  - {name: nobody, page: {file: nobody.html, audience: nobody_at_all}, steps: [{transform: good}]}
  - {name: hourly, interval: '@hourly', page: hourly.html, steps: [{transform: good}]}
YML
}
mkdir -p "$project/models"
echo "select n, 'DURAND2' as name from {{ source('tap', 's') }}" >"$project/models/good.sql"
echo "select 1 / 0 as x from {{ ref('good') }} where name = 'DURAND3'" >"$project/models/bad.sql"
printf 'version: 2\nmodels: [{name: good, columns: [{name: name, tests: [{accepted_values: {values: [DURAND2, DURAND4]}}]}]}]\n' >"$project/models/good.yml"
printf 'n\n1\nDURAND5\n' >"$BARO_DATA/in/1.csv"
use_project < <(project_says)
job() { sql "CALL baro_job('$1')" 2>&1; }
data() { sed -n 's/.*<script type="application\/json" id="data">\(.*\)<\/script>.*/\1/p' "$pages/$1"; }
of() { sql "SELECT (\$page\$$(data "$1")\$page\$::jsonb) #>> '{$2}'"; }

like "without a folder of pages there is none, which is told" "$(job good)" 'WARNING: +the page of job "good" was not written: barometre.page_directory is not set'
is "and the job is what it is without it" "$(sql "SELECT status FROM barometre.run WHERE kind = 'job'")" succeeded
like "what is wrong stays in mind" "$(sql "SELECT what || ' ' || replace(why, E'\n', ' ') FROM barometre.failures WHERE what LIKE 'page%'")" "page state.html barometre.page_directory is not set.*ALTER DATABASE"
like "the loader may not choose the folder" "$(sql "SELECT count(*) FROM baro_ls(); SET barometre.page_directory = '/tmp'")" "permission denied to set parameter"
super "ALTER DATABASE $db SET barometre.page_directory = '$pages'" >/dev/null
unlike "with it there is no warning" "$(job good)" "page of job"
is "and no failure" "$(sql "SELECT count(*) FROM barometre.failures WHERE what LIKE 'page%'")" 0
is "all may read the page" "$(stat -c %a "$pages/state.html")" 644
is "its last word is there" "$(tail -c 8 "$pages/state.html" | tr -d '\n')" "</html>"
is "the project's name ends no script" "$(grep -c '<script type="application/json" id="data">' "$pages/state.html") $(of state.html project,name)" "1 pages </script> & \"co\""
is "it is of its job's end" "$(sql "SELECT r #>> '{last,status}' FROM jsonb_array_elements((\$page\$$(data state.html)\$page\$::jsonb) -> 'jobs') AS r WHERE r ->> 'name' = 'good'")" succeeded

like "a job that fails has its error" "$(job bad)" 'job "bad" failed'
like "and its page, in its language" "$(grep -o "<html[^>]*>" "$pages/sub/bad.html")" 'lang="fr"'
like "which says why" "$(data sub/bad.html)" "division by zero"
is "and that the job failed" "$(sql "SELECT r #>> '{last,status}' FROM jsonb_array_elements((\$page\$$(data sub/bad.html)\$page\$::jsonb) -> 'jobs') AS r WHERE r ->> 'name' = 'bad'")" failed
is "no page has a value" "$(grep -o 'DURAND[0-9]*' "$pages/state.html" "$pages/sub/bad.html")" ""
is "nothing is left beside them" "$(cd "$pages" && find . -type f | sort | tr '\n' ' ')" "./state.html ./sub/bad.html "

like "a link leads nowhere else" "$(job out)" 'could not write page "out/state.html"'
is "and nothing was written there" "$(ls -A "$BARO_DATA/elsewhere")" ""
like "a folder that is not there is told" "$(job missing)" 'could not write page "missing/state.html": No such file'
like "and a folder of that name" "$(job folder)" 'could not write page "sub": Is a directory'
is "what lies in it stays" "$(ls -A "$pages/sub")" bad.html
like "an audience that is not there" "$(job nobody)" 'role "nobody_at_all" does not exist'
job reader >/dev/null
is "a reader's page shows the relations that it may read" "$(of reader.html audience,sees)" relations
is "and no others" "$(sql "SELECT string_agg(n ->> 'id', ' ') FROM jsonb_array_elements((\$page\$$(data reader.html)\$page\$::jsonb) -> 'nodes') AS n")" "model.good"
is "the page of a job is for the first observer else" "$(of state.html audience,role)" page_watch

# One day more is too little for the server to look at the table anew by itself.
for last in 2020-07-01 2020-07-02; do
    echo "select day::date from generate_series('2020-01-01'::date, '$last', '1 day') as day" >"$project/models/days.sql"
    sql "CALL baro_transform('days')" >/dev/null
done
is "the days that a model covers are those of its last build" "$(sql "SELECT n #>> '{period,from}', n #>> '{period,to}' FROM jsonb_array_elements(baro_page_data() -> 'nodes') AS n WHERE n ->> 'id' = 'model.days'")" "2020-01-01|2020-07-02"

# A project that nobody can read.
sql "CALL baro_job('hourly')" >/dev/null
rm "$pages/hourly.html"
{ project_says; echo "nonsense: true"; } >"$project/barometre.yml"
sql "CALL baro_job('hourly', date_trunc('hour', now()) - interval '30 min')" >/dev/null
like "its page is there all the same, with what is wrong" "$(data hourly.html)" 'unknown key \\"nonsense\\"'
is "and its first sentence says so" "$(of hourly.html state,sentence | grep -o "the project can't be read")" "the project can't be read"
is "for whom it was before" "$(of hourly.html audience,role)" page_watch
project_says >"$project/barometre.yml"
for file in ../up.html /tmp/up.html sub/../../up.html "''" sub/; do
    { project_says; echo "  - {name: bad_file, page: $file, steps: [{transform: good}]}"; } >"$project/barometre.yml"
    like "a page at $file is an error of the project" "$(sql "SELECT * FROM baro_load_project()")" "barometre.yml:[0-9]+: the page's file must lie below barometre.page_directory|must not be empty|is empty"
done
project_says >"$project/barometre.yml"
like "a language that there is none of" "$(sql "SELECT baro_page('de')")" "the page can't be written in \"de\""
like "a role without the owner's rights gets none" "$(super "GRANT EXECUTE ON FUNCTION baro_page TO page_watch" >/dev/null; role=page_watch sql "SELECT baro_page()")" "permission denied for the project"
is "with samples there are values" "$(sql "SELECT strpos(baro_page(audience => 'meltano', samples => true), 'DURAND2') > 0")" t
like "for those who may see them" "$(sql "SELECT length(baro_page(samples => true))" | cut -c1-200)" 'the page shows no values, since role "page_watch" may see none'
finish
