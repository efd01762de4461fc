#!/usr/bin/env bash
# What B-trees hold of many rows that are inserted at once is entered leaf by leaf, in the order of each tree: they stay what the server would have made, and say what it would say.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: test
roles: {loader: meltano}
taps:
  - {name: t, streams: [{name: keyed, path: keyed, pattern: .*csv, key_properties: [k]}]}
YML
mkdir -p "$BARO_DATA/keyed"
amcheck=$(role=postgres sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'")
[ "$amcheck" = 0 ] || role=postgres sql "CREATE EXTENSION amcheck; GRANT EXECUTE ON FUNCTION bt_index_parent_check(regclass, boolean, boolean) TO PUBLIC" >/dev/null
echo "{{ config(volatile=true, publish='difference') }} select * from public.source" >"$project/models/m.sql"
transform() { psql -X -q -At -d "$db" -U meltano -c "CALL baro_transform('m')" 2>&1; }
# Each tree has every row, in order, on every level; and by each the same rows are found as without it.
trees="FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = relam WHERE indrelid = 'analytics.m'::regclass AND amname = 'btree' AND indisvalid"
whole() {
    [ "$amcheck" = 0 ] || role=postgres sql "SELECT bt_index_parent_check(indexrelid, true, true) $trees" | grep .
    sql "SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM (TABLE public.source EXCEPT ALL TABLE analytics.m) x;
        SELECT (SELECT count(*) FROM public.source) - count(*) FROM public.source s JOIN analytics.m ON m.id = s.id; SELECT (SELECT count(n) FROM public.source) - count(*) FROM analytics.m WHERE n >= '-infinity';
        SELECT (SELECT count(a) FROM public.source) - count(*) FROM public.source s JOIN analytics.m ON lower(m.a) = lower(s.a) AND m.id = s.id" | tr -d '\n'
}
rows=6000
# Few values many times, all alike, long ones that fill pages, numbers that are equal but not alike, times, NULLs.
sql "CREATE TABLE public.source AS SELECT (i * 7919) % $rows AS id, 'name ' || i % 37 AS a, CASE WHEN i % 3 > 0 THEN md5((i % 2000)::text) END AS b,
    CASE WHEN i % 4 > 0 THEN i % 900 + CASE WHEN i % 2 = 0 THEN 0.0 ELSE 0.00 END END AS n, timestamp '2024-01-01' + i % 2500 * interval '1 minute' AS at,
    CASE WHEN i % 50 = 0 THEN repeat(md5(i::text), 30 + i % 40) END AS long, 1 AS one FROM generate_series(1, $rows) i" >/dev/null
transform >/dev/null
role=postgres sql "ALTER TABLE analytics.m ADD PRIMARY KEY (id); CREATE INDEX ON analytics.m (a, b DESC NULLS FIRST); CREATE INDEX ON analytics.m (n NULLS FIRST) INCLUDE (one);
    CREATE INDEX ON analytics.m (lower(a), id); CREATE INDEX ON analytics.m (at) WHERE one = 1 AND n > 100; CREATE INDEX ON analytics.m (one); CREATE INDEX ON analytics.m (long);
    CREATE INDEX ON analytics.m (at DESC) WITH (fillfactor = 50, deduplicate_items = off); CREATE INDEX ON analytics.m USING hash (b); CREATE INDEX ON analytics.m USING brin (at);
    CREATE UNIQUE INDEX ON analytics.m (b, n, a, id) NULLS NOT DISTINCT" >/dev/null
is "nothing of it (a constraint that is DEFERRABLE is a trigger, too) has its rows go by SQL" "$(sql "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'analytics.m'::regclass")" 0
counts="SELECT concat_ws('|', status, inserted, deleted, unchanged) FROM barometre.step WHERE name = 'm' ORDER BY run DESC LIMIT 1"
sql "UPDATE public.source SET one = one + 1" >/dev/null; transform >/dev/null
is "all rows changed, and keep their keys" "$(sql "$counts") $(whole)" "succeeded|$rows|$rows|0 0000"
sql "UPDATE public.source SET one = 1, a = 'name ' || length(b) || id % 11, at = at + interval '3 hours'" >/dev/null; transform >/dev/null
is "again, and other keys" "$(sql "$counts") $(whole)" "succeeded|$rows|$rows|0 0000"
role=postgres sql "VACUUM analytics.m" >/dev/null
sql "UPDATE public.source SET one = 2 WHERE id % 11 = 0" >/dev/null; transform >/dev/null
is "a few in each leaf, where places are free" "$(sql "$counts") $(whole)" "succeeded|546|546|5454 0000"
sql "INSERT INTO public.source SELECT id + $rows, a, b, n, at, long, one FROM public.source; DELETE FROM public.source WHERE id < 1500" >/dev/null; transform >/dev/null
is "more rows, and fewer" "$(sql "$counts") $(whole)" "succeeded|6000|1500|4500 0000"
sql "DELETE FROM analytics.m" >/dev/null; role=postgres sql "VACUUM analytics.m" >/dev/null; transform >/dev/null
is "into an empty table" "$(sql "$counts") $(whole)" "succeeded|10500|0|0 0000"
sql "CREATE TABLE public.kept AS TABLE public.source; DELETE FROM public.source" >/dev/null; transform >/dev/null; role=postgres sql "REINDEX TABLE analytics.m" >/dev/null
sql "INSERT INTO public.source TABLE public.kept" >/dev/null; transform >/dev/null
is "into trees that have no root" "$(sql "$counts") $(whole)" "succeeded|10500|0|0 0000"
role=postgres sql "SET session_replication_role = replica; UPDATE pg_index SET indisready = false, indisvalid = false WHERE indexrelid = 'analytics.m_n_one_idx'::regclass" >/dev/null
sql "UPDATE public.source SET one = one + 1" >/dev/null; transform >/dev/null
is "an index that is not ready gets none" "$(role=postgres sql "SELECT pg_relation_size('analytics.m_n_one_idx') > 0; DROP INDEX analytics.m_n_one_idx; CREATE INDEX ON analytics.m (n)") $(whole)" "t 0000"

# --- memory and room ---
role=postgres sql "ALTER DATABASE $db SET maintenance_work_mem = '1MB'" >/dev/null
sql "UPDATE public.source SET one = one + 1, a = a || id % 7" >/dev/null; transform >/dev/null
is "more than there is memory for, by way of files" "$(sql "$counts") $(whole)" "succeeded|10500|10500|0 0000"
role=postgres sql "ALTER DATABASE $db SET temp_file_limit = '64kB'" >/dev/null
sql "UPDATE public.source SET one = one + 1, a = a || id % 5" >/dev/null; transform >/dev/null
is "part by part, where there may be no such files" "$(sql "$counts") $(whole)" "succeeded|10500|10500|0 0000"
role=postgres sql "ALTER DATABASE $db RESET maintenance_work_mem; ALTER DATABASE $db RESET temp_file_limit" >/dev/null
role=postgres sql "VACUUM analytics.m" >/dev/null
if [ "$(role=postgres sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'pageinspect'")" = 0 ]; then
    skip "entries of rows that are gone for all are marked, as the server does" "pageinspect is not installed"
else
    role=postgres sql "CREATE EXTENSION pageinspect" >/dev/null
    for _ in 1 2; do sql "UPDATE public.source SET one = one + 1 WHERE id % 9 = 0" >/dev/null; transform >/dev/null; done
    is "entries of rows that are gone for all are marked, as the server does" "$(role=postgres sql "SELECT count(*) > 1000 FROM generate_series(1, pg_relation_size('analytics.m_pkey') / 8192 - 1) n, bt_page_items('analytics.m_pkey', n) WHERE dead") $(whole)" "t 0000"
fi

# --- what unique indexes refuse ---
before=$(sql "SELECT md5(string_agg(m::text, '|' ORDER BY id)) FROM analytics.m m")
refuses() { # NAME CHANGE OF THE SOURCE, WORDS
    sql "UPDATE public.source SET one = one + 1; $2" >/dev/null
    like "$1" "$(transform)" "$3"
    is "$1: nothing is published" "$(sql "SELECT md5(string_agg(m::text, '|' ORDER BY id)) FROM analytics.m m") $(sql "$counts" | cut -d'|' -f1)" "$before failed"
    sql "TRUNCATE public.source; INSERT INTO public.source SELECT * FROM analytics.m" >/dev/null
}
refuses "a key that comes twice" "UPDATE public.source SET id = 4000 WHERE id = 10000" 'duplicate key value violates unique constraint "m_pkey"'
refuses "a key of a row that stays" "UPDATE public.source SET one = one - 1 WHERE id NOT BETWEEN 5000 AND 5100; UPDATE public.source SET id = 4000 WHERE id = 5050" 'duplicate key value violates unique constraint "m_pkey"'
refuses "a key that another has whose bytes are others" "ALTER TABLE public.source ALTER id TYPE numeric; UPDATE public.source SET id = 4000.00 WHERE id = 10000; ALTER TABLE public.source ALTER id TYPE int" 'duplicate key value violates unique constraint "m_pkey"'
role=postgres sql "CREATE UNIQUE INDEX alone ON analytics.m (b, n) NULLS NOT DISTINCT WHERE a = 'y'" >/dev/null
refuses "NULLs that are not distinct" "UPDATE public.source SET b = NULL, n = NULL, a = 'y' WHERE id IN (5007, 5008)" 'duplicate key value violates unique constraint "alone"'
role=postgres sql "DROP INDEX analytics.alone; CREATE UNIQUE INDEX alone ON analytics.m (b, n) WHERE a = 'y'" >/dev/null
sql "UPDATE public.source SET one = one + 1; UPDATE public.source SET b = NULL, n = NULL, a = 'y' WHERE id IN (5007, 5008)" >/dev/null; transform >/dev/null
is "NULLs that are distinct" "$(sql "$counts") $(whole)" "succeeded|10500|10500|0 0000"
role=postgres sql "DROP INDEX analytics.alone" >/dev/null
like "a value too long for an index" "$(sql "CREATE INDEX ON analytics.m (long, b)" >/dev/null; sql "UPDATE public.source SET one = one + 1; UPDATE public.source SET long = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i) WHERE id = 6000" >/dev/null; transform)" 'index row (size|requires) [0-9]+ .*'

# --- other sessions ---
load() { psql -X -q -At -d "$db" -U meltano -c "SELECT inserted, updated FROM baro_run('t')" >"$BARO_DATA/said" 2>&1; }
keys() { seq -f "k-%.0f,$3" "$1" "$2" >>"$BARO_DATA/keyed/a.csv"; }
echo k,v >"$BARO_DATA/keyed/a.csv"; keys 1 3000 x; load
open_session other postgres
for end in ROLLBACK COMMIT; do
    ask other "BEGIN; INSERT INTO t.keyed (k, v) VALUES ('k-300$end', 'theirs')" >/dev/null
    echo "k-300$end,ours" >>"$BARO_DATA/keyed/a.csv"; [ $end = COMMIT ] || keys 3001 3100 new; [ $end = ROLLBACK ] || keys 3101 3200 new
    load & waiting=$!
    for _ in $(seq 100); do [ "$(role=postgres sql "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")" = 0 ] || break; sleep 0.1; done
    ask other "$end" >/dev/null; wait $waiting
    [ $end = ROLLBACK ] && is "it waits for who inserts the same key, and goes on when that is given up" "$(cat "$BARO_DATA/said")" "101|0"
done
close_session other >/dev/null
is "and gives that row its values when it is committed" "$(cat "$BARO_DATA/said") $(sql "SELECT v FROM t.keyed WHERE k = 'k-300COMMIT'")" "100|1 ours"
is "its tree is whole" "$([ "$amcheck" = 0 ] || role=postgres sql "SELECT bt_index_parent_check('t.keyed_pkey', true, true)")$(sql "SET enable_seqscan = off; SELECT count(*) FROM generate_series(1, 3200) i JOIN t.keyed ON k = 'k-' || i")" 3200
finish
