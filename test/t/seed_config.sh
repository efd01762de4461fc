#!/usr/bin/env bash
# Seeds as dbt configures them: a schema and a name of their own, grants, hooks, tags, and those that are disabled.
. "$(dirname "$0")/../lib.sh"
new_database
role=postgres sql "CREATE ROLE seed_reader" >/dev/null 2>&1
project_file() {
    use_project <<YML
version: 1
name: seeded
roles: {loader: meltano}
seeds:
  - {name: codes, schema: refs, delimiter: ';', enabled: ${1:-true}}
YML
}
project_file
m=$project/models s=$project/seeds
printf 'code;label\n1;one\n2;two\n' > "$s/codes.csv"
printf 'Id,Name\n1,a\n' > "$s/towns.csv"
properties() { printf 'seeds:\n  - name: towns\n    description: %s\n    config: {%s}\n    columns: [{name: id, tests: [unique]}]\n' "${2:-Towns.}" "$1" > "$s/seeds.yml"; }
properties "schema: geo, alias: town, +tags: [ref, daily], meta: {owner: us}, column_types: {NAME: varchar(9)}, quote_columns: true, full_refresh: false, docs: {show: false}, group: g, grants: {select: seed_reader}, pre-hook: [\"create table if not exists analytics.log (at text, what text)\", \"do 'begin raise notice ''hooked''; end'\"], post-hook: [\"insert into analytics.log select '{{ this }}', '{{ target.schema }}'\"]"
echo "select c.code, c.label, t.name from {{ ref('codes') }} c join geo.town t on t.id = c.code" > "$m/joined.sql"
transform() { notices "CALL baro_transform(${1:-})"; }
states() { sql "SELECT name || ' ' || state || coalesce(': ' || reason, '') FROM baro_ls('resource_type:seed')"; }
seeds() { sql "SELECT seed || ' ' || state || ' ' || rows FROM baro_seed()"; }
log() { sql "SELECT string_agg(at || ' ' || what, ', ') FROM analytics.log"; }

# --- where they are -----------------------------------------------------------------------------------------------------
is "nothing is loaded by a look" "$(states)" "codes new: it was never loaded
towns new: it was never loaded"
is "a dry run takes them where they will be, and runs no hook" "$(notices "SELECT state FROM baro_plan('+joined')" | grep -v NOTICE:..column | sort -u)" new
is "nor does it leave a schema" "$(sql "SELECT to_regclass('analytics.log') IS NULL AND to_regnamespace('geo') IS NULL")" t
like "both are loaded for the model that reads them, by name too" "$(transform)" 'transform: 1 models built'
is "each has its schema, and the other its name" "$(sql "SELECT label || ' ' || name FROM analytics.joined")" "one a"
is "a column type is found in any letter case" "$(sql "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'geo.town'::regclass AND attname = 'name'")" "character varying(9)"
is "its grants are given" "$(sql "SELECT has_table_privilege('seed_reader', 'geo.town', 'select') AND NOT has_table_privilege('seed_reader', 'refs.codes', 'select')")" t
is "hooks run before and after, and know the table" "$(log)" "geo.town analytics"
is "it is described there" "$(sql "SELECT obj_description('geo.town'::regclass)")" "Towns."
is "its tests read it" "$(sql "SELECT target || ' ' || status FROM baro_test('towns')")" "towns.id pass"
is "baro_show and baro_compile find it" "$(sql "SELECT content->>'name' FROM baro_show('towns')") $(sql "SELECT baro_compile('towns')" | sed -n 2p)" "a CREATE TABLE geo.town ("
is "selections ask for its tags and schema" "$(sql "SELECT string_agg(name, ' ') FROM baro_ls('tag:ref,config.schema:geo')")" towns
is "the registry has them" "$(role=postgres sql "SELECT name, schema, relation, tags, meta FROM barometre_internal.seed ORDER BY name")" 'codes|refs|codes|{}|{}
towns|geo|town|{ref,daily}|{"owner": "us"}'
is "all is current then" "$(states; seeds)" "codes current
towns current
codes unchanged 2
towns unchanged 1"
is "readers may be let into their schemas" "$(sed -i 's/{loader: meltano}/{loader: meltano, readers: [seed_reader]}/' "$project/barometre.yml"; role=postgres sql "SELECT object FROM baro_grant() WHERE role = 'seed_reader' AND privilege = 'SELECT' ORDER BY object")" "analytics.joined
geo.town
refs.codes"

# --- what changes -------------------------------------------------------------------------------------------------------
properties "schema: geo, alias: town, grants: {insert: seed_reader}" "All towns."
notices "CALL baro_transform('towns')" >/dev/null
is "hooks that are gone let it be loaded anew, without them" "$(log)" "geo.town analytics"
is "other grants and descriptions" "$(sql "SELECT obj_description('geo.town'::regclass) || ' ' || has_table_privilege('seed_reader', 'geo.town', 'insert')")" "All towns. true"
properties "schema: geo, alias: town" "Only towns."
is "they change without the file" "$(seeds)" "codes unchanged 2
towns unchanged 1"
is "all of them" "$(sql "SELECT obj_description('geo.town'::regclass) || ' ' || has_table_privilege('seed_reader', 'geo.town', 'insert')")" "Only towns. false"
properties "schema: geo, alias: town, grants: {select: public}" "Towns."
transform "'towns'" >/dev/null
is "by a transformation, too" "$(sql "SELECT obj_description('geo.town'::regclass) || ' ' || has_table_privilege('seed_reader', 'geo.town', 'select')")" "Towns. true"
properties "schema: geo, alias: places"
is "another alias is another table" "$(states)" "codes current
towns new: it was never loaded"
out=$(transform "'towns'")
like "which is made" "$out" 'seed towns: built, 1 rows'
like "and the old one stays, and is told" "$out" 'NOTICE:  table geo\.town stays'
like "with what to do" "$out" 'HINT:  If nobody needs it: DROP TABLE geo\.town;'
is "both are there" "$(sql "SELECT (SELECT count(*) FROM geo.town) + (SELECT count(*) FROM geo.places)")" 2
sql "CREATE TABLE geo.mine (id int, name varchar(9)); INSERT INTO geo.mine VALUES (7, 'x')" >/dev/null
properties "schema: geo, alias: mine, column_types: {id: int, name: varchar(9)}"
is "a table of somebody else's is not what was loaded" "$(states | tail -1)" "towns stale: its table was made anew by somebody else"
transform "'towns'" >/dev/null
is "it becomes what the file says" "$(sql "SELECT id || name FROM geo.mine")" "1a"
echo "{{ config(alias='moved') }} select 1 as one" > "$m/mover.sql"
transform "'mover'" >/dev/null
sed -i "s/'moved'/'gone'/" "$m/mover.sql"
like "models say the same" "$(transform "'mover'")" 'NOTICE:  table analytics\.moved stays'

# --- what is refused ----------------------------------------------------------------------------------------------------
properties "schema: refs, alias: codes"
like "two seeds can't be one table" "$(states)" 'seeds/seeds.yml:4: seed "towns" becomes refs.codes, as does seed "codes"'
properties "schema: pg_catalog"
like "nor be where no project may write" "$(states)" 'ERROR:  seeds/seeds.yml:4: seed "towns": schema "pg_catalog" is none that a project may write into'
properties "grants: {select: nobody_there}"
like "a role that is not there" "$(transform "'towns'")" 'ERROR:  seeds/seeds.yml:4: seed "towns": role "nobody_there" does not exist'
properties "pre_hook: 'select 1/0'"
like "an error of a hook has its place" "$(transform "'towns'")" 'ERROR:  pre_hook of seed "towns" \(seeds/seeds.yml:4\): division by zero'
properties "post_hook: 'drop table {{ this }}'"
like "a hook lets the table be" "$(transform "'towns'")" 'post_hook of seed "towns" \(seeds/seeds.yml:4\): it drops the seed.s own table'
properties "pre_hook: 'select * from baro_seed()'"
like "and loads no seeds with hooks" "$(transform "'towns'")" "a hook can't call baro_seed"
properties "shema: x"
like "an unknown key has a near one" "$(states)" 'Did you mean "schema"'
properties "schema: geo, alias: mine"
project_file false
like "who refers to a disabled seed is told" "$(transform)" 'model "joined" \(models/joined.sql, line 1\) refers to "codes", which is disabled'
is "and where" "$(role=postgres sql "SELECT detail FROM barometre_internal.problem")" "It is disabled in barometre.yml:5."
rm "$m/joined.sql"
is "else it is not there" "$(states)" "towns current"
like "by no name" "$(sql "SELECT * FROM baro_seed('{codes}')")" 'ERROR:  seed "codes" is disabled'
like "nowhere" "$(sql "SELECT baro_compile('codes')")" 'ERROR:  seed "codes" is disabled'
is "its table stays" "$(sql "SELECT count(*) FROM refs.codes")" 2
finish
