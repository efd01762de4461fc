#!/usr/bin/env bash
# From an older major version of PostgreSQL to this one, by pg_upgrade and by a dump: files, runs, snapshots, incremental models,
# what was registered and the schedule go on as if nothing had happened. Where Debian's packages of an older one are, with
# barometre built for it as well: see test/releases.sh.
. "$(dirname "$0")/../lib.sh"
. "$BARO_REPO/test/cluster.sh"
new_bin=$server_bin old_bin=
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$BARO_REPO/extension/barometre.control")
for config in $(ls -v /usr/lib/postgresql/*/bin/pg_config 2>/dev/null); do
    [ "${config%/*}" != "$new_bin" ] || break
    [ ! -f "$("$config" --sharedir)/extension/barometre--$version.sql" ] || { old_bin=${config%/*}; break; }
done
[ -n "$server_major" ] && [ -n "$old_bin" ] || skip_all "no older PostgreSQL with barometre is installed here"

folder=$BARO_REPO/.check/$BARO_TEST
old() { server_bin=$old_bin; cluster_init "${folder}_old"; use; }
new() { server_bin=$new_bin; cluster_init "$folder"; use; }
use() { kept=() free=(); } # sessions that are kept are of the other server
clean_up() {
    trap - EXIT INT TERM
    for which in old new; do $which; cluster_remove; done
}
trap clean_up EXIT
trap 'exit 130' INT TERM
settings=("fsync = off" "full_page_writes = off")
if has_extension pg_cron && has_extension pg_cron "$old_bin/pg_config"; then
    settings+=("shared_preload_libraries = 'pg_cron'" "cron.database_name = '$db'" "cron.use_background_workers = on")
fi
super() { role=postgres sql "$1"; }

# --- The older server, with all that is remembered ---
old
cluster_create "${settings[@]}" && cluster_start || exit 1
"$BARO_REPO/test/fresh_database.sh" "$db" || exit 1
[ ${#settings[@]} = 2 ] || super "CREATE EXTENSION pg_cron" >/dev/null
mkdir -p "$BARO_DATA/in" "$BARO_DATA/singer"
printf 'id,v\n1,x\n2,y\n' >"$BARO_DATA/in/a.csv"
printf 'id,v\n3,z\nno,number\n' >"$BARO_DATA/in/b.csv"
printf 'no,v\n1,x\n1,x\n' >"$BARO_DATA/lines.csv"
{
    echo '{"type": "SCHEMA", "stream": "t", "schema": {"properties": {"k": {"type": "integer"}}}, "key_properties": ["k"]}'
    echo '{"type": "RECORD", "stream": "t", "record": {"k": 1}, "version": 1}'
    echo '{"type": "ACTIVATE_VERSION", "stream": "t", "version": 1}'
    echo '{"type": "STATE", "value": {"at": 7}}'
} >"$BARO_DATA/singer/1.singer"
super "ALTER DATABASE $db SET barometre.data_directory = '$BARO_DATA'" >/dev/null
use_project <<'YML'
version: 1
name: major
roles: {loader: meltano, readers: [express-api]}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id], columns: [{name: id, type: integer}], max_rejects: 1}
      - {name: lines, path: ., pattern: lines\.csv}
  - {name: tap_singer, format: singer, path: singer, pattern: .*\.singer, streams: discover, hard_delete: true}
jobs:
  - {name: nightly, interval: '@daily', steps: [{run: tap}, {transform: '*'}]}
YML
mkdir "$project/snapshots"
printf 'code,name\n1,one\n' >"$project/seeds/codes.csv"
echo "select s.id, s.v, o.x from {{ source('tap', 's') }} s left join public.others o on o.x = s.id" >"$project/models/m.sql"
cat >"$project/models/grows.sql" <<'SQL'
{{ config(materialized='incremental', unique_key='id') }}
select id, v, now() as made from {{ source('tap', 's') }} {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
SQL
cat >"$project/snapshots/then.sql" <<'SQL'
{% snapshot s_then %}
{{ config(strategy='check', unique_key='id', check_cols='all', hard_deletes='invalidate') }}
select id, v from {{ source('tap', 's') }}
{% endsnapshot %}
SQL
{
    sql "CREATE TABLE public.others (x int)"
    sql "CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.others EXECUTE FUNCTION baro_stamp()"
    sql "SELECT * FROM baro_run()"
    sql "SELECT * FROM baro_register_model('registered', 'select 1 as one')"
    sql "SELECT * FROM baro_register_test('t', 'select 1 where false')"
    sql "CALL baro_job('nightly')"
    sql "SELECT * FROM baro_test()"
    sql "SELECT * FROM baro_schedule()"
} >"$BARO_DATA/filled" 2>&1
unlike "all is filled without an error" "$(<"$BARO_DATA/filled")" 'ERROR'

# What is remembered, in a line a table, and what is published.
remembered() { # DATABASE
    psql -X -q -At -d "$1" -U postgres <<'SQL' 2>&1
SELECT format('SELECT %1$L, count(*), md5(string_agg(t::text, '','' ORDER BY t::text)) FROM (SELECT %2$s FROM %1$s) AS t', c.oid::regclass,
    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attname <> 'log_cnt'))
FROM pg_extension e, unnest(e.extconfig) AS c (oid) WHERE e.extname = 'barometre' ORDER BY c.oid::regclass::text \gexec
SELECT 's', * FROM tap.s ORDER BY id;
SELECT 'lines', no, v FROM tap.lines;
SELECT 'grows', * FROM analytics.grows ORDER BY id;
SELECT 'then', id, v, dbt_valid_from, dbt_valid_to FROM analytics.s_then ORDER BY id;
SELECT 'singer', k FROM tap_singer.t;
SELECT 'state', * FROM barometre.singer_state;
SQL
}
before=$(remembered "$db")
unlike "there is much to remember" "$before" 'ERROR'
had_run=$(super "SELECT max(id) FROM barometre.run")
pg_dump -U postgres -d "$db" -f "$BARO_DATA/dump" 2>&1

# goes_on HOW: with this server and database, all goes on
goes_on() {
    is "$1: the server is the newer one" "$(super "SHOW server_version_num" | cut -c1-2)" "$server_major"
    is "$1: all that was remembered is" "$(remembered "$db")" "$before"
    is "$1: no file is read again" "$(sql "SELECT sum(read) FROM baro_run()")" "0"
    sql "CALL baro_transform()" >"$BARO_DATA/transformed" 2>&1
    unlike "$1: models are built" "$(<"$BARO_DATA/transformed")" 'ERROR'
    is "$1: they have the same rows" "$(super "SELECT sum(inserted) + sum(deleted) FROM barometre.step WHERE kind = 'model' AND run = (SELECT max(id) FROM barometre.run)")" 0
    is "$1: numbers of runs go on" "$(super "SELECT min(id) > $had_run FROM barometre.run WHERE id > $had_run")" t
    is "$1: what was registered is there" "$(sql "SELECT name FROM baro_ls('registered')")" registered
    printf 'id,v\n2,changed\n4,new\n' >"$BARO_DATA/in/c_${1// /_}.csv"
    printf 'no,v\n1,x\n1,x\n2,y\n' >"$BARO_DATA/lines.csv"
    is "$1: what is new is loaded" "$(sql "SELECT stream, inserted, updated FROM baro_run('tap') ORDER BY 1")" "lines|1|0
s|1|1"
    sql "CALL baro_job('nightly')" >"$BARO_DATA/transformed" 2>&1
    unlike "$1: the job runs" "$(<"$BARO_DATA/transformed")" 'ERROR'
    is "$1: an incremental model takes what is new" "$(sql "SELECT string_agg(id || v, ' ' ORDER BY id) FROM analytics.grows")" "1x 2y 3z 4new"
    is "$1: a snapshot has one more version" "$(sql "SELECT string_agg(id || v, ' ' ORDER BY id, dbt_valid_from) FROM analytics.s_then")" "1x 2y 2changed 3z 4new"
    if [ ${#settings[@]} -gt 2 ]; then
        is "$1: the schedule is there" "$(sql "SELECT change FROM baro_schedule() WHERE job = 'nightly'")" unchanged
    else
        skip "$1: the schedule is there" "pg_cron is not installed"
    fi
    is "$1: all tests pass" "$(sql "SELECT count(*) FROM baro_test() WHERE status <> 'pass'")" 0
    rm "$BARO_DATA"/in/c_*.csv
    printf 'no,v\n1,x\n1,x\n' >"$BARO_DATA/lines.csv"
}

# --- pg_upgrade ---
cluster_stop
old_home=$cluster_home old_port=$PGPORT
new
if "$new_bin/initdb" --help | grep -q -- --no-data-checksums; then cluster_initdb=--no-data-checksums; fi # as the older one
cluster_create "${settings[@]}" "port = $old_port" || exit 1
export PGPORT=$old_port # jobs that pg_cron begins by a connection have it
as_cluster_user bash -c 'cd "$1" && shift && exec "$@"' _ "$cluster_home" env -u PGOPTIONS -u PGHOST -u PGPORT "$new_bin/pg_upgrade" \
    -b "$old_bin" -B "$new_bin" -d "$old_home/pg" -D "$cluster_home/pg" -U postgres --socketdir "$cluster_home" >"$BARO_DATA/pg_upgrade" 2>&1
ok "pg_upgrade takes it" $?
grep -q 'Upgrade Complete' "$BARO_DATA/pg_upgrade" || sed 's/^/# /' "$BARO_DATA/pg_upgrade"
cluster_start || exit 1
goes_on "upgraded"

# --- A dump ---
psql -X -q -d postgres -U postgres -c "DROP DATABASE $db WITH (FORCE)" -c "CREATE DATABASE $db OWNER meltano TEMPLATE template0" 2>&1
kept=()
psql -X -q -d postgres -U postgres -c "ALTER DATABASE $db SET barometre.data_directory = '$BARO_DATA'" -c "ALTER DATABASE $db SET barometre.project_directory = '$project'"
# A dump says where its pg_cron is, which is not where a newer one wants to be.
[ ${#settings[@]} = 2 ] || super "CREATE EXTENSION pg_cron" >/dev/null
is "a dump of the older one is restored" "$(psql -X -q -At -d "$db" -U postgres -f "$BARO_DATA/dump" 2>&1 | grep -i error)" ""
goes_on "restored"
finish
