#!/usr/bin/env bash
# Tables whose rows are in no heap of their own: partitioned ones, and, by a setting that only tests have, ordinary ones, end as ordinary ones do:
# the same random calls give the same rows and the same counts.
. "$(dirname "$0")/../lib.sh"
. "$BARO_REPO/test/same_calls.sh"
new_place() { [ "$1" != setting ] || super "ALTER DATABASE $db SET barometre.by_sql = on" >/dev/null; }
new_table() { # partitioned by the column or not
    if [ "$1" != parts ] || [ "$2" = public.refers ]; then sql "CREATE TABLE $2 ($4)"; else
        sql "CREATE TABLE $2 ($4) PARTITION BY RANGE ($3); CREATE TABLE $2_low PARTITION OF $2 FOR VALUES FROM (MINVALUE) TO (2); CREATE TABLE $2_high PARTITION OF $2 FOR VALUES FROM (2) TO (MAXVALUE)"; fi
}
play heap >"$BARO_DATA/heap"
is "ordinary tables are filled" "$(grep -c "^analytics.m {" "$BARO_DATA/heap")" "$steps"
is "no step fails" "$(grep -A2 '^ERROR' "$BARO_DATA/heap")" ""
for how in parts setting; do
    play $how >"$BARO_DATA/$how"
    is "$how: rows and counts are those of ordinary tables" "$(diff "$BARO_DATA/heap" "$BARO_DATA/$how" | head -20)" ""
done

# --- What else becomes of partitioned tables ---
begin parts
rm -r "$project"/{snapshots,models}/* "$BARO_DATA/n/9.csv"
printf 'id,v\n1,a\n2,b\n3,c\n3,c\n3,c\n' >"$BARO_DATA/n/0.csv"
model() { echo "$2" >"$project/models/$1.sql"; } # NAME SQL
transform() { notices "CALL baro_transform(${1-})"; }
rows() { sql "SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM analytics.$1 AS x"; }
sql "DELETE FROM t.n; SELECT count(*) FROM baro_run('t.n'); DROP TABLE analytics.m, analytics.j; CREATE TABLE analytics.m (id bigint, v text) PARTITION BY LIST (id); CREATE TABLE analytics.m3 PARTITION OF analytics.m FOR VALUES IN (3); CREATE TABLE analytics.rest PARTITION OF analytics.m FOR VALUES IN (1, 2, 9)" >/dev/null
model m "select id, v from {{ source('t', 'n') }}"
like "partitions are filled" "$(transform)" 'm: built, 5 rows \(5 added, 0 removed, 0 unchanged\)'
is "each with its own" "$(sql "SELECT string_agg(tableoid::regclass || ' ' || n, ', ' ORDER BY tableoid::regclass::text) FROM (SELECT tableoid, count(*) AS n FROM analytics.m GROUP BY 1) AS x (tableoid, n)")" "analytics.m3 3, analytics.rest 2"
sql "CREATE TABLE public.log (what text); CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.log VALUES (TG_OP || coalesce(new.id, old.id)); RETURN NULL; END'; CREATE TRIGGER note AFTER INSERT OR DELETE ON analytics.m FOR EACH ROW EXECUTE FUNCTION public.note()" >/dev/null
printf 'id,v\n1,a\n2,b\n3,c\n' >"$BARO_DATA/n/0.csv"
sql "SELECT count(*) FROM baro_run('t.n')" >/dev/null
like "of equal rows some go, and are counted" "$(transform)" 'm: built, 3 rows \(0 added, 2 removed, 3 unchanged\)'
is "all are deleted, and those that stay put back" "$(sql "SELECT string_agg(what, ' ' ORDER BY what) FROM public.log") $(rows m)" "DELETE3 DELETE3 DELETE3 INSERT3 (1,a) (2,b) (3,c)"
sql "DROP TRIGGER note ON analytics.m" >/dev/null
is "what is current is not built" "$(sql "SELECT state FROM baro_ls('m')")" current
sql "TRUNCATE analytics.rest" >/dev/null
like "a partition that somebody emptied is filled again" "$(transform "'m', full_refresh => true")" 'm: built, 3 rows \(2 added, 0 removed, 1 unchanged\)'
model m "{{ config(pre_hook='delete from analytics.m where id = 3', volatile=true) }} select id, v from {{ source('t', 'n') }} where id < 3"
model reader "select count(*) as n from {{ ref('m') }}"
transform >/dev/null
sql "INSERT INTO analytics.m3 VALUES (3, 'z')" >/dev/null
like "what a hook writes into a partition is seen" "$(transform)" 'reader: built'
model m "select id::int, v from {{ source('t', 'n') }}"
like "its partition key stays what it is" "$(transform)" 'ERROR:  model "m": column "id" can.t become integer, because analytics.m is partitioned by it'
like "which the plan says as well" "$(sql "SELECT state, reason FROM baro_plan('m')" | tr '\n' ' ')" '^blocked\|.*is partitioned by it'
model m "select v from {{ source('t', 'n') }}"
like "nor does it go" "$(transform)" 'ERROR:  model "m": column "id" can.t go, because analytics.m is partitioned by it'

# Others that write meanwhile
use_points
model m "{{ config(volatile=true) }} select id, v from {{ source('t', 'n') }}"
transform >/dev/null
during() { # SQL: what a call says during which it is run
    stop_at transform.built
    notices "CALL baro_transform('m')" >"$BARO_DATA/said" & local call=$!
    at_point transform.built && sql "SET lock_timeout = '5s'; $1" >/dev/null
    go_on transform.built
    wait $call
    cat "$BARO_DATA/said"
}
sql "CREATE TABLE analytics.m10 (id bigint, v text); INSERT INTO analytics.m10 VALUES (10, 'theirs')" >/dev/null
for change in "INSERT INTO analytics.m VALUES (9, 'theirs')" "UPDATE analytics.m3 SET v = 'theirs'" "ALTER TABLE analytics.m ATTACH PARTITION analytics.m10 FOR VALUES IN (10)"; do
    like "who writes meanwhile is told: ${change%% *}" "$(during "$change")" 'ERROR:  .*another session changed analytics.m while it was being built'
    like "and by the next call it is put right" "$(transform "'m'")" 'm: built, 3 rows \([01] added, 1 removed'
done
is "who reads is not held up" "$(during "SELECT * FROM analytics.m" | grep -c ERROR; rows m)" "0
(1,a) (2,b) (3,c)"

# What can't be written by SQL
super "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE analytics.far (id bigint, v text) SERVER files OPTIONS (program 'echo 8,x', format 'csv'); ALTER FOREIGN TABLE analytics.far OWNER TO meltano; GRANT pg_execute_server_program TO meltano; ALTER TABLE analytics.m ATTACH PARTITION analytics.far FOR VALUES IN (8)" >/dev/null
like "rows at a foreign server that can't go are told" "$(transform "'m'")" 'ERROR:  model "m": analytics.m can.t be written: cannot delete from foreign table "far"'
like "with why" "$(transform "'m'")" 'DETAIL:  It is no plain table: it is a partitioned table'
super "DROP TABLE t.n CASCADE; CREATE TABLE t.n (id bigint, v text, _baro_file int, _baro_line bigint) PARTITION BY LIST (id); CREATE TABLE t.rest PARTITION OF t.n FOR VALUES IN (1, 2, 3); ALTER TABLE t.n OWNER TO meltano; ALTER TABLE t.rest OWNER TO meltano; CREATE FOREIGN TABLE t.far PARTITION OF t.n FOR VALUES IN (8) SERVER files OPTIONS (program 'echo 8,x,0,0', format 'csv'); ALTER FOREIGN TABLE t.far OWNER TO meltano" >/dev/null
like "nor does a load leave that to the server's words" "$(notices "SELECT * FROM baro_run('t.n', full_refresh => true)" | tr '\n' ' ')" 'ERROR:  stream "t.n": t.n can.t be written: cannot delete from foreign table "far" DETAIL:  It is no plain table: it is a partitioned table'
super "REVOKE pg_execute_server_program FROM meltano" >/dev/null

# Another server that is lost: libpq's lines become one message
lose() { super "CREATE OR REPLACE FUNCTION public.lose() RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN RAISE EXCEPTION USING ERRCODE = '$1', MESSAGE = E'$2'; END \$\$" >/dev/null; transform "'lost', full_refresh => true" | tr '\n' ' '; }
model lost "select public.lose() as v"
hint='HINT:  Nothing of it was kept. Run it again when the other server answers.'
like "a lost node is named, with why" "$(lose 08006 'connection to the remote node u@w2:5432 failed with the following error: server closed the connection\n\tThis probably means ...')" "ERROR:  model \"lost\".*: the connection to node u@w2:5432 was lost DETAIL:  The server says: server closed the connection. $hint"
like "so it is where a copy breaks off" "$(lose XX000 'failed to COPY to shard 102 on w2:5432')" "the connection to node w2:5432 was lost DETAIL:  The server says: failed to COPY to shard 102 on w2:5432. $hint"
like "and where nobody says which" "$(lose XX000 'server closed the connection unexpectedly\n\tThis probably means ...\n')" "the connection to another server was lost DETAIL:  The server says: server closed the connection unexpectedly. $hint"
finish
