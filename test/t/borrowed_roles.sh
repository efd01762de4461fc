#!/usr/bin/env bash
# Nobody borrows a role: neither the loader a superuser's, nor a stranger the loader's. Two of them are hostile: the loader
# itself, and borrowed_mallory, who may make schemas; once with PostgreSQL 15's public, once with one that is open to all.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
mallory() { role=borrowed_mallory sql "$1"; }
model() { sql "SELECT change FROM baro_register_model('$1', 'select 1 as x', '$2')"; }
super_calls() { PGOPTIONS='' psql -X -q -At -F ' ' -d "$db" -U postgres -c "$1" 2>&1; }
psql -X -q -U postgres -d postgres -c "CREATE ROLE borrowed_mallory LOGIN" -c "CREATE ROLE borrowed_boss" -c "CREATE ROLE borrowed_second LOGIN" \
    -c "CREATE ROLE borrowed_friend IN ROLE meltano" >/dev/null 2>&1
mkdir -p "$BARO_DATA/in"
printf 'k;v\n1;a\n2;b\n' > "$BARO_DATA/in/a.csv"
yml() { # NAME OF THE TAP, ROLES, MORE
    cat <<YML
version: 1
name: borrowed
roles: ${2-{loader: meltano, readers: [express-api]\}}
${3-}
taps:
  - name: $1
    streams:
      - {name: k, path: in, pattern: .*\\.csv, key_properties: [k]}
YML
}
write_yml() { yml "$@" > "$project/barometre.yml"; }
begin() { # GRANTED TO ALL
    new_database
    kept=()
    super "ALTER DATABASE $db OWNER TO postgres; GRANT CREATE ON DATABASE $db TO borrowed_mallory; $1" >/dev/null
    rm -rf "$project"
    yml tap_x | use_project
}

for public in "GRANT USAGE ON SCHEMA public TO PUBLIC" "GRANT ALL ON SCHEMA public TO PUBLIC"; do
    begin "$public"
    # What the loader names must not be opened to it, nor by it to readers.
    super "CREATE SCHEMA hr AUTHORIZATION borrowed_boss; CREATE TABLE hr.pay (amount int); CREATE SCHEMA lib; CREATE EXTENSION hstore SCHEMA lib" >/dev/null
    for schema in pg_catalog pg_toast pg_mine information_schema barometre barometre_internal cron hr lib; do
        like "a model can't be registered for schema $schema" "$(model x "{\"schema\": \"$schema\"}")" "model \"x\" \(registered\): schema \"$schema\" (is none that a project may write into|belongs to role)"
    done
    like "a stream neither" "$(sql "SELECT baro_register_stream('pg_x', 's', '{\"path\": \"in\", \"pattern\": \".*\"}')")" 'stream "pg_x.s" \(registered\): schema "pg_x" is none'
    like "nor by config() in its SQL" "$(sql "SELECT baro_register_model('x', '{{ config(schema=''hr'') }} select 1', '{}')")" 'schema "hr" belongs to role "borrowed_boss"'
    is "nothing is registered" "$(super "SELECT count(*) FROM barometre_internal.registered")" 0
    is "where it is left out it works" "$(model x '{}')" added
    super_calls "SELECT count(*) FROM baro_grant()" >/dev/null
    is "a schema of its own may be named" "$(model own '{"schema": "own"}')" added
    like "it is made for the loader" "$(super_calls "SELECT * FROM baro_grant()")" 'meltano OWNER SCHEMA own'

    # In files.
    write_yml pg_x
    like "a tap pg_x is refused with its line" "$(sql "SELECT baro_ls()")" 'barometre.yml:6: tap "pg_x": schema "pg_x" is none that a project may write into'
    for name in barometre barometre_internal cron; do
        write_yml $name
        like "so is a tap $name" "$(sql "SELECT baro_ls()")" "barometre.yml:6: tap \"$name\": schema \"$name\" is none"
    done
    write_yml hr
    like "and one that is another's schema" "$(sql "SELECT baro_ls()")" 'barometre.yml:6: tap "hr": schema "hr" belongs to role "borrowed_boss"'
    like "which a superuser may change" "$(sql "SELECT baro_ls()")" 'ALTER SCHEMA hr OWNER TO meltano;'
    write_yml tap_x '{loader: meltano, readers: [express-api]}' 'models: {+schema: pg_catalog}'
    like "the models' schema, too" "$(sql "SELECT baro_ls()")" 'barometre.yml:4: the project: schema "pg_catalog" is none'
    write_yml tap_x
    mkdir -p "$project/snapshots"
    printf '{%% snapshot snap %%}\n{{ config(target_schema="hr", strategy="check", check_cols="all", unique_key="x") }}\nselect 1 as x\n{%% endsnapshot %%}\n' > "$project/snapshots/snap.sql"
    like "and a snapshot's" "$(sql "SELECT baro_ls()")" 'snapshots/snap.sql:2: snapshot "snap": schema "hr" belongs'
    rm -r "$project/snapshots"
    echo '{{ config(schema="hr", alias="pay") }} select 1 as x' > "$project/models/m1.sql"
    echo '{{ config(schema="information_schema") }} select 1 as x' > "$project/models/m2.sql"
    write_yml tap_x '{loader: pg_write_all_data, readers: [pg_monitor, public, nobody_here]}'
    all=$(super_calls "SELECT * FROM baro_grant()")
    like "baro_grant says all at once: the loader" "$all" 'role "pg_write_all_data" can.t be the loader of a project'
    like "readers" "$all" 'role "pg_monitor" can.t be the reader'
    like "PUBLIC" "$all" 'role "public" can.t be the reader'
    like "a role that is not there" "$all" 'role "nobody_here" does not exist'
    like "and the schemas" "$all" 'models/m2.sql:1: model "m2": schema "information_schema" is none'
    write_yml tap_x '{loader: postgres}'
    like "a superuser can't be the loader" "$(super_calls "SELECT * FROM baro_grant()")" 'role "postgres" can.t be the loader of a project: it is, or may become, a superuser'
    write_yml tap_x
    like "refused when granted" "$(super_calls "SELECT * FROM baro_grant()")" 'models/m1.sql:1: model "m1": schema "hr" belongs to role "borrowed_boss"'
    rm "$project"/models/m[12].sql

    # What an older version let in is told, and opens nothing.
    super "INSERT INTO barometre_internal.registered VALUES ('model', 'old', 'select 1 as x', '{\"schema\": \"pg_catalog\"}', now()),
        ('model', 'pay', 'select 1 as x', '{\"schema\": \"hr\"}', now()), ('stream', 'cron.s', NULL, '{\"path\": \"in\", \"pattern\": \".*\"}', now())" >/dev/null
    like "what stands is told" "$(notices "SELECT count(*) FROM baro_ls()")" 'WARNING:  model "old" \(registered\): schema "pg_catalog" is none'
    is "and the project loads" "$(sql "SELECT count(*) FROM baro_ls('x')" | tail -n 1)" 1
    is "and runs" "$(sql "SELECT records FROM baro_run('tap_x')" | tail -n 1)" 2
    super_calls "SELECT * FROM baro_grant()" >/dev/null
    is "the loader gets nothing in others' schemas" "$(super "SELECT string_agg(n, ' ') FROM unnest('{pg_catalog,information_schema,barometre,barometre_internal,hr,lib}'::text[]) n WHERE has_schema_privilege('meltano', n, 'CREATE')")" ""
    is "readers don't, either" "$(super "SELECT has_table_privilege('express-api', 'hr.pay', 'SELECT') OR has_schema_privilege('express-api', 'hr', 'USAGE') OR EXISTS (SELECT FROM pg_default_acl WHERE defaclnamespace IN ('hr'::regnamespace, 'pg_catalog'::regnamespace))")" f
    like "it is not built" "$(sql "CALL baro_transform('pay')")" 'schema "hr" belongs to role "borrowed_boss"'
    like "nor in the server's schema" "$(sql "CALL baro_transform('old')")" 'schema "pg_catalog" is none'
    like "a stream is not loaded there" "$(sql "SELECT baro_run('cron')")" 'schema "cron" is none that a project may write into'
    super "CREATE TABLE analytics.alien (x int); CREATE SCHEMA IF NOT EXISTS analytics" >/dev/null
    sql "CALL baro_transform('x')" >/dev/null
    super_calls "SELECT * FROM baro_grant()" >/dev/null
    is "readers read what is the project's alone" "$(super "SELECT has_table_privilege('express-api', 'analytics.x', 'SELECT'), has_table_privilege('express-api', 'analytics.alien', 'SELECT')")" "t|f"
    sql "CREATE TABLE analytics.by_hand (x int)" >/dev/null
    model later '{}' >/dev/null
    sql "CALL baro_transform('later')" >/dev/null
    is "of what is made later, too" "$(super "SELECT has_table_privilege('express-api', 'analytics.later', 'SELECT'), has_table_privilege('express-api', 'analytics.by_hand', 'SELECT')")" "t|f"
    sql "SELECT baro_unregister('model', 'old'); SELECT baro_unregister('model', 'pay')" >/dev/null
    is "what is told can be forgotten" "$(notices "SELECT baro_unregister('stream', 'cron.s')" >/dev/null; notices "SELECT count(*) FROM baro_ls('x')")" 1

    # Prepared by a stranger.
    mallory "CREATE SCHEMA trap; GRANT ALL ON SCHEMA trap TO PUBLIC" >/dev/null
    write_yml trap
    like "a schema that a stranger made" "$(sql "SELECT baro_run('trap')")" 'barometre.yml:6: tap "trap": schema "trap" belongs to role "borrowed_mallory"'
    write_yml tap_y
    sql "CREATE SCHEMA tap_y; GRANT ALL ON SCHEMA tap_y, analytics TO PUBLIC" >/dev/null
    evil="CREATE FUNCTION tap_y.evil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM set_config(''my.caught'', current_user, false); RETURN new; END';
        CREATE FUNCTION tap_y.evil_value(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM set_config(''my.caught'', current_user, false); RETURN \$1; END'"
    mallory "$evil; CREATE TABLE tap_y.k (k bigint PRIMARY KEY, v text, _baro_file integer, _baro_line bigint); GRANT ALL ON tap_y.k TO PUBLIC;
        CREATE TRIGGER t BEFORE INSERT ON tap_y.k FOR EACH ROW EXECUTE FUNCTION tap_y.evil()" >/dev/null
    refused=$(notices "SELECT baro_run('tap_y'); SELECT 'caught:' || current_setting('my.caught', true)")
    like "a table that a stranger made" "$refused" 'stream "tap_y.k": table tap_y.k belongs to role "borrowed_mallory"'
    like "with what to do" "$refused" 'ALTER TABLE tap_y.k OWNER TO meltano;'
    super "ALTER TABLE tap_y.k OWNER TO meltano" >/dev/null
    like "then its trigger is one" "$(sql "SELECT baro_run('tap_y')")" 'table tap_y.k has a trigger t that depends on role "borrowed_mallory"'
    like "with what to do, too" "$(sql "SELECT baro_run('tap_y')")" 'Remove it: DROP TRIGGER t ON tap_y.k;'
    sql "DROP TRIGGER t ON tap_y.k" >/dev/null
    is "then it is loaded" "$(sql "SELECT records FROM baro_run('tap_y')")" 2
    again() { printf 'k;v\n1;a\n2;%s\n' "$RANDOM" > "$BARO_DATA/in/a.csv"; sql "SELECT updated FROM baro_run('tap_y')"; }
    for what in "DEFAULT v:ALTER TABLE tap_y.k ALTER v SET DEFAULT tap_y.evil_value('x'):ALTER TABLE tap_y.k ALTER v DROP DEFAULT" \
        "CONSTRAINT c:ALTER TABLE tap_y.k ADD CONSTRAINT c CHECK (tap_y.evil_value(v) <> ''):ALTER TABLE tap_y.k DROP CONSTRAINT c" \
        "INDEX k_evil:CREATE INDEX k_evil ON tap_y.k (tap_y.evil_value(v)):DROP INDEX tap_y.k_evil" \
        "RULE r:CREATE RULE r AS ON UPDATE TO tap_y.k DO ALSO SELECT tap_y.evil_value('x'):DROP RULE r ON tap_y.k" \
        "POLICY p:CREATE POLICY p ON tap_y.k USING (tap_y.evil_value(v) <> ''):DROP POLICY p ON tap_y.k" \
        "TRIGGER w:CREATE TRIGGER w AFTER UPDATE ON tap_y.k FOR EACH ROW WHEN (tap_y.evil_value(new.v) <> '') EXECUTE FUNCTION public.fine():DROP TRIGGER w ON tap_y.k"; do
        IFS=: read -r name make undo <<<"$what"
        super "CREATE OR REPLACE FUNCTION public.fine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; $make" >/dev/null
        shown=$(again)
        like "a stranger's function in a ${name% *}" "$shown" "has a $(tr '[:upper:]' '[:lower:]' <<<"${name% *}") (of column )?${name#* } that depends on role \"borrowed_mallory\""
        super "$undo" >/dev/null
    done
    is "without all that it is loaded" "$(again)" 1
    sql "CREATE TABLE tap_y.child () INHERITS (tap_y.k)" >/dev/null
    super "ALTER TABLE tap_y.child OWNER TO borrowed_mallory" >/dev/null
    like "a stranger's child of the table" "$(again)" 'table tap_y.child belongs to role "borrowed_mallory"'
    super "DROP TABLE tap_y.child" >/dev/null
    mallory "CREATE DOMAIN tap_y.d AS text CHECK (tap_y.evil_value(value) <> '')" >/dev/null
    super "ALTER TABLE tap_y.k ADD more tap_y.d" >/dev/null
    like "a stranger's type" "$(again)" 'has a type of column more that depends on role "borrowed_mallory"'
    super "ALTER TABLE tap_y.k DROP more" >/dev/null
    sql "GRANT TRIGGER ON tap_y.k TO borrowed_mallory" >/dev/null
    mallory "CREATE TRIGGER t AFTER UPDATE ON tap_y.k FOR EACH ROW EXECUTE FUNCTION tap_y.evil()" >/dev/null
    like "a trigger by a grant" "$(again)" 'has a trigger t that depends on role "borrowed_mallory"'
    sql "DROP TRIGGER t ON tap_y.k" >/dev/null
    super "CREATE TRIGGER t AFTER UPDATE ON tap_y.k FOR EACH ROW EXECUTE FUNCTION public.fine()" >/dev/null
    is "a superuser's trigger may be there" "$(again)" 1
    super "DROP TRIGGER t ON tap_y.k; ALTER TABLE tap_y.k OWNER TO borrowed_friend; GRANT ALL ON tap_y.k TO meltano" >/dev/null
    is "a table may be that of a role with the loader's privileges" "$(again)" 1
    super "ALTER TABLE tap_y.k OWNER TO meltano" >/dev/null

    # Models, seeds and snapshots.
    mallory "CREATE TABLE analytics.mine (x int); CREATE VIEW analytics.seen AS SELECT 1 AS x" >/dev/null
    echo "select 1 as x" | tee "$project/models/mine.sql" > "$project/models/seen.sql"
    like "a table in a model's place" "$(sql "CALL baro_transform('mine')")" 'table analytics.mine belongs to role "borrowed_mallory"'
    like "a view there" "$(sql "CALL baro_transform('seen')")" 'view analytics.seen belongs to role "borrowed_mallory"'
    like "baro_plan says it" "$(sql "SELECT state, reason FROM baro_plan('mine')" | tr "\n" " ")" 'blocked.*belongs to role "borrowed_mallory"'
    echo "select count(*) as n from {{ ref('seen') }}" > "$project/models/reader.sql"
    printf 'models: [{name: seen, columns: [{name: x, tests: [unique]}]}]\n' > "$project/models/seen.yml"
    like "nothing reads that view" "$(sql "CALL baro_transform('reader')")" 'view analytics.seen belongs to role "borrowed_mallory"'
    is "no test does" "$(sql "SELECT status FROM baro_test('seen')")" error
    rm "$project"/models/{reader.sql,seen.yml}
    mallory "CREATE TABLE analytics.grown (x int)" >/dev/null
    printf 'x\n1\n' > "$project/seeds/grown.csv"
    like "a table in a seed's place" "$(sql "SELECT baro_seed()")" 'table analytics.grown belongs to role "borrowed_mallory"'
    rm "$project/seeds/grown.csv" "$project"/models/{mine,seen}.sql
    # The look and the write are under one lock.
    use_points
    echo "select '$public' as x, random() as r" > "$project/models/raced.sql"
    sql "CALL baro_transform('raced')" >/dev/null
    sql "GRANT TRIGGER ON analytics.raced TO borrowed_mallory" >/dev/null
    stop_at transform.audited
    sql "CALL baro_transform('raced', full_refresh => true)" > "$BARO_DATA/raced" 2>&1 & raced=$!
    at_point transform.audited
    mallory "CREATE TRIGGER t AFTER INSERT ON analytics.raced FOR EACH ROW EXECUTE FUNCTION tap_y.evil()" >/dev/null
    go_on transform.audited
    wait $raced
    like "a trigger that comes while a model is built" "$(cat "$BARO_DATA/raced")" 'table analytics.raced has a trigger t that depends on role'
    sql "DROP TRIGGER t ON analytics.raced" >/dev/null
    sql "GRANT TRIGGER ON tap_y.k TO borrowed_mallory" >/dev/null
    printf 'k;v\n1;a\n2;raced\n' > "$BARO_DATA/in/a.csv"
    stop_at load.merged
    sql "SELECT updated FROM baro_run('tap_y')" > "$BARO_DATA/raced" 2>&1 & raced=$!
    at_point load.merged
    like "after the look nobody gets a trigger in" "$(mallory "SET lock_timeout = '200ms'; CREATE TRIGGER t AFTER UPDATE ON tap_y.k FOR EACH ROW EXECUTE FUNCTION tap_y.evil()")" 'lock timeout'
    go_on load.merged
    wait $raced
    is "and it is loaded" "$(cat "$BARO_DATA/raced")" 1
    close_session points; unset 'input[points]'
done

# The project of the wrong role: first seen by a superuser.
new_database
kept=()
super "ALTER DATABASE $db OWNER TO postgres" >/dev/null
rm -rf "$project"; mkdir -p "$project"/{models,seeds,functions}
yml tap_z '{}' > "$project/barometre.yml"
echo "select count(*) as n, plus_one(1) as p from {{ source('tap_z', 'k') }}" > "$project/models/counted.sql"
echo "create or replace function plus_one(int) returns int language sql as 'select 1 + \$1';" > "$project/functions/f.sql"
super "ALTER DATABASE $db SET barometre.project_directory = '$project'" >/dev/null
super_calls "SELECT count(*) FROM baro_run('tap_z'); CALL baro_transform()" >/dev/null 2>&1
psql -X -q -d "$db" -U postgres -c "SELECT count(*) FROM baro_run('tap_z')" -c "CALL baro_transform()" >/dev/null 2>&1
is "it is the superuser's" "$(super "SELECT owner FROM barometre_internal.project")" postgres
super "GRANT EXECUTE ON FUNCTION baro_ls(text) TO meltano" >/dev/null
refused=$(sql "SELECT baro_ls()")
like "others may not" "$refused" 'It belongs to role "postgres"'
unlike "nobody is advised to be granted a superuser's role" "$refused" 'GRANT postgres'
like "but what to do" "$refused" 'roles.loader in barometre.yml; then, as a superuser: SELECT \* FROM baro_grant\(\);'
yml tap_z > "$project/barometre.yml"
like "baro_grant moves it, and says so" "$(super_calls "SELECT count(*) FROM baro_grant()")" 'NOTICE:  the project belongs to role "meltano" now, and no longer to role "postgres"'
is "with what was made for it" "$(super "SELECT string_agg(o, ' ') FROM (SELECT DISTINCT relowner::regrole::text AS o FROM pg_class WHERE oid IN ('tap_z.k'::regclass, 'analytics.counted'::regclass)
    UNION SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname IN ('tap_z', 'analytics') UNION SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'plus_one') s")" meltano
printf 'k;v\n1;a\n2;z\n' > "$BARO_DATA/in/a.csv"
is "and the loader works on" "$(sql "SELECT updated FROM baro_run('tap_z')")" 1
unlike "also on models" "$(sql "CALL baro_transform(full_refresh => true)")" ERROR
unlike "a second time nothing is moved" "$(super_calls "SELECT count(*) FROM baro_grant()")" NOTICE
super "CREATE TABLE tap_z.alien (x int)" >/dev/null
# From the loader to another role: what it registered must not run as that one.
model sly '{}' >/dev/null
yml tap_z '{loader: borrowed_second}' > "$project/barometre.yml"
like "what another role registered is in the way" "$(super_calls "SELECT count(*) FROM baro_grant()")" 'model "sly" \(registered\) was registered by role "meltano", and would run with the privileges of role "borrowed_second"'
is "and nothing is moved" "$(super "SELECT owner FROM barometre_internal.project")" meltano
super_calls "SELECT baro_unregister('model', 'sly')" >/dev/null
like "without it, it is" "$(super_calls "SELECT count(*) FROM baro_grant()")" 'belongs to role "borrowed_second" now'
is "a schema that holds more stays whose it is" "$(super "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'tap_z'")" meltano
is "as does what is not the project's" "$(super "SELECT relowner::regrole FROM pg_class WHERE oid = 'tap_z.alien'::regclass")" postgres
is "nothing in the code advises to grant a superuser's role" "$(grep -rhoE 'GRANT " \+ [^;]*' "$BARO_REPO/src" | grep -c 'role_name(owner)')" 0
psql -X -q -U postgres -d "$db" -c "DROP OWNED BY borrowed_mallory, borrowed_second CASCADE" >/dev/null 2>&1
finish
