#!/usr/bin/env bash
# Tables that Citus spreads end as ordinary ones do, by the same random calls: on a server that has Citus.
. "$(dirname "$0")/../lib.sh"
[ -n "$(psql -X -At -d postgres -c "SELECT 1 FROM pg_available_extensions WHERE name = 'citus'")" ] || skip_all "the server has no Citus"
own_server "shared_preload_libraries = 'citus'" "citus.shard_count = 4" "citus.local_hostname = '{}'" "wal_level = logical"
. "$BARO_REPO/test/same_calls.sh"
new_place() {
    [ "$1" = ordinary ] || super "CREATE EXTENSION citus; SELECT citus_set_coordinator_host('$PGHOST', $PGPORT); SELECT citus_set_node_property('$PGHOST', $PGPORT, 'shouldhaveshards', true)" >/dev/null
}
new_table() {
    local name=$2
    sql "CREATE TABLE $name ($4)"
    case $1 in
    distributed) sql "SELECT create_distributed_table('$name', '$3')" >/dev/null ;;
    reference) sql "SELECT create_reference_table('$name')" >/dev/null ;;
    esac
}
play ordinary >"$BARO_DATA/ordinary"
is "no step fails" "$(grep -A2 '^ERROR' "$BARO_DATA/ordinary")" ""
for how in ${HOWS-reference distributed}; do # the last one goes on below
    play $how >"$BARO_DATA/$how"
    is "$how: rows and counts are those of ordinary tables" "$(diff "$BARO_DATA/ordinary" "$BARO_DATA/$how" | head -${LINES_SHOWN:-20})" ""
done

# Each node has a snapshot of its own: what a transformation reads of several is loaded before or after it, not meanwhile.
use_points
sql "UPDATE t.k SET v = 'old'" >/dev/null
echo "select id, v from {{ source('t', 'k') }}" >"$project/models/seen.sql"
stop_at transform.locked
sql "CALL baro_transform('seen')" >/dev/null & transforming=$!
at_point transform.locked
printf 'id,v\n1,new\n2,new\n3,new\n4,new\n' >"$BARO_DATA/k/new.csv"
sql "SELECT count(*) FROM baro_run('t.k')" >/dev/null & loading=$!
soon "SELECT count(*) > 0 FROM pg_locks WHERE $here AND relation = 't.k'::regclass AND mode = 'RowExclusiveLock' AND NOT granted"
ok "a load waits for a transformation that reads its table at several nodes" $?
go_on transform.locked
wait $transforming $loading
is "which has seen nothing of it" "$(sql "SELECT string_agg(DISTINCT v, ' ') FROM analytics.seen")" old
is "and is in the table afterwards" "$(sql "SELECT count(*) FROM t.k WHERE v = 'new'")" 4

# A column by which a table is distributed keeps its type.
printf 'id,v\nx1,new\n' >"$BARO_DATA/k/new.csv"
sed -i 's/{name: id, type: bigint}, {name: v, type: text}\]}$/{name: id, type: text}, {name: v, type: text}]}/' "$project/barometre.yml"
like "a declared type that is wider is refused in a sentence" "$(notices "SELECT * FROM baro_run('t.k')" | tr '\n' ' ')" 'ERROR:  .*column "id" can.t become text, because t.k is distributed by it DETAIL:  It is bigint. HINT:  .*undistribute_table'

# What was loaded is remembered at the coordinator.
super "UPDATE pg_dist_local_group SET groupid = 7; UPDATE pg_dist_node SET groupid = 0" >/dev/null
like "a worker loads nothing" "$(notices "SELECT * FROM baro_run('t')" | tr '\n' ' ')" "ERROR:  this server is a worker of a Citus cluster DETAIL:  .* HINT:  Connect to $PGHOST, port $PGPORT, and call it there."
like "and builds nothing" "$(notices "CALL baro_transform()")" "ERROR:  this server is a worker of a Citus cluster"
finish
