#!/usr/bin/env bash
# The data of the page: what is in them, for whom, and that no value of the data is unless it is asked for.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
new_database
super "DO \$\$ BEGIN CREATE ROLE page_watch LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$" >/dev/null
# page [LANG] [AUDIENCE] [SAMPLES] [CALLER]: made anew, and kept for get and list.
page() {
    super "SELECT set_config('test.values', CASE WHEN ${3:-false} AND '${2:-meltano}' = 'meltano' THEN 'on' ELSE 'off' END, false);
           DROP TABLE IF EXISTS public.page; CREATE TABLE public.page AS SELECT barometre_internal.page_data('${1:-en}', ${3:-false}, '\"${2:-meltano}\"'::regrole,
               '\"${4:-postgres}\"'::regrole, '{\"model.daily\": {\"written\": \"select WRITTEN\", \"compiled\": \"select COMPILED\"}, \"test.daily.day unique\": {\"sql\": \"select TESTED\"}}', $cron, null) AS data" | grep -v '^o[nf]*$'
}
cron=null
get() { super "SELECT jsonb_path_query(data, '$1') FROM public.page"; }     # what a path finds, a line each
flat() { super "SELECT string_agg(v #>> '{}', ' ') FROM public.page, jsonb_path_query(data, '$1') AS v"; }
node() { echo "\$.nodes[*] ? (@.id == \"$1\")"; }

page
is "without a project there is nothing, and that is said" "$(get '$.state.sentence')|$(get '$.state.code')|$(get '$.nodes')|$(get '$.project')|$(get '$.valid_until')" '"No project was read yet."|3|[]||'
page fr
is "in French too" "$(get '$.state.sentence')" '"Aucun projet n'"'"'a encore été lu."'

mkdir -p "$BARO_DATA"/{good,secret,typed} "$project"/snapshots
config() { # MORE KEYS of stream good
    use_project <<YML
version: 1
name: page
timezone: Europe/Paris
roles: {loader: meltano, readers: [express-api], observers: [page_watch]}
taps:
  - name: tap
    description: files of a friend
    streams:
      - {name: good, path: good, pattern: .*\\.csv, key_properties: [id], description: What came, columns: [{name: day, type: date, description: The day it is about}]${1:-}}
      - {name: secret, path: secret, pattern: .*\\.csv, map: {hash: md5(name), n: n, __else__: null}, columns: [{name: n, type: integer}]}
      - {name: typed, path: typed, pattern: .*\\.csv, max_rejects: 5, columns: [{name: n, type: integer}]}
jobs:
  - {name: nightly, description: All of it, interval: '@daily', timezone: Europe/Paris, steps: [{run: tap}, {transform: '*'}, {sql: "SELECT 'DURAND1'"}]}
  - {name: by_hand, steps: [{test: '*'}]}
  - {name: off, interval: '@daily', enabled: false, steps: [{seed: codes}]}
YML
}
config
today=$(date -u +%F) past=$(date -u -d '3 days ago' +%F) far=$(date -u -d '400 days' +%F)
for i in 1 2 3 4; do echo "$i,$(date -u -d "$((2 + i)) days ago" +%F),$far,v$i"; done | sed '1i id,day,plan,v' >"$BARO_DATA/good/1.csv"
printf 'name,n\nDURAND2,1\nDURAND3,2\n' >"$BARO_DATA/secret/1.csv"
printf 'n\n1\n2\n' >"$BARO_DATA/typed/1.csv"
printf 'code,label\na,A\n' >"$project/seeds/codes.csv"
echo "{{ config(tags=['daily']) }} select day, plan::date as plan, count(*) as n, min(v) as v from {{ source('tap', 'good') }} where v <> 'DURAND4' group by day, plan" >"$project/models/daily.sql"
echo "select day, n from {{ ref('daily') }} where day is not null" >"$project/models/top.sql"
echo "{{ config(materialized='ephemeral') }} select hash, n from {{ source('tap', 'secret') }}" >"$project/models/passing.sql"
echo "select s.hash, p.name from {{ ref('passing') }} as s left join {{ source('crm', 'people') }} as p on true" >"$project/models/people.sql"
cat >"$project/models/schema.yml" <<'YML'
version: 2
sources: [{name: crm, tables: [{name: people, columns: [{name: name, description: What they are called}]}]}]
models:
  - name: daily
    description: By day
    columns:
      - {name: day, description: The day, tests: [unique, not_null]}
      - {name: v, tests: [{accepted_values: {values: [v1, v2, v3, v4, DURAND5], config: {where: "v <> 'DURAND6'"}}}]}
  - {name: top, columns: [{name: n, tests: [{accepted_values: {values: [7], quote: false, config: {severity: warn}}}]}]}
  - {name: people, columns: [{name: hash, tests: [unique]}]}
YML
echo "select day from {{ ref('top') }} where n > 100" >"$project/tests/none_is_large.sql"
printf "{%% snapshot then %%}{{ config(strategy='check', unique_key='id', check_cols='all') }} select id, v from {{ source('tap', 'good') }}{%% endsnapshot %%}" >"$project/snapshots/then.sql"
super "CREATE SCHEMA crm AUTHORIZATION meltano; SET ROLE meltano; CREATE TABLE crm.people (name text); INSERT INTO crm.people VALUES ('DURAND7'); ANALYZE crm.people" >/dev/null
# Who may see values is decided by a setting of the page's; here by one of this test's.
super "CREATE OR REPLACE FUNCTION barometre_internal.sees_values() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
       RETURN has_table_privilege('barometre.run'::regclass, 'SELECT') AND current_setting('test.values', true) IS DISTINCT FROM 'off'" >/dev/null
super "SELECT count(*) FROM baro_load_project()" >/dev/null; super "SELECT count(*) FROM baro_grant()" >/dev/null
page
is "before anything was run" "$(get '$.state.sentence')|$(flat '$.nodes[*].status')|$(get '$.runs')|$(get '$.days')" '"Nothing was loaded yet."|never never never never never never never never never|[]|[]'
page fr
is "and in French" "$(get '$.state.sentence')" '"Rien n'"'"'a encore été chargé."'

sql "SELECT count(*) FROM baro_seed()" >/dev/null; sql "SELECT count(*) FROM baro_run()" >/dev/null; sql "CALL baro_transform()" >/dev/null; sql "SELECT count(*) FROM baro_test('none_is_large')" >/dev/null
super "ANALYZE tap.good; ANALYZE tap.secret; ANALYZE tap.typed" >/dev/null
page
is "warned tests are told as points to look at" "$(get '$.state.code')|$(get '$.state.failures')|$(get '$.state.warnings')" "1|0|1"
like "and not as well" "$(get '$.state.sentence')" "^\"Published figures go to $(LC_ALL=C date -d "$past" '+%-d %B %Y'); 1 thing is to be looked at\.\"$"
sed -i "s/values: \[7\]/values: [1]/" "$project/models/schema.yml"; sql "SELECT count(*) FROM baro_test()" >/dev/null
page
is "all is well, as far as models go, and not as far as they plan" "$(get '$.state')" "{\"code\": 0, \"late\": 0, \"failures\": 0, \"sentence\": \"All is well: published figures go to $(LC_ALL=C date -d "$past" '+%-d %B %Y').\", \"warnings\": 0, \"published_to\": \"$past\"}"
is "what it is" "$(get '$.format')|$(get '$.lang')|$(get '$.audience')|$(flat '$.project.name')|$(flat '$.project.timezone')" '1|"en"|{"role": "meltano", "sees": "all", "samples": false}|page|Europe/Paris'
like "times are ISO 8601, in UTC" "$(get '$.made_at')" '^"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00"$'

# Nodes
is "every node, each kind" "$(flat '$.nodes[*].id')" "model.daily model.passing model.people model.top seed.codes snapshot.then source.crm.people stream.tap.good stream.tap.secret stream.tap.typed"
is "a model" "$(get "$(node model.daily).materialized")|$(get "$(node model.daily).tags")|$(get "$(node model.daily).definition")|$(get "$(node model.daily).rows")|$(get "$(node model.daily).status")|$(get "$(node model.daily).written")|$(get "$(node model.daily).compiled")" \
    '"table"|["daily"]|"models/daily.sql"|4|"succeeded"|"select WRITTEN"|"select COMPILED"'
is "its columns, and the days it covers" "$(get "$(node model.daily).columns[0]")|$(get "$(node model.daily).period.column")" \
    "{\"to\": \"$past\", \"from\": \"$(date -u -d '6 days ago' +%F)\", \"name\": \"day\", \"type\": \"date\", \"distinct\": 4, \"description\": \"The day\"}|\"day\""
is "what a load did" "$(get "$(node stream.tap.good).last.inserted")|$(get "$(node stream.tap.good).last.records")|$(get "$(node stream.tap.good).files.last[0].path")|$(get "$(node stream.tap.good).files.last[0].state")|$(get "$(node stream.tap.good).definition")" \
    '4|4|"good/1.csv"|"loaded"|"barometre.yml:9"'
is "keys" "$(flat "$(node stream.tap.good).columns[*] ? (@.key == true).name")" id
is "rows by day" "$(flat "$(node stream.tap.good).rows_by_day.from")|$(get "$(node stream.tap.good).rows_by_day.rows")" "$(TZ=Europe/Paris date +%F)|[4]"
is "a query from a row to its file and line runs" "$(super "$(flat "$(node stream.tap.good).lookup")" | head -n 1 | cut -d'|' -f1,2)" "good/1.csv|2"
is "hashed columns have no statistics" "$(get "$(node stream.tap.secret).columns[*] ? (@.hashed == true)")" '{"name": "hash", "type": "text", "hashed": true}'
is "an ephemeral model has no relation" "$(get "$(node model.passing).exists")|$(get "$(node source.crm.people).columns[0].description")" 'false|"What they are called"'
is "edges say who reads whom" "$(super "SELECT string_agg(data #>> ARRAY['nodes', e ->> 0, 'id'] || ' > ' || (data #>> ARRAY['nodes', e ->> 1, 'id']), ', ' ORDER BY e) FROM public.page, jsonb_array_elements(data -> 'edges') AS e")" \
    "model.daily > model.top, model.passing > model.people, source.crm.people > model.people, stream.tap.good > model.daily, stream.tap.good > snapshot.then, stream.tap.secret > model.passing"
is "sizes are those of table, indexes and all" "$(super "SELECT (SELECT v::bigint FROM jsonb_path_query(data, '$(node model.daily).bytes') AS v) = pg_total_relation_size('analytics.daily') FROM public.page")" t

# Tests
is "tests with their column, result, and day" "$(super "SELECT string_agg(concat_ws(' ', t ->> 'target', t ->> 'name', data #>> ARRAY['nodes', t ->> 'node', 'id'], t ->> 'column', t ->> 'status', t #>> '{history,days}', t #>> '{history,from}' = '$(TZ=Europe/Paris date +%F)'), E'\n') FROM public.page, jsonb_array_elements(data -> 'tests') AS t")" \
"daily.day not_null model.daily day pass p t
daily.day unique model.daily day pass p t
daily.v accepted_values model.daily v pass p t
none_is_large singular pass p t
people.hash unique model.people hash pass p t
top.n accepted_values model.top n pass w t"
is "their SQL" "$(get '$.tests[*].sql')" '"select TESTED"'

# Jobs
is "jobs: each state, steps without values" "$(flat '$.jobs[*].name')|$(flat '$.jobs[*].state')|$(get '$.jobs[1].steps')|$(flat '$.jobs[*].next')" 'by_hand nightly off|by hand not scheduled disabled|["run tap", "transform *", "sql"]|'
super "UPDATE barometre_internal.job SET scheduled_since = now() - interval '3 days' WHERE name = 'nightly'" >/dev/null
page
is "when one is due next the page is old" "$(get '$.jobs[1].next')" "$(get '$.valid_until')"
is "that is at midnight in Paris" "$(super "SELECT ((data ->> 'valid_until')::timestamptz AT TIME ZONE 'Europe/Paris')::time, (data ->> 'valid_until')::timestamptz > now() FROM public.page")" "00:00:00|t"
like "a job that did not run when it was due is a failure" "$(get '$.jobs[1].missed')|$(get '$.failures[*].what')|$(get '$.state.sentence')" '^"20.*"\|"job nightly"\|"Published figures go to .*; 1 run failed or did not start, on [A-Z][a-z]+day [0-9]+ [A-Z][a-z]+ at 00:00\."$'
super "UPDATE barometre_internal.job SET scheduled_since = now() WHERE name = 'nightly'" >/dev/null

# Runs: what found nothing to do is counted
sql "CALL baro_transform()" >/dev/null
page
is "a run that found little to do" "$(get '$.runs[0].unchanged')|$(flat '$.runs[0].steps[*].name')|$(get "$(node model.daily).status")|$(super "SELECT count(*) FROM public.page, jsonb_path_query(data, '$(node model.daily).history[*]')")" '3|people|"unchanged"|1'
is "runs, the last first" "$(flat '$.runs[*].kind')" "transform test test transform run seed"
is "of older ones sums are kept" "$(super "INSERT INTO barometre.run (kind, name, role, started_at, finished_at, status) SELECT 'run', 'old', 'meltano', now() - interval '40 days', now() - interval '40 days' + interval '2 seconds', CASE n WHEN 1 THEN 'failed' ELSE 'succeeded' END FROM generate_series(1, 3) AS n;
    INSERT INTO barometre.run (kind, name, role, started_at, finished_at, status) VALUES ('run', 'old', 'meltano', now() - interval '100 days', now() - interval '100 days', 'succeeded');
    INSERT INTO barometre.run (kind, name, role, started_at, finished_at, status) SELECT 'run', 'late', 'meltano', now(), now(), 'succeeded' FROM generate_series(1, 30)" >/dev/null; page; get '$.days[*] ? (@.name == "old")')" \
    "{\"day\": \"$(TZ=Europe/Paris date -d '40 days ago' +%F)\", \"kind\": \"run\", \"name\": \"old\", \"runs\": 3, \"failed\": 1, \"seconds\": 6}"
super "DELETE FROM barometre.run WHERE name IN ('old', 'late')" >/dev/null

# Server
super "CREATE TABLE analytics.left_behind (id int); CREATE VIEW analytics.left_view AS SELECT 1 AS one; CREATE TABLE analytics._baro_1_1 (id int)" >/dev/null
cron="'{\"database\": \"d\", \"entries\": [{\"job\": \"barometre nightly\", \"schedule\": \"0 0 * * *\", \"active\": true, \"last\": {\"status\": \"failed\", \"message\": \"DURAND8\"}}]}'" page
is "what no node owns" "$(super "SELECT string_agg(concat_ws(' ', u ->> 'schema', u ->> 'name', u ->> 'kind'), ', ') FROM public.page, jsonb_path_query(data, '\$.server.unowned[*]') AS u")" "analytics left_behind table, analytics left_view view"
is "sizes by schema, with our own" "$(super "SELECT string_agg(s, ' ' ORDER BY s) FROM public.page, jsonb_path_query(data, '\$.server.schemas[*].name') AS v, LATERAL (SELECT v #>> '{}') AS n (s)")" "analytics barometre barometre_internal tap"
is "pg_cron's entries, without what they said" "$(get '$.server.cron')" '{"entries": [{"job": "barometre nightly", "last": {"status": "failed"}, "active": true, "schedule": "0 0 * * *"}], "database": "d"}'
super "DROP TABLE analytics.left_behind, analytics._baro_1_1; DROP VIEW analytics.left_view" >/dev/null

# A bad night
printf 'n\n3\nDURAND9\n' >"$BARO_DATA/typed/2.csv"; sql "SELECT count(*) FROM baro_run('tap.typed')" >/dev/null
printf '%s\n' n DURAND10 DURAND10 DURAND10 DURAND10 DURAND10 DURAND10 >"$BARO_DATA/typed/3.csv"; sql "SELECT count(*) FROM baro_run('tap.typed', on_failure => 'skip')" >/dev/null
printf 'id,day,plan,v\n9,%s,%s,DURAND11\n' "$past" "$far" >"$BARO_DATA/good/2.csv"; sql "SELECT count(*) FROM baro_run('tap.good')" >/dev/null
sql "CALL baro_transform('daily')" >/dev/null
echo "select 'DURAND13'::int as n" >"$project/models/broken.sql"; sql "CALL baro_transform('broken')" >/dev/null
sql "CREATE TABLE crm.twice AS SELECT 'DURAND12' AS v FROM generate_series(1, 2)" >/dev/null
config ', freshness: {column: day, warn_after: 1 day}'; sql "SELECT count(*) FROM baro_run('tap.good', full_refresh => true)" >/dev/null
super "INSERT INTO barometre_internal.problem (kind, name, file, line, message) VALUES ('model', 'daily', 'models/daily.sql', 1, 'as if it could not be read')" >/dev/null
page
is "failures, with their nodes" "$(super "SELECT string_agg(concat_ws(' | ', f ->> 'severity', f ->> 'place', data #>> ARRAY['nodes', f ->> 'node', 'id']), E'\n' ORDER BY f ->> 'severity', f ->> 'place') FROM public.page, jsonb_array_elements(data -> 'failures') AS f")" \
"error | file typed/3.csv of stream tap.typed | stream.tap.typed
error | model broken | model.broken
error | test daily.v accepted_values | model.daily
warning | file typed/2.csv of stream tap.typed | stream.tap.typed
warning | stream tap.good | stream.tap.good"
like "the sentence has them all" "$(get '$.state.sentence')" '^"Published figures go to .*; 1 load failed, 1 table could not be renewed, 1 check of the data failed, the last one on [A-Z][a-z]+day .* at [0-9:]+; 1 table is older than promised, since [A-Z][a-z]+day [0-9]+ [A-Z][a-z]+; 2 things are to be looked at\."$'
is "late since a day after the newest" "$(get '$.state.late')|$(get '$.state.late_since')|$(get "$(node stream.tap.good).freshness.status")" "1|\"$(TZ=Europe/Paris date -d "$(date -u -d "$past +1 day" +%F) 00:00 UTC" +%F)\"|\"late\""
is "what is left out is a file" "$(get "$(node stream.tap.typed).files.last[*] ? (@.state == \"left out\").path")|$(get "$(node stream.tap.typed).rejects[0].records")|$(get "$(node stream.tap.typed).rejects[0].file")|$(get "$(node stream.tap.typed).rejects[0].line")|$(get "$(node stream.tap.typed).files.rejected")" '"typed/3.csv"|7|"typed/3.csv"|7|1'
is "problems, with their nodes" "$(super "SELECT data #>> ARRAY['nodes', p ->> 'node', 'id'] FROM public.page, jsonb_array_elements(data -> 'problems') AS p")" model.daily
is "since when a model is not well" "$(super "SELECT (SELECT v #>> '{}' FROM jsonb_path_query(data, '$(node model.broken).last.at') AS v) = to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"') FROM public.page, barometre.run ORDER BY id DESC OFFSET 1 LIMIT 1")" t
super "INSERT INTO barometre.run (id, kind, name, role, started_at, finished_at, status) SELECT -n, 'test', '*', 'meltano', now() - n * interval '1 day', now() - n * interval '1 day', 'succeeded' FROM generate_series(2, 100) AS n;
       INSERT INTO barometre.test_result (run, target, test, severity, status, tested_at)
       SELECT -n, 'daily.v', 'accepted_values', 'error', CASE n WHEN 5 THEN 'warn' WHEN 2 THEN 'fail' ELSE 'pass' END, now() - n * interval '1 day' FROM unnest('{100,5,4,2}'::int[]) AS n
       UNION ALL SELECT -5, 'daily.v', 'accepted_values', 'error', 'pass', now() - interval '5 days'
       UNION ALL SELECT -n, 'none_is_large', 'singular', 'error', 'pass', now() - n * interval '1 day' FROM unnest('{100,89,4}'::int[]) AS n" >/dev/null
page
is "a letter a day, the worst of each; since when it is so" "$(get '$.tests[*] ? (@.target == "daily.v").history.days')|$(get '$.tests[*] ? (@.target == "daily.v").status')|$(super "SELECT (v #>> '{}')::timestamptz = (SELECT date_trunc('second', min(tested_at)) FROM barometre.test_result WHERE target = 'daily.v' AND status = 'fail' AND tested_at > (
    SELECT max(tested_at) FROM barometre.test_result WHERE target = 'daily.v' AND status = 'pass')) FROM public.page, jsonb_path_query(data, '\$.tests[*] ? (@.target == \"daily.v\").at') AS v")" '"wp-f-f"|"fail"|t'
is "of one that always passed too, of ninety days" "$(get '$.tests[*] ? (@.target == "none_is_large").history.from')|$(flat '$.tests[*] ? (@.target == "none_is_large").history.days' | sed -E 's/-{84}/ /')|$(flat '$.tests[*] ? (@.target == "none_is_large").since' | cut -c1-10)" "\"$(TZ=Europe/Paris date -d '89 days ago' +%F)\"|p p---p|$(date -u -d '100 days ago' +%F)"
super "DELETE FROM barometre.test_result WHERE run < 0; DELETE FROM barometre.run WHERE id < 0" >/dev/null
page fr
like "a bad night in French" "$(get '$.state.sentence')" '^"Les chiffres publiés vont jusqu.au [0-9]+(er)? [a-zéû]+ 20[0-9]{2} ; 1 chargement a échoué, 1 table n.a pas pu être mise à jour, 1 contrôle des données a échoué, la dernière fois le ([a-z]+di|dimanche) '

# Values
super "INSERT INTO barometre_internal.left_out (tap, stream, path, inode, run, since, sqlstate, message, is_there) VALUES ('tap', 'good', 'good/0.csv', 1, 1, now(), '22P02', 'no number: DURAND14', true);
       UPDATE barometre.test_result SET message = 'DURAND15' WHERE target = 'daily.day'" >/dev/null
secrets() { super "SELECT string_agg(DISTINCT m[1], ' ' ORDER BY m[1]) FROM public.page, regexp_matches(data::text, 'DURAND[0-9]+', 'g') AS m"; }
hidden=$(super "SELECT md5(n) FROM unnest('{DURAND2,DURAND3}'::text[]) AS n" | head -n 1)
page en meltano false; is "no value without samples" "$(secrets)" ""
page en page_watch true; is "nor for an observer, asked for or not" "$(secrets)|$(get '$.audience')" '|{"role": "page_watch", "sees": "names", "samples": false}'
is "who sees failures and runs" "$(super "SELECT jsonb_array_length(data -> 'failures') > 3, jsonb_array_length(data -> 'runs') > 3, data -> 'server' IS NOT NULL FROM public.page")" "t|t|t"
cron="'{\"entries\": [{\"job\": \"barometre nightly\", \"last\": {\"message\": \"DURAND8\"}}]}'" page en meltano true
is "with them, what was asked for: steps, tests, messages, rejects, samples" "$(secrets)" "DURAND1 DURAND10 DURAND11 DURAND13 DURAND14 DURAND15 DURAND5 DURAND6 DURAND8 DURAND9"
is "a test's arguments with its where, and its failing rows" "$(get '$.tests[*] ? (@.target == "daily.v").arguments.where')|$(get '$.tests[*] ? (@.target == "daily.v").sample')" "\"v <> 'DURAND6'\"|[{\"v\": \"DURAND11\", \"times\": 1}]"
super "UPDATE barometre.test_result SET status = 'fail', sample = '[{\"unique_field\": \"$hidden\", \"n_records\": 2}]' WHERE target = 'people.hash'; UPDATE barometre.test_result SET sample = '[{\"hash\": \"$hidden\", \"value_field\": \"x\", \"empty\": null}]' WHERE target = 'daily.v'" >/dev/null
page en meltano true
is "a hashed column is in no sample, whatever took it over" "$(super "SELECT strpos(data::text, '$hidden') FROM public.page")|$(get '$.tests[*] ? (@.target == "daily.v").sample')|$(get '$.tests[*] ? (@.target == "people.hash").sample')" '0|[{"empty": null, "value_field": "x"}]|'

# Readers
super "GRANT SELECT ON analytics.top TO \"express-api\"" >/dev/null
page en express-api true
is "a reader sees relations of models, and no run, job, failure, file or server" "$(flat '$.nodes[*].id')|$(flat '$.tests[*].name')|$(get '$.failures')$(get '$.problems')$(get '$.jobs')$(get '$.runs')$(get '$.days')|$(get '$.server')|$(get '$.nodes[*].history')|$(get '$.nodes[*].files')|$(get '$.nodes[*].last.run')$(get '$.valid_until')" \
    "model.daily model.people model.top seed.codes snapshot.then|not_null unique accepted_values unique accepted_values|[][][][][]||||"
is "in edges too" "$(get '$.edges')" '[[0, 2]]'
is "no value" "$(secrets)" ""
like "a sentence about that" "$(get '$.state.sentence')" '^"Published figures go to '
page en express-api false express-api; is "asked for by itself it is the same" "$(flat '$.nodes[*].name')" "daily people top codes then"
super "REVOKE SELECT ON analytics.people FROM \"express-api\"" >/dev/null
page en express-api; is "what was taken from it is not there" "$(flat '$.nodes[*].name')" "daily top codes then"
super "GRANT USAGE ON SCHEMA analytics TO page_watch; GRANT SELECT ON analytics.codes TO page_watch" >/dev/null
page en express-api false page_watch; is "nor what the caller may not read" "$(flat '$.nodes[*].name')" codes
is "and then it is not said that all is well" "$(get '$.state.sentence')|$(get '$.state.code')|$(get '$.state.failures')" '"Something is wrong that this page does not show: who runs the database sees it."|1|0'
super "REVOKE USAGE ON SCHEMA analytics FROM page_watch" >/dev/null
page fr express-api false page_watch; is "nor what is in a schema that is closed to it" "$(flat '$.nodes[*].name')|$(get '$.state.sentence')" '|"Rien n'"'"'a encore été chargé ; quelque chose ne va pas que cette page ne montre pas : les administrateurs le voient."'

# Row security
super "ALTER TABLE analytics.daily ENABLE ROW LEVEL SECURITY" >/dev/null
page
is "a table with row security has no counts" "$(super "SELECT n ?| '{rows,bytes,rows_by_day,period,history}', n -> 'last' ?| '{records,inserted}', jsonb_path_exists(n, '\$.columns[*].nulls') FROM public.page, jsonb_path_query(data, '$(node model.daily)') AS n")" "f|f|f"

# Nobody is waited for
open_session keeper postgres
ask keeper "BEGIN; LOCK TABLE tap.good IN ACCESS EXCLUSIVE MODE" >/dev/null
is "a table that somebody has for himself is shown without its size" "$(super "SET statement_timeout = '5s'; SELECT n ? 'bytes', n ? 'rows' FROM (SELECT barometre_internal.page_data('en', false, 'meltano'::regrole, 'postgres'::regrole, NULL, NULL, NULL) AS data) AS p, jsonb_path_query(p.data, '$(node stream.tap.good)') AS n")" "f|t"
ask keeper "ROLLBACK" >/dev/null; close_session keeper
finish
