#!/usr/bin/env bash
# Streams, models and tests that are registered by SQL alone, beside those of the project's files.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
# The project of the test.
version: 1
name: registering
roles: {loader: meltano}   # who loads
stream_defaults: {delimiter: ";"}
YML
m=$project/models
transform() { notices "CALL baro_transform(${1:-})"; }
super() { role=postgres sql "$1"; }
listed() { sql "SELECT string_agg(name || ' ' || kind || coalesce(' ' || materialized, ''), ', ' ORDER BY name) FROM baro_ls()"; }
mkdir -p "$BARO_DATA/in"
printf 'id;day;n\n1;2024-01-01;5\n2;2024-01-02;-1\n' > "$BARO_DATA/in/a.csv"
echo "select 1 as one" > "$m/file.sql"

# From nothing to a tested view, in psql only.
is "a stream is registered" "$(sql "SELECT * FROM baro_register_stream('tap_x', 'things', '{\"path\": \"in\", \"pattern\": \".*\\\\.csv\", \"key_properties\": [\"id\"]}')")" "stream|tap_x.things|added"
is "and loaded, with the project's stream_defaults" "$(sql "SELECT stream, records FROM baro_run('tap_x')")" "things|2"
by_day="SELECT * FROM baro_register_model('by_day', \$\$select day, sum(n) as n from {{ source('tap_x', 'things') }} group by 1\$\$, '{\"materialized\": \"view\", \"columns\": [{\"name\": \"day\", \"tests\": [\"unique\"]}], \"description\": \"A day.\", \"tags\": [\"daily\"]}')"
is "a model is registered" "$(sql "$by_day")" "model|by_day|added"
is "the same again changes nothing" "$(sql "$by_day")" "model|by_day|unchanged"
no_negative="SELECT * FROM baro_register_test('no_negative', \$\$select * from {{ ref('by_day') }} where n < 0\$\$, '{\"severity\": \"warn\"}')"
is "a test is registered" "$(sql "$no_negative")" "test|no_negative|added"
is "baro_ls lists what is registered beside the files" "$(listed)" "by_day model view, file model table, tap_x.things stream table"
like "baro_transform builds it" "$(transform)" 'transform: 2 models built'
is "it is a view of the given query" "$(sql "SELECT day, n FROM analytics.by_day ORDER BY 1")" "2024-01-01|5
2024-01-02|-1"
is "with its description" "$(sql "SELECT obj_description('analytics.by_day'::regclass)")" "A day."
is "baro_test runs its tests" "$(sql "SELECT target, test, severity, status FROM baro_test() ORDER BY 1")" "by_day.day|unique|error|pass
no_negative|singular|warn|warn"
is "selections know it" "$(sql "SELECT name FROM baro_ls('tap_x.things+,tag:daily')")" by_day
like "baro_compile shows it" "$(sql "SELECT baro_compile('by_day')")" 'from tap_x.things'
is "the registry has it" "$(sql "SELECT file FROM barometre_internal.model WHERE name = 'by_day'")" 'model "by_day" (registered)'
is "a model of a file may read it" "$(echo "select * from {{ ref('by_day') }}" > "$m/reader.sql"; transform "'reader'" >/dev/null; sql "SELECT count(*) FROM analytics.reader")" 2
is "registering it anew replaces it" "$(sql "SELECT * FROM baro_register_model('by_day', \$\$select day, count(*) as n from {{ source('tap_x', 'things') }} group by 1\$\$, '{\"materialized\": \"view\", \"columns\": [{\"name\": \"day\", \"tests\": [\"unique\"]}], \"description\": \"A day.\", \"tags\": [\"daily\"]}')")" "model|by_day|changed"
is "which makes it stale" "$(sql "SELECT state FROM baro_ls('by_day')")" stale
is "options may be left out, or NULL" "$(sql "SELECT change FROM baro_register_model('two', 'select 2 as two'); SELECT change FROM baro_register_model('two', 'select 2 as two', NULL)")" "added
unchanged"

# What would break the project is refused, as it is of a file.
model() { sql "SELECT change FROM baro_register_model('$1', \$\$$2\$\$, '${3:-{\}}')"; }
count="SELECT count(*) FROM barometre_internal.registered"
have=$(sql "$count")
like "an unknown ref" "$(model bad "select 1
from {{ ref('by_dya') }}")" 'model "bad" \(registered, line 2\) refers to "by_dya".*'
like "with the near name" "$(model bad "select 1 from {{ ref('by_dya') }}")" 'Did you mean "by_day"'
like "an unknown key" "$(model bad "select 1" '{"materialised": "view"}')" 'model "bad" \(registered\): unknown key "materialised" in model "bad"'
like "a circle through a file" "$(model by_day "select * from {{ ref('reader') }}")" 'circle: by_day -> reader -> by_day'
like "a circle by names in SQL" "$(model by_day "select * from analytics.reader")" 'circle: by_day -> reader -> by_day'
like "the name of a file" "$(model file "select 1")" 'the name "file" is taken'
like "which is said" "$(model file "select 1")" 'DETAIL:  It is that of models/file.sql.'
like "the name of another kind" "$(sql "SELECT baro_register_test('by_day', 'select 1')")" 'test "by_day" \(registered\): the name "by_day" is taken'
like "a stream without a path" "$(sql "SELECT baro_register_stream('tap_y', 's')")" 'stream "tap_y.s" \(registered\): stream "s" lacks the key "path"'
like "options that are no object" "$(model bad "select 1" '[]')" 'the options must be a JSON object'
like "no query" "$(sql "SELECT baro_register_model('bad', NULL)")" 'baro_register_model wants no NULL'
like "a read-only transaction" "$(sql "BEGIN READ ONLY; SELECT baro_register_model('ro', 'select 1')")" 'cannot execute baro_register_model\(\) in a read-only transaction'
is "after which nothing is registered" "$(sql "$count")" "$have"
is "and the project is as it was" "$(sql "SELECT count(*) FROM baro_ls()")" 5
sql "BEGIN; SELECT baro_register_model('lost', 'select 1'); ROLLBACK" >/dev/null
is "a rollback leaves nothing" "$(sql "$count"; sql "SELECT name FROM barometre_internal.model WHERE name = 'lost'")" "$have"
model broken "select
  nope" >/dev/null
like "an error of the server names the line" "$(transform "'broken'")" 'model "broken" \(registered, line 2\): column "nope" does not exist'
sql "SELECT baro_unregister('model', 'broken')" >/dev/null

# Two at once: the second one sees the first.
open_session other meltano
ask other "BEGIN; SELECT baro_register_model('first', 'select 1 as a')" >/dev/null
model second "select * from {{ ref('first') }}" > "$BARO_DATA/second" & second=$!
soon "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$db' AND wait_event_type = 'Lock'"; waited=$?
ask other "COMMIT"; wait $second
is "of two sessions the second waits, and may refer to what the first registered" "$waited $(cat "$BARO_DATA/second")" "0 added"
is "both are there" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM baro_ls('first second')")" "first second"

# Unregistering.
like "what others refer to stays, and they are named" "$(sql "SELECT baro_unregister('model', 'by_day')")" "can't unregister model \"by_day\": others refer to it"
like "all of them" "$(sql "SELECT baro_unregister('model', 'by_day')")" 'They are test "no_negative" \(registered\), model "reader" \(models/reader.sql\)|They are model "reader" \(models/reader.sql\), test "no_negative" \(registered\)'
like "a stream, too" "$(sql "SELECT baro_unregister('stream', 'tap_x.things')")" 'They are model "by_day" \(registered\)'
model related "select day from {{ ref('first') }} cross join {{ ref('two') }} cross join (select 1 as day) d" '{"columns": [{"name": "day", "tests": [{"relationships": {"to": "ref('"''file''"')", "field": "one"}}]}]}' >/dev/null
model pointed "select 1 as one" >/dev/null
model related "select 1 as day" '{"columns": [{"name": "day", "tests": [{"relationships": {"to": "ref('"''pointed''"')", "field": "one"}}]}]}' >/dev/null
like "a test that points to it counts" "$(sql "SELECT baro_unregister('model', 'pointed')")" 'They are test "relationships" of model "related", column "day" \(model "related" \(registered\)\)'
mkdir -p "$project/snapshots"
echo "snapshots: [{name: kept, relation: ref('pointed'), config: {strategy: check, check_cols: all, unique_key: one}}]" > "$project/snapshots/kept.yml"
like "a snapshot is called one" "$(sql "SELECT baro_unregister('model', 'pointed')")" 'They are snapshot "kept" \(snapshots/kept.yml:1\), test "relationships"'
rm -r "$project/snapshots"
like "a model that a file describes" "$(echo "models: [{name: two, description: x}]" > "$m/two.yml"; sql "SELECT baro_unregister('model', 'two')")" 'entry "two" is ignored'
rm "$m/two.yml"
like "an unknown name has a hint" "$(sql "SELECT baro_unregister('model', 'by_dax')")" 'no model "by_dax" is registered.*'
like "an unknown kind, too" "$(sql "SELECT baro_unregister('seed', 'by_day')")" 'Valid values are stream, model and test'
rm "$m/reader.sql"
sql "SELECT baro_unregister('test', 'no_negative')" >/dev/null
like "a model is forgotten, its view stays" "$(notices "SELECT * FROM baro_unregister('model', 'by_day')")" 'NOTICE:  view analytics.by_day stays'
is "it is in the project no more" "$(sql "SELECT name FROM baro_ls() WHERE name = 'by_day'")" ""
is "its view gives what it gave" "$(sql "SELECT count(*) FROM analytics.by_day")" 2
like "a stream is forgotten, its table stays" "$(notices "SELECT * FROM baro_unregister('stream', 'tap_x.things')")" 'HINT:  If nobody needs it: DROP TABLE tap_x.things;'
for name in second first related pointed two; do sql "SELECT baro_unregister('model', '$name')" >/dev/null; done
is "all is forgotten" "$(sql "$count")$(sql "SELECT count(*) FROM barometre_internal.registered_by")" 00

# A name that a file takes later.
things="SELECT change FROM baro_register_stream('tap_x', 'things', '{\"path\": \"in\", \"pattern\": \".*\\\\.csv\", \"key_properties\": [\"id\"]}')"
sql "$things" >/dev/null
is "a stream that comes again goes on where it was" "$(sql "SELECT read FROM baro_run('tap_x')")" 0
model late "select 1 as a" >/dev/null
echo "select 2 as a" > "$m/late.sql"
like "then every call says so" "$(sql "SELECT baro_ls()")" 'model "late" \(registered\): the name "late" is taken'
like "names the file" "$(sql "SELECT detail FROM barometre_internal.problem")" 'models/late.sql'
like "and what to do" "$(sql "SELECT hint FROM barometre_internal.problem")" "SELECT \* FROM baro_unregister\('model', 'late'\);"
is "which does it" "$(sql "SELECT change FROM baro_unregister('model', 'late')")" removed
is "and the file counts" "$(sql "SELECT name FROM baro_ls('late')")" late
model one_more "select 1 as a" >/dev/null; model two_more "select 1 as a" >/dev/null
echo "select 2 as a" | tee "$m/one_more.sql" > "$m/two_more.sql"
super "REVOKE SELECT ON barometre_internal.registered FROM meltano" >/dev/null
like "of two, one after the other" "$(notices "SELECT * FROM baro_unregister('model', 'one_more')")" 'WARNING:  1 thing of the project can.t be used: model "two_more"'
super "GRANT SELECT ON barometre_internal.registered TO meltano" >/dev/null
is "until all is well" "$(sql "SELECT change FROM baro_unregister('model', 'two_more')")$(sql "SELECT count(*) FROM baro_ls('late one_more two_more')")" removed3
rm "$m"/{late,one_more,two_more}.sql

# Whose it is.
psql -X -q -d postgres -U postgres -c "CREATE ROLE register_alice LOGIN IN ROLE meltano" -c "CREATE ROLE register_bob LOGIN IN ROLE meltano" >/dev/null 2>&1
role=register_alice model hers "select 1 as a" >/dev/null
is "it belongs to who registered it" "$(sql "SELECT owner FROM barometre_internal.registered_by WHERE name = 'hers'")" register_alice
like "another may not replace it" "$(role=register_bob model hers "select 2 as a")" 'permission denied for model "hers" \(registered\)'
like "nor forget it" "$(role=register_bob sql "SELECT baro_unregister('model', 'hers')")" 'It was registered by role "register_alice"'
is "it runs as the project's owner" "$(role=register_bob transform "'hers'" >/dev/null; sql "SELECT tableowner FROM pg_tables WHERE tablename = 'hers'")" meltano
super "ALTER ROLE register_alice RENAME TO register_alicia" >/dev/null
is "a renamed role has it still" "$(role=register_alicia model hers "select 3 as a")" changed
is "the project's owner may replace it" "$(model hers "select 4 as a")" changed
is "which does not make it his" "$(sql "SELECT owner FROM barometre_internal.registered_by WHERE name = 'hers'")" register_alicia
super "DROP ROLE register_alicia" >/dev/null
is "a role that is gone has no say" "$(sql "SELECT name FROM baro_ls('hers')") $(role=register_bob model hers "select 5 as a")" "hers changed"
is "and it is somebody's again" "$(sql "SELECT owner FROM barometre_internal.registered_by WHERE name = 'hers'")" register_bob
super "CREATE ROLE register_carl LOGIN" >/dev/null 2>&1
like "who may not call may not register" "$(role=register_carl sql "SELECT baro_register_model('x', 'select 1')")" 'permission denied for function baro_register_model'
super "GRANT EXECUTE ON FUNCTION baro_register_model TO register_carl" >/dev/null
like "nor who does not have the project" "$(role=register_carl sql "SELECT baro_register_model('x', 'select 1')")" 'permission denied for the project of this database'
super "DROP OWNED BY register_carl; DROP ROLE register_carl" >/dev/null
sql "$by_day" >/dev/null; sql "$no_negative" >/dev/null
like "the registry's table is the extension's alone" "$(sql "DELETE FROM barometre_internal.registered")" 'permission denied'

# A dump has it; a role that is missing where it is restored does no harm.
pg_dump -U postgres -d "$db" -Fc -f "$BARO_DATA/dump" 2>/dev/null
super "REASSIGN OWNED BY register_bob TO meltano; DROP OWNED BY register_bob; DROP ROLE register_bob" >/dev/null
origin=$db restored=${db}_restored
restore() {
    psql -X -q -U postgres -d postgres -c "DROP DATABASE IF EXISTS $restored" -c "CREATE DATABASE $restored OWNER meltano TEMPLATE template0" \
        -c "ALTER DATABASE $restored SET barometre.data_directory = '$BARO_DATA'" -c "ALTER DATABASE $restored SET barometre.project_directory = '$project'" >/dev/null 2>&1
    pg_restore -U postgres -d "$restored" "$BARO_DATA/dump" >/dev/null 2>&1
    db=$restored
}
here=$(listed)
restore
is "after a restore all is registered, though a role is missing" "$(listed)" "$here"
is "and can be replaced" "$(model hers "select 6 as a")" changed
like "and built" "$(transform)" 'models? built'
is "the stream goes on where it was" "$(sql "SELECT read FROM baro_run('tap_x')")" 0
db=$origin
pg_dump -U postgres -d "$db" -Fc -f "$BARO_DATA/dump" 2>/dev/null
restore
is "with all roles it is whose it was" "$(sql "SELECT string_agg(DISTINCT owner::text, ' ') FROM barometre_internal.registered_by WHERE name = 'by_day'")" meltano
db=$origin

# Export: the same project from files.
transform >/dev/null
sql "SELECT baro_register_test('quoted', \$\$select 'it''s' as t where false\$\$)" >/dev/null
is "the export are files of the project" "$(sql "SELECT string_agg(path, ' ' ORDER BY path) FROM baro_export()")" "barometre.yml models/by_day.sql models/by_day.yml models/hers.sql tests/no_negative.sql tests/quoted.sql"
like "of which barometre.yml keeps its comments" "$(sql "SELECT content FROM baro_export() WHERE path = 'barometre.yml'")" 'roles: .loader: meltano.   # who loads'
transform >/dev/null
here=$(sql "SELECT name, kind, materialized, state FROM baro_ls() ORDER BY 1")
tested=$(sql "SELECT target, test, severity, status FROM baro_test() ORDER BY 1, 2")
mkdir -p "$BARO_DATA/copy"; cp -r "$project" "$BARO_DATA/copy/"
for path in $(sql "SELECT path FROM baro_export()"); do
    mkdir -p "$(dirname "$BARO_DATA/copy/project/$path")"
    psql -X -q -At -d "$db" -U meltano -c "SELECT content FROM baro_export() WHERE path = '$path'" > "$BARO_DATA/copy/project/$path"
done
for thing in 'test no_negative' 'test quoted' 'model by_day' 'model hers' 'stream tap_x.things'; do
    sql "SELECT baro_unregister('${thing% *}', '${thing#* }')" >/dev/null
done
is "when nothing is registered any more" "$(sql "$count")" 0
super "ALTER DATABASE $db SET barometre.project_directory = '$BARO_DATA/copy/project'" >/dev/null
is "the files are the same project, in the same state" "$(sql "SELECT name, kind, materialized, state FROM baro_ls() ORDER BY 1")" "$here"
is "with the same tests" "$(sql "SELECT target, test, severity, status FROM baro_test() ORDER BY 1, 2")" "$tested"
is "and the same loads" "$(sql "SELECT stream, read FROM baro_run('tap_x')")" "things|0"
like "a name of it can't be registered again" "$(sql "$things")" 'the stream in barometre.yml:'
finish
