#!/usr/bin/env bash
# A table that is loaded for the first time is written in whole pages, past the shared buffers: what a crash, a checkpoint
# in the midst, a standby, checksums and logical decoding make of that.
. "$(dirname "$0")/../lib.sh"
own_server "autovacuum = off" "track_counts = on" "wal_buffers = 1MB" "wal_writer_delay = 10s"
cluster_stop
as_cluster_user "$server_bin/pg_checksums" --enable -D "$cluster_home/pg" >/dev/null
cluster_start
new_database
streams=
for s in plain keyed small handed early crashed minimal minimal_small minimal_early logical; do
    keys=; [ $s = plain ] || keys=', key_properties: [id]'
    file=many; [[ $s != *small ]] || file=few
    streams+="{name: $s, path: in, pattern: $file.csv$keys}, "
done
use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps: [{name: t, streams: [${streams%, }]}]
YML
mkdir -p "$BARO_DATA/in"; chmod 777 "$BARO_DATA/in"
# Long values, of which every hundredth is stored apart, and pages that are not full at the end of a file.
content="SELECT i AS id, 'name ' || i AS name, repeat(md5(i::text), 1 + i % 7) AS text, CASE WHEN i % 100 = 0 THEN (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 150) j) END AS long"
role=postgres sql "COPY ($content FROM generate_series(1, 30000) i) TO '$BARO_DATA/in/many.csv' CSV HEADER; COPY ($content FROM generate_series(1, 500) i) TO '$BARO_DATA/in/few.csv' CSV HEADER"
hash="count(*), sum(hashtextextended(ROW(id, name, text, long)::text, 0)::numeric)"
wanted() { sql "SELECT $hash FROM ($content FROM generate_series(1, $1) i) x"; }
if [ "$(role=postgres sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'")" = 1 ]; then
    role=postgres sql "CREATE EXTENSION amcheck" >/dev/null
    whole() { role=postgres sql "SELECT count(bt_index_parent_check('t.' || s || '_pkey', true, true)) FROM unnest('{$1}'::text[]) s"; } # as many indexes know each row
else
    whole() { awk -F, '{ print NF }' <<<"$1"; }
fi
many=$(wanted 30000) few=$(wanted 500)
load() { sql "SELECT inserted FROM baro_run('t.$1')"; }
is "rows of many pages" "$(sql "SELECT inserted FROM baro_run('t.plain'); SELECT $hash FROM t.plain")" "30000
$many"
is "lie as they came" "$(sql "SELECT count(*) FROM (SELECT _baro_line, lag(_baro_line) OVER (ORDER BY ctid) AS before FROM t.plain) x WHERE before > _baro_line")" 0
is "and fill pages as the server would" "$(sql "CREATE TEMP TABLE again AS TABLE t.plain; SELECT max(ctid) FROM again")" "$(sql "SELECT max(ctid) FROM t.plain")"
soon "SELECT n_tup_ins = 30000 AND n_live_tup = 30000 FROM pg_stat_user_tables WHERE relid = 't.plain'::regclass"; ok "they are counted" $?
is "with a key" "$(load keyed) $(sql "SELECT $hash FROM t.keyed")" "30000 $many"
is "of few pages" "$(load small) $(sql "SELECT $hash FROM t.small")" "500 $few"
sql "UPDATE t.keyed SET name = name WHERE id % 3 = 0" >/dev/null
is "they are rows as any other" "$(sql "DELETE FROM t.keyed WHERE id % 3 = 1; SELECT count(*) FROM t.keyed")" 20000
crash() { kept=() free=(); cluster_stop immediate; cluster_start; keep_sessions; }
crash
is "after a crash they are there" "$(sql "SELECT $hash FROM t.plain; SELECT $hash FROM t.small; SELECT count(*), count(*) FILTER (WHERE id % 3 = 0) FROM t.keyed")" "$many
$few
20000|10000"

# in_midst STREAM COMMAND: its load is stopped once the rows are written, for the command
in_midst() {
    stop_at load.staged
    timeout 60 psql -X -q -At -d "$db" -U meltano -c "SELECT count(*) FROM baro_run('t.$1')" >/dev/null 2>&1 & call=$!
    at_point load.staged
    $2
}
checkpoint() { role=postgres sql CHECKPOINT; go_on load.staged; wait $call; }
use_points
at_disk() { # the WAL's writer, which looks every ten seconds by itself, was told
    soon "SELECT pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn() < 2000000"; ok "their WAL goes to the disk meanwhile" $?
    go_on load.staged; wait $call
}
in_midst handed at_disk
in_midst early checkpoint
crash
is "and their keys" "$(whole keyed,small,early)" 3
is "so are those before a checkpoint in the midst of the load" "$(sql "SELECT $hash FROM t.early")" "$many"
open_session points postgres
in_midst crashed crash
wait $call
is "a crash in the midst leaves nothing" "$(sql "SELECT to_regclass('t.crashed') IS NULL, (SELECT count(*) FROM barometre.file WHERE stream = 'crashed')")" "t|0"
open_session points postgres
is "and it is loaded then" "$(load crashed) $(sql "SELECT $hash FROM t.crashed")" "30000 $many"

standby=$cluster_home/standby port=$((PGPORT + 1))
as_cluster_user "$server_bin/pg_basebackup" -D "$standby" -R -c fast -X stream -h "$PGHOST" -p "$PGPORT" -U postgres
echo "port = $port" | as_cluster_user tee -a "$standby/postgresql.conf" >/dev/null
trap 'as_cluster_user "$server_bin/pg_ctl" -D "$standby" -m immediate -w stop >/dev/null 2>&1; own_server_clean_up' EXIT
as_cluster_user "$server_bin/pg_ctl" -D "$standby" -l "$standby.log" -w start >/dev/null
role=postgres sql "DROP TABLE t.plain; DELETE FROM barometre.file WHERE stream = 'plain'; DELETE FROM barometre.bookmark WHERE stream = 'plain'"
load plain >/dev/null
role=postgres sql "DROP TABLE t.small; DELETE FROM barometre.file WHERE stream = 'small'; DELETE FROM barometre.bookmark WHERE stream = 'small'"
load small >/dev/null
at=$(role=postgres sql "SELECT pg_current_wal_lsn()")
for _ in $(seq 100); do [ "$(psql -X -At -p $port -d "$db" -U postgres -c "SELECT pg_last_wal_replay_lsn() >= '$at'")" != t ] || break; sleep 0.1; done
is "a standby has them" "$(psql -X -q -At -p $port -d "$db" -U meltano -c "SELECT $hash FROM t.plain")" "$many"
is "and their keys, too" "$(psql -X -q -At -p $port -d "$db" -U meltano -c "SET enable_seqscan = off; SELECT count(*), sum(id) FROM t.small WHERE id > 0")" "500|125250"
as_cluster_user "$server_bin/pg_ctl" -D "$standby" -m fast -w stop >/dev/null

kept=() free=(); cluster_stop; cluster_configure "wal_level = minimal" "max_wal_senders = 0"; cluster_start; keep_sessions
open_session points postgres
before=$(role=postgres sql "SELECT pg_current_wal_lsn()")
load minimal >/dev/null
is "without WAL for what is new" "$(role=postgres sql "SELECT pg_current_wal_lsn() - '$before' < pg_table_size('t.minimal') / 2")" t
load minimal_small >/dev/null
in_midst minimal_early checkpoint
crash
is "they are there after a crash" "$(sql "SELECT $hash FROM t.minimal; SELECT $hash FROM t.minimal_small; SELECT $hash FROM t.minimal_early")" "$many
$few
$many"
is "with their keys" "$(whole minimal,minimal_small,minimal_early)" 3

kept=() free=(); cluster_stop; cluster_configure "wal_level = logical" "max_wal_senders = 4"; cluster_start; keep_sessions
role=postgres sql "CREATE PUBLICATION p FOR ALL TABLES" >/dev/null
role=postgres sql "SELECT pg_create_logical_replication_slot('own_pages', 'pgoutput')" >/dev/null
load logical >/dev/null
is "who follows changes is told of each" "$(role=postgres sql "SELECT count(*) BETWEEN 30000 AND 30100 FROM pg_logical_slot_get_binary_changes('own_pages', NULL, NULL, 'proto_version', '1', 'publication_names', 'p') WHERE get_byte(data, 0) = ascii('I')")" t
role=postgres sql "SELECT pg_drop_replication_slot('own_pages')" >/dev/null
kept=() free=(); cluster_stop
is "each page's checksum is right" "$(as_cluster_user "$server_bin/pg_checksums" --check -D "$cluster_home/pg" 2>&1 | grep -E '^(Bad checksums|pg_checksums: error)')" "Bad checksums:  0"
cluster_start
finish
