#!/usr/bin/env bash
# A hot standby, and what is read-only on the primary: what only reads works, the rest is refused in a sentence, and the session goes on.
. "$(dirname "$0")/../lib.sh"
own_server
new_database
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: standby
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id]}
jobs:
  - {name: j, interval: '@daily', steps: [{sql: select 1}]}
YML
echo "select id, v from {{ source('tap', 's') }}" >"$project/models/m.sql"
printf 'id,v\n1,2\n' >"$BARO_DATA/in/a.csv"
sql "SELECT count(*) FROM baro_run()" >/dev/null
sql "CALL baro_transform()" >/dev/null
role=postgres sql "CREATE TABLE public.stamped (a int); GRANT ALL ON public.stamped TO meltano; CREATE TRIGGER s AFTER INSERT ON stamped EXECUTE FUNCTION baro_stamp()" >/dev/null
standby=$cluster_home/standby port=$((PGPORT + 1))
as_cluster_user pg_basebackup -D "$standby" -R -c fast -X stream -h "$PGHOST" -p "$PGPORT" -U postgres
echo "port = $port" | as_cluster_user tee -a "$standby/postgresql.conf" >/dev/null
trap 'as_cluster_user "$server_bin/pg_ctl" -D "$standby" -m immediate -w stop >/dev/null; own_server_clean_up' EXIT
as_cluster_user "$server_bin/pg_ctl" -D "$standby" -l "$standby.log" -w start >/dev/null
# What the project says by now, and the primary does not know: new, changed, and read by others; a seed; a function.
echo "select id, v, 1 as x from {{ source('tap', 's') }}" >"$project/models/m.sql"
echo "select * from {{ ref('m') }}" >"$project/models/n.sql"
echo "create function analytics.f() returns int language sql as 'select 1'" >"$project/functions/f.sql"
printf 'a;b\n1;2\n' >"$project/seeds/sd.csv"
printf 'id,v\n2,2\n' >"$BARO_DATA/in/b.csv"

mapfile -t reading <<'SQL'
SELECT string_agg(name || ' ' || state, ', ' ORDER BY name) FROM baro_ls()
SELECT baro_compile('n')
SELECT count(*) FROM baro_export()
SELECT count(*) > 30 FROM baro_help()
SELECT baro_page() LIKE '%</html>%', baro_page_data() ->> 'format'
SELECT barometre_internal.is_running(1)
SQL
read_by="m stale, n new, sd new, tap.s current
select * from analytics.m
1
t
t|1
f"
# writing NAME CALL: a line each
writing() {
    cat <<'SQL'
baro_run SELECT * FROM baro_run()
baro_seed SELECT * FROM baro_seed()
baro_transform CALL baro_transform()
baro_job CALL baro_job('j')
baro_job CALL baro_job('j', now())
baro_test SELECT * FROM baro_test()
baro_test_tap SELECT * FROM baro_test_tap()
baro_plan SELECT * FROM baro_plan()
baro_check SELECT * FROM baro_check()
baro_preview SELECT * FROM baro_preview('tap.s')
baro_load_project SELECT * FROM baro_load_project()
baro_load_project SELECT * FROM baro_load_project('/nowhere')
baro_grant SELECT * FROM baro_grant()
baro_register_stream SELECT * FROM baro_register_stream('tap', 'z', '{"path": "in", "pattern": ".*"}')
baro_register_model SELECT * FROM baro_register_model('z', 'select 1 as a')
baro_register_test SELECT * FROM baro_register_test('z', 'select 1 as a')
baro_unregister SELECT * FROM baro_unregister('model', 'z')
SQL
}
# In one session: each call, then ROLLBACK, which tells of a subtransaction that was left open, and a look. -b: each in a block of its own.
session() { # PORT [-b]
    {
        echo '\set VERBOSITY verbose'
        while read -r name call; do
            echo "\\echo == $name"
            [ -z "${2:-}" ] || echo "BEGIN READ ONLY;"
            echo "$call;"
            echo "ROLLBACK;"
            echo "SELECT 'works on', count(*) FROM barometre.history;"
        done < <(writing)
    } | psql -X -q -At -d "$db" -U postgres -p "$1" 2>&1 | grep -v '^LOCATION\|there is no transaction in progress'
}
refused() { # SENTENCE HINT
    while read -r name call; do
        printf '== %s\nERROR:  25006: cannot execute %s() %s\nHINT:  %s\nworks on|2\n' "$name" "$name" "$1" "$2"
    done < <(writing)
}
primary=$PGPORT
for s in "on a standby server" "in a read-only transaction"; do
    case $s in
    on*) PGPORT=$port is "$s what only reads works" "$(psql -X -q -At -d "$db" -U meltano -p "$port" "${reading[@]/#/-c}" 2>&1)" "$read_by"
        is "$s the rest is refused in a sentence, and the session goes on" "$(session "$port")" \
            "$(refused "$s" "Call it on the primary: on a standby nothing can be written, also nothing that is rolled back.")" ;;
    in*) is "$s what only reads works" "$(PGOPTIONS="$PGOPTIONS -c default_transaction_read_only=on" psql -X -q -At -d "$db" -U meltano "${reading[@]/#/-c}" 2>&1)" "$read_by"
        is "$s the rest is refused in a sentence, and the session goes on" "$(session "$primary" -b)" \
            "$(refused "$s" "SET default_transaction_read_only = off, or begin a transaction that is READ WRITE.")" ;;
    esac
done
views=$(role=postgres sql "SELECT string_agg(format('SELECT %L WHERE (SELECT count(*) FROM %s) IS NULL', c.oid::regclass, c.oid::regclass), ';' ORDER BY c.oid) FROM pg_class c WHERE relnamespace IN ('barometre'::regnamespace, 'barometre_internal'::regnamespace) AND relkind = 'v'")
is "all views work on a standby" "$(psql -X -q -At -d "$db" -U postgres -p "$port" -c "$views" 2>&1)" ""
for call in baro_schedule baro_unschedule; do
    like "$call is refused there" "$(psql -X -q -At -d "$db" -U meltano -p "$port" -c "SELECT * FROM $call()" -c "SELECT 'works on'" 2>&1)" "^ERROR:  cron.job can't be changed in a read-only transaction"
done
like "a table with the trigger of baro_stamp is as read-only as others" "$(psql -X -q -At -d "$db" -U meltano -p "$port" -c "INSERT INTO stamped VALUES (1)" 2>&1)" "cannot execute INSERT in a read-only transaction"
session_options=$PGOPTIONS PGPORT=$port open_session promoted meltano
ask promoted "SELECT count(*) FROM baro_ls()" >/dev/null
as_cluster_user "$server_bin/pg_ctl" -D "$standby" -w promote >/dev/null
is "once it is promoted the same session loads" "$(ask promoted "SELECT inserted FROM baro_run()")" 1
finish
