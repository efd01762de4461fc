#!/usr/bin/env bash
# ALTER EXTENSION barometre UPDATE, from each release on: what is there afterwards is what a fresh installation makes, with what was granted by
# hand and all that was remembered. And one made-up release, which has what an upgrade script must bring.
. "$(dirname "$0")/../lib.sh"
extensions=$(pg_config --sharedir)/extension
[ -w "$extensions" ] || skip_all "$extensions can't be written to"
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$BARO_REPO/extension/barometre.control")
super() { role=postgres sql "$1"; }
on() { psql -X -q -At -d "$1" -U postgres -c "$2" 2>&1; }
databases="${db}_fresh ${db}_restored"
clean_up() {
    trap - EXIT INT TERM
    rm -f "$extensions/barometre--0.0.9--$version.sql" "$extensions/barometre--$version--0.0.9.sql"
    for one in $databases; do on postgres "DROP DATABASE IF EXISTS $one WITH (FORCE)" >/dev/null; done
}
trap clean_up EXIT
trap 'exit 130' INT TERM
on postgres "CREATE ROLE upgrade_admin SUPERUSER LOGIN" >/dev/null
on postgres "CREATE ROLE upgrade_reader LOGIN" >/dev/null
on postgres "CREATE ROLE upgrade_other LOGIN" >/dev/null

# --- What is there before: a project, with all that the extension remembers ---
mkdir -p "$BARO_DATA/in"
printf 'id,v\n1,x\n2,y\n' >"$BARO_DATA/in/a.csv"
printf 'id,v\n3,z\nno,number\n' >"$BARO_DATA/in/b.csv"
make_project() {
    use_project <<'YML'
version: 1
name: upgrade
roles: {loader: meltano, readers: [express-api]}
taps:
  - name: tap
    streams: [{name: s, path: in, pattern: .*\.csv, key_properties: [id], columns: [{name: id, type: integer}], max_rejects: 1}]
jobs:
  - {name: nightly, interval: '@daily', steps: [{run: tap}, {transform: '*'}]}
YML
    printf 'code,name\n1,one\n' >"$project/seeds/codes.csv"
    echo "select s.id, s.v, o.x from {{ source('tap', 's') }} s left join public.others o on o.x = s.id" >"$project/models/m.sql"
    printf 'models:\n  - name: m\n    columns: [{name: id, tests: [unique, not_null]}]\n' >"$project/models/schema.yml"
}
fill() {
    sql "CREATE TABLE public.others (x int)"
    sql "CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.others EXECUTE FUNCTION baro_stamp()"
    sql "SELECT * FROM baro_run()"
    echo '<html>' >"$BARO_DATA/in/c.csv"
    sql "SELECT * FROM baro_run(on_failure => 'skip')"
    rm "$BARO_DATA/in/c.csv"
    sql "SELECT * FROM baro_seed()"
    sql "SELECT * FROM baro_register_model('registered', 'select 1 as one')"
    sql "SELECT * FROM baro_register_stream('more', 'r', '{\"path\": \"none\", \"pattern\": \".*\"}')"
    sql "SELECT * FROM baro_register_test('t', 'select 1 where false')"
    sql "CALL baro_job('nightly')"
    sql "SELECT * FROM baro_test()"
    super "UPDATE barometre_internal.job SET scheduled_since = now()"
} >/dev/null
# The rows of the tables that dumps hold, if they are to stay: see_rows finds those, and their columns; rows DATABASE gives what is in them.
see_rows() {
    local stay
    stay=$(on "${db}_fresh" "SELECT string_agg(quote_literal(c.oid::regclass), ', ') FROM pg_extension e, unnest(e.extconfig) AS c (oid) WHERE e.extname = 'barometre'")
    queries=$(super "SELECT format('SELECT %1\$L, count(*), md5(string_agg(t::text, '','' ORDER BY t::text)) FROM (SELECT %2\$s FROM %1\$s) AS t;', c.oid::regclass,
        (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND a.attname <> 'log_cnt'))
        FROM pg_extension e, unnest(e.extconfig) AS c (oid) WHERE e.extname = 'barometre' AND c.oid::regclass::text IN ($stay)")
}
rows() { psql -X -q -At -d "$1" -U postgres <<<"$queries" 2>&1; }
by_hand() { # DATABASE
    on "$1" "GRANT EXECUTE ON FUNCTION baro_seed, baro_ls TO upgrade_reader WITH GRANT OPTION; GRANT EXECUTE ON FUNCTION baro_export TO upgrade_other;
             REVOKE EXECUTE ON FUNCTION baro_help FROM PUBLIC; GRANT USAGE ON SCHEMA barometre TO upgrade_reader;
             GRANT SELECT ON barometre.lineage TO upgrade_reader WITH GRANT OPTION; GRANT SELECT (path) ON barometre.lineage TO upgrade_other;
             GRANT SELECT ON barometre.step TO upgrade_reader;
             SET ROLE upgrade_reader; GRANT EXECUTE ON FUNCTION baro_seed TO upgrade_other; GRANT SELECT ON barometre.lineage TO upgrade_other"
}
catalog() { psql -X -q -At -d "$1" -U postgres -f "$BARO_REPO/test/catalog.sql" 2>&1; }
# alike NAME CATALOG CATALOG: of files
alike() {
    diff "$2" "$3" >"$BARO_DATA/difference"; local same=$?
    ok "$1" $same
    [ $same = 0 ] || sed 's/^/#   /' "$BARO_DATA/difference" | cut -c 1-300 | head -n 40
}

# --- The update, in $db ---
walk() { # RELEASE
    local before changes
    changes=$(super "SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e' WHERE relname = 'change'")
    is "$1 is there" "$(super "SELECT extversion FROM pg_extension WHERE extname = 'barometre'")" "$1"
    is "and is granted by hand" "$(by_hand "$db")" ""
    see_rows
    before=$(rows "$db")
    unlike "with all that it remembers" "$before" '\|0\||ERROR'
    like "with the new library a call of $1 is refused" "$(sql "SELECT * FROM baro_ls()")" "^ERROR:  extension barometre is version ${1//./\\.} in this database, and the library is version ${version//./\\.}"
    like "with what to do" "$(sql "SELECT * FROM baro_ls()")" '^HINT:  ALTER EXTENSION barometre UPDATE;$'
    for call in "SELECT * FROM baro_run()" "CALL baro_transform()" "CALL baro_job('nightly')" "SELECT * FROM barometre.status"; do
        like "so is $call" "$(psql -X -q -At -v VERBOSITY=verbose -d "$db" -U meltano -c "$call" 2>&1)" '^ERROR:  BM001'
    done
    super "DELETE FROM $changes" >/dev/null
    is "who writes a table with baro_stamp can go on" "$(sql "INSERT INTO public.others VALUES (1)")" ""
    is "and it is noted" "$(super "SELECT relation::regclass FROM $changes")" others
    is "nothing was lost" "$(rows "$db")" "$before"

    is "another superuser updates, and remains who it is" "$(psql -X -q -At -d "$db" -U upgrade_admin -c BEGIN -c "ALTER EXTENSION barometre UPDATE" \
        -c "SELECT current_user, current_setting('search_path')" -c COMMIT 2>&1)" 'upgrade_admin|"$user", public'
    is "what was granted on a function that was made anew" "$(super "SELECT has_function_privilege('meltano', 'baro_seed(text[])', 'EXECUTE')")" t
    super "SELECT count(*) FROM baro_grant()" >/dev/null
    catalog "$db" >"$BARO_DATA/updated"
    alike "the catalogs are those of a fresh installation, with what was granted by hand" "$BARO_DATA/fresh" "$BARO_DATA/updated"
    is "all is remembered" "$(rows "$db")" "$before"

    pg_dump -U postgres -d "$db" -f "$BARO_DATA/dump" 2>&1
    on postgres "DROP DATABASE IF EXISTS ${db}_restored WITH (FORCE)" >/dev/null
    on postgres "CREATE DATABASE ${db}_restored TEMPLATE template0 OWNER meltano" >/dev/null
    is "a dump can be restored" "$(psql -X -q -At -d "${db}_restored" -U postgres -f "$BARO_DATA/dump" 2>&1 | grep -i 'error')" ""
    catalog "${db}_restored" >"$BARO_DATA/restored"
    alike "with the same catalogs" "$BARO_DATA/updated" "$BARO_DATA/restored"
    is "and all that is remembered" "$(rows "${db}_restored")" "$before"

    is "files that were loaded are not loaded again" "$(sql "SELECT inserted, updated FROM baro_run('tap')")" "0|0"
    is "what their headers say is remembered" "$(super "SELECT string_agg(column_name || '=' || source, ' ' ORDER BY number) FROM barometre_internal.stream_column")" "id=id v=v"
    is "models are built" "$(sql "CALL baro_transform()")" ""
    is "numbers of runs go on" "$(super "SELECT count(*) = count(DISTINCT id) AND max(id) = (SELECT last_value FROM barometre.run_id_seq) FROM barometre.run")" t
}

on postgres "DROP DATABASE IF EXISTS ${db}_fresh WITH (FORCE)" >/dev/null
on postgres "CREATE DATABASE ${db}_fresh TEMPLATE baro_template OWNER meltano" >/dev/null
new_database
make_project
printf 'sources: [{name: public, tables: [{name: others, loaded_at_field: now(), freshness: {warn_after: {count: 1, period: day}}}]}]\n' >"$project/models/sources.yml" # what 0.1.0 did not know
mkdir -p "$project/tests" && echo 'select {{' >"$project/tests/broken.sql"
on postgres "ALTER DATABASE ${db}_fresh SET barometre.project_directory = '$project'" >/dev/null
on "${db}_fresh" "SELECT count(*) FROM baro_grant()" >/dev/null
by_hand "${db}_fresh"
catalog "${db}_fresh" >"$BARO_DATA/fresh"
is "the catalogs of a fresh installation say much" "$(grep -c : "$BARO_DATA/fresh" | awk '{ print ($1 > 500) }'; grep ERROR: "$BARO_DATA/fresh")" 1
fill
pg_dump -U postgres -d "$db" -f "$BARO_REPO/.check/log/upgrade.state.sql" # a release keeps it: see sql/release.sh

# --- A made-up release: what is here made older is what its upgrade script makes anew, with the statements of today ---
statement() { # the CREATE of a function or view, with its comments
    awk -v made="^CREATE (FUNCTION|VIEW) $1[ (]" -v said="^COMMENT ON (FUNCTION|VIEW|COLUMN) $1[ .(]" '
        !inside && ($0 ~ made || $0 ~ said) { inside = 1; body = 0 }
        inside { print; if (/^BEGIN ATOMIC/) body = 1; if (body ? /^END;/ : /;$/) inside = 0 }' "$BARO_REPO"/sql/[0-9]*.sql
}
{
    cat <<'SQL'
DROP FUNCTION @extschema@.baro_unschedule();
DROP FUNCTION @extschema@.baro_seed(text[]);
CREATE FUNCTION @extschema@.baro_seed() RETURNS SETOF text LANGUAGE C AS 'MODULE_PATHNAME', 'barometre_seed';
REVOKE ALL ON FUNCTION @extschema@.baro_seed() FROM PUBLIC;
DROP FUNCTION @extschema@.baro_help();
CREATE FUNCTION @extschema@.baro_help(topic text) RETURNS SETOF text LANGUAGE sql AS 'SELECT topic';
GRANT EXECUTE ON FUNCTION @extschema@.baro_help(text) TO PUBLIC;
DROP VIEW barometre.lineage;
CREATE VIEW barometre.lineage AS SELECT f.id AS _baro_file, f.path FROM barometre.file f;
ALTER TABLE barometre.step DROP COLUMN blank_lines;
CREATE TABLE barometre.obsolete (x int);
SELECT pg_catalog.pg_extension_config_dump('barometre.obsolete', '');
DROP FUNCTION @extschema@.baro_export();
SQL
    statement '@extschema@.baro_export'
    echo 'GRANT EXECUTE ON FUNCTION @extschema@.baro_export() TO PUBLIC;'
} >"$extensions/barometre--$version--0.0.9.sql"
{
    cat "$BARO_REPO/sql/upgrade/begin.sql"
    echo 'DROP FUNCTION @extschema@.baro_seed();'
    statement '@extschema@.baro_seed'
    echo 'DROP FUNCTION @extschema@.baro_help(text);'
    statement '@extschema@.baro_help'
    statement '@extschema@.baro_unschedule'
    echo 'DROP VIEW barometre.lineage;'
    statement 'barometre.lineage'
    echo 'ALTER TABLE barometre.step ADD COLUMN blank_lines bigint;'
    statement 'barometre.step.blank_lines'
    echo 'ALTER EXTENSION barometre DROP TABLE barometre.obsolete;'
    echo 'DROP TABLE barometre.obsolete;'
    echo 'REVOKE EXECUTE ON FUNCTION @extschema@.baro_export() FROM PUBLIC;'
    cat "$BARO_REPO/sql/upgrade/end.sql"
} >"$extensions/barometre--0.0.9--$version.sql"
super "SELECT count(*) FROM baro_grant()" >/dev/null
is "made-up: the way back" "$(super "ALTER EXTENSION barometre UPDATE TO '0.0.9'")" ""
super "GRANT EXECUTE ON FUNCTION baro_seed, baro_export TO meltano" >/dev/null # as baro_grant() did with that release
super "GRANT SELECT ON barometre.lineage TO meltano" >/dev/null
walk 0.0.9
super "UPDATE pg_extension SET extversion = '99.1' WHERE extname = 'barometre'" >/dev/null
like "a library that is older than the extension says so" "$(sql "SELECT * FROM baro_ls()")" '^HINT:  Connect again: this session loaded the library before it was replaced\. If that does not help, install barometre 99\.1 '
is "but keeps stamps" "$(sql "INSERT INTO public.others VALUES (1)")" ""
super "ALTER TABLE $(super "SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e' WHERE relname = 'change'") RENAME TO other" >/dev/null
like "as long as it finds where" "$(sql "INSERT INTO public.others VALUES (1)")" "^ERROR:  extension barometre is version 99\.1 in this database"

# --- All that were released ---
rm "$project/models/sources.yml" "$project/tests/broken.sql"
for released in "$BARO_REPO"/sql/released/barometre--*.sql; do
    release=${released##*--} release=${release%.sql}
    [ -f "$released" ] && [ "$release" != "$version" ] || continue
    on postgres "DROP DATABASE IF EXISTS $db WITH (FORCE)" >/dev/null
    on postgres "CREATE DATABASE $db TEMPLATE template0 OWNER meltano" >/dev/null
    on postgres "ALTER DATABASE $db SET barometre.data_directory = '$BARO_DATA'" >/dev/null
    on postgres "ALTER DATABASE $db SET barometre.project_directory = '$project'" >/dev/null
    is "$release can be installed" "$(super "CREATE EXTENSION barometre VERSION '$release'")" ""
    is "and has what it remembered" "$(grep -vE '^\\(un)?restrict |EXTENSION.* pgtap ' "$BARO_REPO/test/upgrade/$release.sql" | psql -X -q -At -d "$db" -U postgres 2>&1 | grep -i 'error')" ""
    walk "$release"
done
finish
