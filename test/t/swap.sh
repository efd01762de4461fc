#!/usr/bin/env bash
# publish: swap and auto: files are exchanged where nobody could be wronged by it, and a table stays what it is to all who use it. Else it is a difference.
. "$(dirname "$0")/../lib.sh"
own_server "wal_level = logical" "allow_in_place_tablespaces = on" "autovacuum = off"
new_database
use_project <<'YML'
version: 1
name: test
roles: {loader: meltano}
YML
super() { role=postgres sql "$1"; }
super "CREATE EXTENSION amcheck; CREATE EXTENSION btree_gist; CREATE TABLE public.heard (what text); GRANT ALL ON public.heard TO meltano" >/dev/null
m=$project/models
keys="publish='swap'"
model() { echo "{{ config(volatile=true, $keys${1:-}) }} select * from public.source" >"$m/m.sql"; }
model
echo "select k % 10 as part, count(*) as n, max(v) as most from {{ ref('m') }} group by 1" >"$m/below.sql"
transform() { PGOPTIONS="-cclient_min_messages=notice ${options:-}" psql -X -q -At -d "$db" -U meltano -c "CALL baro_transform(${1:-})" 2>&1; }
counts="SELECT concat_ws('|', status, inserted, deleted, unchanged) FROM barometre.step WHERE name = 'm' ORDER BY run DESC LIMIT 1"
same="SELECT (SELECT count(*) FROM (TABLE public.source EXCEPT ALL SELECT k, v, big FROM analytics.m) x) + (SELECT count(*) FROM (SELECT k, v, big FROM analytics.m EXCEPT ALL TABLE public.source) x)"
file="SELECT pg_relation_filenode('analytics.m')"
big="(SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 200) j)"
begin() { # the table, anew, published once; SQL
    model
    sql "DROP TABLE IF EXISTS analytics.m, public.source CASCADE;
        CREATE TABLE public.source AS SELECT i AS k, 'v' || i AS v, CASE WHEN i % 100 = 0 THEN $big END AS big FROM generate_series(1, 1000) i" >/dev/null
    transform >/dev/null
    [ -z "${1:-}" ] || super "$1" >/dev/null
}
change() { sql "UPDATE public.source SET v = v || '.'" >/dev/null; }
clean() { # what is stored is what it should be: rows, indexes, toast
    super "SELECT string_agg(bt_index_check(indexrelid, true)::text, '') FROM pg_index JOIN pg_class c ON c.oid = indexrelid AND relam = 403 WHERE indrelid IN (SELECT unnest(ARRAY[oid, reltoastrelid]) FROM pg_class WHERE oid = 'analytics.m'::regclass)"
    super "SELECT v.msg FROM pg_class c, verify_heapam(c.oid, skip => 'none') v WHERE c.oid IN (SELECT unnest(ARRAY[oid, reltoastrelid]) FROM pg_class WHERE oid = 'analytics.m'::regclass)"
}

# --- What a table keeps, and what is new ---
begin "CREATE UNIQUE INDEX first ON analytics.m (k); CREATE INDEX second ON analytics.m (lower(v)); CREATE INDEX third ON analytics.m (v) INCLUDE (k) WITH (fillfactor = 50) WHERE k % 2 = 0;
    CREATE INDEX fourth ON analytics.m USING gist (k); CREATE INDEX fifth ON analytics.m USING brin (k) WITH (pages_per_range = 2); ALTER TABLE analytics.m ALTER v SET NOT NULL, ADD CHECK (k < 100000), SET (fillfactor = 70, toast.autovacuum_enabled = off), ALTER big SET STORAGE EXTERNAL, ALTER v SET STATISTICS 7;
    CREATE VIEW public.of_m AS SELECT * FROM analytics.m WHERE k <= 2; GRANT SELECT ON analytics.m TO \"express-api\"; COMMENT ON TABLE analytics.m IS 'kept'; CREATE STATISTICS public.more ON k, v FROM analytics.m"
oid="SELECT 'analytics.m'::regclass::oid, obj_description('analytics.m'::regclass), has_table_privilege('express-api', 'analytics.m', 'SELECT'), (SELECT reloptions FROM pg_class WHERE oid = 'analytics.m'::regclass), (SELECT string_agg(indexrelid || ' ' || pg_get_indexdef(indexrelid), ';' ORDER BY 1) FROM pg_index WHERE indrelid = 'analytics.m'::regclass)"
before=$(sql "$oid") was=$(sql "$file") indexes="SELECT string_agg(pg_relation_filenode(indexrelid)::text, ' ' ORDER BY indexrelid) FROM pg_index WHERE indrelid = 'analytics.m'::regclass"
files=$(sql "$indexes")
open_session prepared meltano; ask prepared "PREPARE p AS SELECT v FROM analytics.m WHERE k = \$1; SET plan_cache_mode = force_generic_plan; EXECUTE p(7)" >/dev/null
change; said=$(transform)
is "all rows go, and all come" "$(sql "$counts")/$(sql "$same")" "succeeded|1000|1000|0/0"
unlike "nothing else is told" "$said" "by difference"
is "the table is the same one" "$(sql "$oid")" "$before"
[ "$(sql "$file")" != "$was" ]; ok "in another file" $?
[ -z "$(comm -12 <(tr ' ' '\n' <<<"$files" | sort) <(sql "$indexes" | tr ' ' '\n' | sort))" ]; ok "and so are its indexes" $?
is "a view shows it" "$(super "SELECT string_agg(v, ' ' ORDER BY k) FROM public.of_m")" "v1. v2."
is "so does a statement that was prepared before" "$(ask prepared "EXECUTE p(7)")" "v7."
is "what reads it is built of it" "$(sql "SELECT most FROM analytics.below WHERE part = 7")" "v997."
is "what is stored is sound" "$(clean)" ""
is "indexes find it" "$(sql "SET enable_seqscan = off; SELECT count(*) FROM public.source s JOIN analytics.m ON m.k = s.k AND m.v = s.v; SELECT k FROM analytics.m WHERE lower(v) = 'v9.'; SELECT k FROM analytics.m WHERE v = 'v8.' AND k % 2 = 0")" "1000
9
8"
is "the planner knows it" "$(super "SELECT reltuples, relpages > 0, relallvisible = relpages, (SELECT count(*) FROM pg_stats WHERE schemaname = 'analytics' AND tablename IN ('m', 'second')) FROM pg_class WHERE oid = 'analytics.m'::regclass")" "1000|t|t|4"
is "nothing private is left" "$(super "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_baro\\_%'; SELECT count(*) FROM pg_class t JOIN pg_class c ON t.oid = c.reltoastrelid WHERE t.relname <> 'pg_toast_' || c.oid; SELECT reloptions FROM pg_class WHERE relname = 'pg_toast_' || 'analytics.m'::regclass::oid")" "0
0
{autovacuum_enabled=off}"
is "its counters are what was done" "$(soon "SELECT n_live_tup = 1000 FROM pg_stat_all_tables WHERE relid = 'analytics.m'::regclass" && super "SELECT n_live_tup, n_dead_tup FROM pg_stat_all_tables WHERE relid = 'analytics.m'::regclass")" "1000|0"
change; transform >/dev/null
is "once more" "$(sql "$counts")/$(sql "$same")/$(clean)" "succeeded|1000|1000|0/0/"
is "it is maintained as ever" "$(for s in "VACUUM" "VACUUM FULL" "CLUSTER" "REINDEX TABLE" "UPDATE" "DELETE FROM" "VACUUM (FREEZE)"; do what=''; case $s in CLUSTER) what="USING first";; UPDATE) what="SET v = v";; DELETE*) what="WHERE k < 10";; esac; super "$s analytics.m $what"; clean; done)" ""
change; transform >/dev/null; change; transform >/dev/null
is "and swapped after that" "$(sql "$counts")/$(sql "$same")/$(clean)" "succeeded|1000|1000|0/0/"
as_cluster_user pg_dump -h "$PGHOST" -p "$PGPORT" -U postgres -t analytics.m "$db" | grep -v '^--\|^$\|^\\\|^SE' >"$BARO_DATA/one"
super "ALTER TABLE analytics.m RENAME TO kept" >/dev/null
like "a dump has it" "$(cat "$BARO_DATA/one")" "^7.v7\.\.\.\."
super "ALTER TABLE analytics.kept RENAME TO m" >/dev/null
sql "CALL baro_transform('m')" >/dev/null
is "what reads it is stale when it is built without it" "$(sql "SELECT state FROM baro_ls('below')")" stale
# Long values come and go: toast tables on one side alone.
begin; sql "UPDATE public.source SET big = NULL" >/dev/null; super "ALTER TABLE analytics.m ALTER v SET STORAGE PLAIN, ALTER big SET STORAGE PLAIN" >/dev/null; transform >/dev/null
sql "UPDATE public.source SET big = 'short'" >/dev/null; transform >/dev/null
is "values that are never stored apart" "$(sql "$counts")/$(sql "$same")/$(clean)" "succeeded|1000|1000|0/0/"

begin "CREATE UNIQUE INDEX ON analytics.m (k)"; sql "TRUNCATE public.source" >/dev/null; said=$(transform)
is "no rows" "$(sql "$counts")/$(sql "$same")/$(clean)/$(grep -c 'by difference' <<<"$said")" "succeeded|0|1000|0/0//0"
sql "INSERT INTO public.source VALUES (1, 'one', repeat('x', 9000))" >/dev/null
said=$(role=postgres notices "CALL baro_transform()")
is "one row, by a call of another role" "$(sql "$counts")/$(sql "$same")/$(clean)/$(grep -c 'by difference' <<<"$said")/$(sql "SELECT relowner::regrole FROM pg_class WHERE oid = 'analytics.m'::regclass")" "succeeded|1|0|0/0//0/meltano"
# Tablespaces, whatever is the default.
begin; super "CREATE TABLESPACE $db LOCATION ''" >/dev/null; super "GRANT CREATE ON TABLESPACE $db TO meltano" >/dev/null
super "CREATE INDEX there ON analytics.m (k) TABLESPACE $db; CREATE INDEX here ON analytics.m (v); ALTER TABLE analytics.m SET TABLESPACE $db" >/dev/null
spaces="SELECT string_agg(relname || ' ' || spcname, ', ' ORDER BY relname) FROM pg_class c JOIN pg_tablespace t ON t.oid = reltablespace AND spcname = '$db'"
change; said=$(transform)
is "tablespaces stay" "$(sql "$spaces")/$(sql "$counts")/$(sql "$same")/$(clean)/$(grep -c 'by difference' <<<"$said")" "m $db, pg_toast_$(sql "SELECT 'analytics.m'::regclass::oid") $db, pg_toast_$(sql "SELECT 'analytics.m'::regclass::oid")_index $db, there $db/succeeded|1000|1000|0/0//0"
super "ALTER TABLE analytics.m SET TABLESPACE pg_default; ALTER INDEX analytics.there SET TABLESPACE pg_default" >/dev/null
change; said=$(options="-cdefault_tablespace=$db" transform "'m'")
is "the default too" "$(sql "$spaces")/$(sql "$counts")/$(sql "$same")/$(grep -c 'by difference' <<<"$said")" "/succeeded|1000|1000|0/0/0"
super "ALTER INDEX analytics.there SET TABLESPACE $db; REVOKE CREATE ON TABLESPACE $db FROM meltano" >/dev/null; change
like "one in which the owner may make nothing" "$(transform)" 'by difference: its owner may make nothing in its tablespace'
begin; super "DROP TABLESPACE $db" >/dev/null

# In a block that is rolled back, and in part of it.
echo "$(cat "$m/m.sql") -- to the end" >"$m/m.sql"; change; was=$(sql "$file")
is "a block that is rolled back leaves the old file" "$(sql "BEGIN; CALL baro_transform(); $file <> $was; SELECT count(*) FROM analytics.m WHERE v LIKE '%.'; ROLLBACK; $file; SELECT count(*) FROM analytics.m WHERE v LIKE '%.'" | tr '\n' ' ')" "t 1000 $was 0 "
is "as does a part of one" "$(sql "BEGIN; SAVEPOINT a; CALL baro_transform(); ROLLBACK TO a; SELECT count(*) FROM analytics.m WHERE v LIKE '%.'; CALL baro_transform(); COMMIT; SELECT count(*) FROM analytics.m WHERE v LIKE '%.'" | tr '\n' ' ')$(sql "$same")/$(clean)" "0 1000 0/"

# --- Readers ---
begin
open_session old meltano; ask old "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM public.source" >/dev/null
change; transform >/dev/null
is "an older snapshot sees the new rows, and not none" "$(ask old "SELECT count(*), count(*) FILTER (WHERE v LIKE '%.') FROM analytics.m; SELECT length(big) FROM analytics.m WHERE k = 100")" "1000|1000
6400"
ask old COMMIT >/dev/null
ask old "BEGIN; SELECT v FROM analytics.m WHERE k = 1" >/dev/null
was=$(sql "$file"); change; said=$(options="-clock_timeout=500ms" transform)
like "who reads it for long has it published by difference" "$said" 'NOTICE:  model "m" is published by difference: analytics.m is in use all the time'
is "which is all the same" "$(sql "$counts")/$(sql "$same")/$(clean)" "succeeded|1000|1000|0/0/"
is "in its old file" "$(sql "$file")" "$was"
is "and the statistics are new" "$(super "SELECT histogram_bounds::text LIKE '%..%' FROM pg_stats WHERE tablename = 'm' AND schemaname = 'analytics' AND attname = 'v'")" t
ask old COMMIT >/dev/null
psql -X -q -At -d "$db" -U meltano <<<"SELECT count(*) || ' ' || min(length(v) - length(k::text)) || ' ' || max(length(v) - length(k::text)) FROM analytics.m \\watch 0.005" >"$BARO_DATA/counts" 2>&1 & watcher=$!
while [ ! -s "$BARO_DATA/counts" ]; do sleep 0.02; done
for _ in 1 2 3; do change; transform >/dev/null; done; sleep 0.05
kill $watcher; wait $watcher 2>/dev/null
is "who counts it all the time sees one whole version after the other" "$(grep -vE '^1000 ([0-9]) \1$' "$BARO_DATA/counts" | grep .)/$(sort -u "$BARO_DATA/counts" | sed -n '/^1000 3 3$/p; $p')" "/1000 3 3
1000 6 6"
is "also by a cursor of the session that builds" "$(change; ask old "BEGIN; DECLARE c CURSOR FOR SELECT v FROM analytics.m ORDER BY k; FETCH 1 FROM c; SET client_min_messages = notice; CALL baro_transform(); SET client_min_messages = warning; MOVE 998 FROM c; FETCH 1 FROM c; COMMIT" | grep -E '^v|reads')/$(sql "$same")" 'v1.....
NOTICE:  model "m" is published by difference: this session itself reads analytics.m
v1000...../0'
echo "select 1 as a" >"$m/n.sql"; transform >/dev/null; echo "select 1 as a, 2 as b" >"$m/n.sql"; change
ask old "BEGIN; SELECT v FROM analytics.m WHERE k = 1" >/dev/null; SECONDS=0; said=$(transform)
like "for long is a second where others wait for what was locked already" "$([ $SECONDS -lt 20 ] && echo "$said")" 'by difference: analytics.m is in use all the time'
ask old COMMIT >/dev/null; rm "$m/n.sql"
close_session old

# --- What others do meanwhile ---
use_points >/dev/null
begins() { stop_at "$1"; transform >"$BARO_DATA/said" 2>&1 & call=$!; at_point "$1"; }
ends() { go_on "$1"; wait $call; said=$(cat "$BARO_DATA/said"); }
begin; change; begins transform.built
sql "INSERT INTO analytics.m VALUES (5000, 'mine')" >/dev/null; ends transform.built
like "a row that came since the table was built is not lost" "$said" 'ERROR:  .*another session changed analytics.m while it was being built'
is "nothing is published" "$(sql "SELECT count(*), count(*) FILTER (WHERE v LIKE '%.') FROM analytics.m")" "1001|0"
sql "DELETE FROM analytics.m WHERE k = 5000" >/dev/null; begins transform.swap
sql "INSERT INTO analytics.m VALUES (5001, 'mine')" >/dev/null; ends transform.swap
like "nor is one that came later" "$said" 'ERROR:  .*another session changed analytics.m while it was being built'
begins transform.built
sql "CREATE INDEX late ON analytics.m (v)" >/dev/null; ends transform.built
like "an index that came is made use of" "$said" 'by difference: its table got another index, or lost one'
is "and holds the rows" "$(sql "SET enable_seqscan = off; SELECT k FROM analytics.m WHERE v = 'v3.'")/$(sql "$same")" 3/0
change; begins transform.built
super "CREATE FUNCTION public.hear() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.heard VALUES (TG_OP); RETURN NULL; END'; CREATE TRIGGER hear AFTER INSERT ON analytics.m FOR EACH STATEMENT EXECUTE FUNCTION public.hear(); ALTER FUNCTION public.hear() OWNER TO meltano" >/dev/null; ends transform.built
like "a trigger that came sees it" "$said" 'by difference: its table has trigger "hear"'
is "each row as ever" "$(sql "SELECT count(*) FROM public.heard")/$(sql "$same")" 1/0
begin; change
open_session idle meltano; options="-clock_timeout=300ms"; begins transform.swap; options=
ask idle "BEGIN; LOCK TABLE analytics.m IN ROW EXCLUSIVE MODE" >/dev/null
ends transform.swap
like "who is about to write makes it a difference" "$said" 'by difference: analytics.m is written or maintained all the time'
is "with all its rows" "$(sql "$same")" 0
ask idle "INSERT INTO analytics.m VALUES (7000, 'later'); COMMIT" >/dev/null
is "and what it writes then stays" "$(sql "SELECT count(*) FROM analytics.m WHERE k = 7000")" 1
sql "DELETE FROM analytics.m WHERE k = 7000" >/dev/null; change; options="-clock_timeout=300ms"; begins transform.swap; options=
ask idle "BEGIN; LOCK TABLE analytics.m IN ROW EXCLUSIVE MODE" >/dev/null; sql "INSERT INTO analytics.m VALUES (8000, 'mine')" >/dev/null; ends transform.swap
like "a row that came before that difference is taken is not lost" "$said" 'ERROR:  .*another session changed analytics.m while it was being built'
ask idle COMMIT >/dev/null; close_session idle

# --- A check that runs statements, and a query that parallel workers would help with ---
begin "CREATE FUNCTION public.known(int) RETURNS boolean LANGUAGE plpgsql AS 'DECLARE most int; BEGIN SELECT 100000 INTO most FROM pg_class LIMIT 1; RETURN \$1 <= most; END'; ALTER TABLE analytics.m ADD CHECK (public.known(k))"
change; said=$(options="-cparallel_setup_cost=0 -cparallel_tuple_cost=0 -cmin_parallel_table_scan_size=0" transform)
is "a check that runs statements does so" "$(sql "$counts")/$(sql "$same")/$(clean)/$(grep -cE 'ERROR|by difference' <<<"$said")" "succeeded|1000|1000|0/0//0"

# --- What is refused is refused whole, in the words of the table ---
begin "ALTER TABLE analytics.m ADD PRIMARY KEY (k), ADD CONSTRAINT small CHECK (k < 100000)"
refuses() { # NAME CHANGE WORDS
    local was; was=$(sql "$file; SELECT md5(string_agg(m::text, '' ORDER BY k)) FROM analytics.m m")
    sql "CREATE TABLE public.kept AS TABLE public.source; $2" >/dev/null
    like "$1 is an error" "$(transform)" "$3"
    is "$1: nothing is published" "$(sql "$file; SELECT md5(string_agg(m::text, '' ORDER BY k)) FROM analytics.m m")" "$was"
    sql "TRUNCATE public.source; INSERT INTO public.source TABLE public.kept; DROP TABLE public.kept" >/dev/null
}
refuses "a key that comes twice" "UPDATE public.source SET k = 2 WHERE k = 1" 'ERROR:  model "m".*duplicate key value violates unique constraint "m_pkey"'
sql "UPDATE public.source SET k = 2 WHERE k = 1" >/dev/null
is "programs are told so too" "$(psql -X -q -v VERBOSITY=verbose -d "$db" -U meltano -c "CALL baro_transform()" 2>&1 | sed -n 's/ NAME//; /^\(SCHEMA\|TABLE\|CONSTRAINT\)/p')" "SCHEMA:  analytics
TABLE:  m
CONSTRAINT:  m_pkey"
sql "UPDATE public.source SET k = 1 WHERE ctid = (SELECT max(ctid) FROM public.source WHERE k = 2)" >/dev/null
refuses "a row that a check forbids" "UPDATE public.source SET k = 100000 WHERE k = 1" 'new row for relation "m" violates check constraint "small"'
refuses "a NULL where none may be" "UPDATE public.source SET k = NULL WHERE k = 1" 'null value in column "k" of relation "m" violates not-null constraint'
change; transform >/dev/null
is "a primary key and a check stay" "$(sql "$counts")/$(sql "$same")/$(clean)/$(sql "SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE conrelid = 'analytics.m'::regclass")" "succeeded|1000|1000|0/0//m_pkey small"
mkdir -p "$project/tests"; echo "select * from {{ ref('m') }} where v like '%..'" >"$project/tests/none.sql"
was=$(sql "$file"); change
like "a test that fails" "$(transform)" 'ERROR:  a test failed, and nothing was published'
is "publishes nothing" "$(sql "$file")" "$was"
rm "$project/tests/none.sql"
# One of two fails behind the swap: the other one is swapped after all.
echo "{{ config(volatile=true, publish='swap', post_hook='select 1/0') }} select * from public.source" >"$m/z.sql"
sed -i "s/, post_hook='select 1\/0'//" "$m/z.sql"; transform >/dev/null; sed -i "s/) }}/, post_hook='select 1\/0') }}/" "$m/z.sql"
change; said=$(transform "on_failure => 'skip'")
like "one whose hook fails is left out" "$said" 'WARNING:  .*model "z".*division by zero'
is "and the other one is published" "$(sql "$counts")/$(sql "$same")/$(clean)/$(sql "SELECT count(*) FROM analytics.z WHERE v LIKE '%...'")" "succeeded|1000|1000|0/0//0"
rm "$m/z.sql"; sql "DROP TABLE analytics.z" >/dev/null

# --- Where it can't be, it is a difference, and the table tells why ---
differs() { # WORDS SQL [AFTERWARDS]
    begin "$2"
    local was; was=$(sql "$file"); change
    like "$1" "$(transform)" "NOTICE:  model \"m\" is published by difference: $1"
    is "$1: rows and file" "$(sql "$same")/$(sql "$file")" "0/$was"
    [ -z "${3:-}" ] || super "$3" >/dev/null
}
differs 'a column of its table was dropped' "ALTER TABLE analytics.m ADD odd int; ALTER TABLE analytics.m DROP odd"
differs 'its table is unlogged' "ALTER TABLE analytics.m SET UNLOGGED"
differs 'its table is in publication "pub"' "ALTER TABLE analytics.m REPLICA IDENTITY FULL; CREATE PUBLICATION pub FOR TABLE analytics.m" "DROP PUBLICATION pub"
differs 'its table is in publication "pub"' "ALTER TABLE analytics.m REPLICA IDENTITY FULL; CREATE PUBLICATION pub FOR TABLES IN SCHEMA analytics WITH (publish = 'insert')" "DROP PUBLICATION pub"
differs 'its table has a replica identity' "ALTER TABLE analytics.m REPLICA IDENTITY FULL"
differs 'a logical replication slot reads this database' "SELECT pg_create_logical_replication_slot('slot', 'test_decoding')" "SELECT pg_drop_replication_slot('slot')"
differs 'its table has trigger "hear"' "CREATE TRIGGER hear AFTER INSERT ON analytics.m FOR EACH STATEMENT EXECUTE FUNCTION public.hear()"
differs 'its table has a rule' "CREATE RULE none AS ON UPDATE TO analytics.m DO INSTEAD NOTHING"
differs 'its table has row security' "CREATE POLICY all_rows ON analytics.m USING (true)"
differs 'its table has foreign keys, or they refer to it' "ALTER TABLE analytics.m ADD UNIQUE (k); CREATE TABLE public.child (k int REFERENCES analytics.m (k))" "DROP TABLE public.child"
differs 'column "k" of its table is generated, or was added with a default' "ALTER TABLE analytics.m ALTER k SET NOT NULL, ALTER k ADD GENERATED BY DEFAULT AS IDENTITY"
differs 'column "big" of its table is generated, or was added with a default' "ALTER TABLE analytics.m RENAME TO other; CREATE TABLE analytics.m AS SELECT k, v FROM analytics.other; ALTER TABLE analytics.m ADD big text DEFAULT 'x'; ALTER TABLE analytics.m OWNER TO meltano; DROP TABLE analytics.other CASCADE"
differs 'index "later" is not valid, excludes rows, or is looked at late' "ALTER TABLE analytics.m ADD CONSTRAINT later UNIQUE (k) DEFERRABLE"
differs 'index "apart" is not valid, excludes rows, or is looked at late' "ALTER TABLE analytics.m ADD CONSTRAINT apart EXCLUDE USING gist (k WITH =)"
differs 'tables inherit from its table, or it from one' "CREATE TABLE public.heir () INHERITS (analytics.m)" "DROP TABLE public.heir"
differs 'something was attached to a private table when it was made' "CREATE FUNCTION public.attach() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ DECLARE t text; BEGIN FOR t IN SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%\\_baro\\_%' LOOP EXECUTE 'CREATE TRIGGER hear AFTER INSERT ON ' || t || ' FOR EACH STATEMENT EXECUTE FUNCTION public.hear()'; END LOOP; END \$\$; CREATE EVENT TRIGGER attach ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION public.attach()" "DROP EVENT TRIGGER attach"
differs 'it is a partitioned table' "DROP TABLE analytics.m; CREATE TABLE analytics.m (k int, v text, big text) PARTITION BY RANGE (k); CREATE TABLE analytics.m_1 PARTITION OF analytics.m DEFAULT; ALTER TABLE analytics.m OWNER TO meltano; ALTER TABLE analytics.m_1 OWNER TO meltano" || :
begin; model ", max_deletes='100%'"; change
like "max_deletes compares" "$(transform)" 'by difference: max_deletes compares its rows'
begin; model ", indexes=[{'columns': ['v']}]"; change
like "an index of the project's that is new" "$(transform)" 'by difference: its indexes change'
change; unlike "is swapped from then on" "$(transform)" 'by difference'
is "an index of the project's" "$(sql "$counts")/$(sql "$same")/$(clean)" "succeeded|1000|1000|0/0/"
begin; echo "{{ config(materialized='view') }} select k, v from {{ ref('m') }}" >"$m/between.sql"; echo "{{ config(materialized='materialized_view') }} select * from {{ ref('between') }}" >"$m/filled.sql"
change; said=$(transform)
like "a materialized view that is filled of it" "$said" 'by difference: materialized view "filled" is filled of it'
is "has its new rows" "$(sql "SELECT count(*) FROM (TABLE analytics.filled EXCEPT SELECT k, v FROM public.source) x")/$(sql "SELECT count(*) FROM analytics.filled")" 0/1000
change; transform >/dev/null
is "and the newer ones" "$(sql "SELECT count(*) FROM (TABLE analytics.filled EXCEPT SELECT k, v FROM public.source) x")" 0
rm "$m/between.sql" "$m/filled.sql"; sql "DROP VIEW analytics.between CASCADE" >/dev/null
begin; sql "ALTER TABLE public.source ADD more int" >/dev/null; change
like "columns that change" "$(transform)" 'by difference: its columns change'
begin; model ", pre_hook='delete from {{ this }} where k = 1'"; change
like "a hook that wrote into it" "$(transform)" 'by difference: a pre_hook wrote into its table'

# --- The same project by difference and by swap ---
begin
for way in difference swap; do
    echo "{{ config(volatile=true, publish='$way', indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['a'], 'type': 'gin'}, {'columns': ['n'], 'type': 'hash'}]) }} select * from public.odd" >"$m/by_$way.sql"
done
sql "CREATE TABLE public.odd (id int, j json, n numeric, a text[], t timestamptz, c \"char\", p point, big text)" >/dev/null
odd="SELECT CASE WHEN random() < 0.5 THEN format('{\"a\": %s}', i)::json END, random()::numeric * i, ARRAY['x' || i % 7, NULL], now() - i * interval '1 h', 'q'::\"char\", point(i, random()), CASE WHEN random() < 0.2 THEN repeat(md5(random()::text), (random() * 300)::int) END"
differ=0
for round in 1 2 3 4; do
    sql "DELETE FROM public.odd WHERE random() < 0.3; INSERT INTO public.odd SELECT i, x.* FROM generate_series($round * 500 - 499, $round * 500) i, LATERAL ($odd) x" >/dev/null
    transform "'by_difference by_swap'" >>"$BARO_DATA/rounds"
    [ "$(sql "SELECT count(*) FROM ((SELECT d::text FROM analytics.by_difference d EXCEPT ALL SELECT s::text FROM analytics.by_swap s) UNION ALL (SELECT s::text FROM analytics.by_swap s EXCEPT ALL SELECT o::text FROM public.odd o)) x; SELECT count(*) = (SELECT count(*) FROM public.odd) FROM analytics.by_swap" | tr '\n' ' ')" = "0 t " ] || differ=$((differ + 1))
done
ok "rows of many types are the same, round after round" $((differ > 0))
unlike "none of them by difference instead" "$(cat "$BARO_DATA/rounds")" 'by_swap.*by difference'
rm "$m"/by_*.sql

# --- auto ---
keys="publish='auto'"; begin; change
unlike "auto says nothing" "$(transform)" 'by difference'
is "of small tables it takes the difference" "$(sql "UPDATE public.source SET v = 'one' WHERE k = 1" >/dev/null; transform >/dev/null; sql "$counts")" "succeeded|1|1|999"
sql "INSERT INTO public.source SELECT i, 'v' || i, md5(i::text) FROM generate_series(1001, 130000) i" >/dev/null; transform >/dev/null
was=$(sql "$file"); sql "UPDATE public.source SET v = 'two' WHERE k = 2" >/dev/null; transform >/dev/null
is "few rows that differ are changed" "$(sql "$counts")" "succeeded|1|1|129999"
change; transform >/dev/null
is "most are swapped" "$(sql "$counts")/$(sql "$same")/$(clean)" "succeeded|130000|130000|0/0/"
[ "$(sql "$file")" != "$was" ]; ok "their file is another one" $?
was=$(sql "$file") length=$(sql "SELECT sum(length(v)) FROM analytics.m"); open_session old meltano; ask old "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM public.source LIMIT 1" >/dev/null; change; transform >/dev/null
is "but for an older snapshot" "$(sql "$file")/$(ask old "SELECT sum(length(v)) FROM analytics.m; COMMIT")/$(sql "$same")" "$was/$length/0"
close_session old

# --- A standby ---
keys="publish='swap'"; begin "CREATE UNIQUE INDEX ON analytics.m (k)"
standby=$cluster_home/standby port=$((PGPORT + 1))
as_cluster_user pg_basebackup -D "$standby" -R -c fast -X stream -h "$PGHOST" -p "$PGPORT" -U postgres
echo "port = $port" | as_cluster_user tee -a "$standby/postgresql.conf" >/dev/null
trap 'as_cluster_user "$server_bin/pg_ctl" -D "$standby" -m immediate -w stop >/dev/null; own_server_clean_up' EXIT
as_cluster_user "$server_bin/pg_ctl" -D "$standby" -l "$standby.log" -w start >/dev/null
there() { psql -X -q -At -d "$db" -U postgres -p "$port" -c "$1" 2>&1; }
change; transform >/dev/null
soon "SELECT bool_and(replay_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication"
is "a standby has it" "$(there "$same")/$(there "SET enable_seqscan = off; SELECT v || length(big) FROM analytics.m WHERE k = 100")" 0/v100.6400
is "and it is sound there" "$(there "SELECT string_agg(bt_index_check(indexrelid, true)::text, '') FROM pg_index WHERE indrelid = 'analytics.m'::regclass" && there "SELECT msg FROM verify_heapam('analytics.m')")" ""
as_cluster_user "$server_bin/pg_ctl" -D "$standby" -m immediate -w stop >/dev/null
trap own_server_clean_up EXIT

# --- A crash ---
keys="publish='swap'"; begin; change; was=$(sql "$file"); begins transform.swapped
cluster_stop immediate; wait $call; cluster_start; kept=() free=()
is "a crash just before the commit leaves the old rows" "$(sql "SELECT count(*), count(*) FILTER (WHERE v LIKE '%.') FROM analytics.m")/$(clean)/$(sql "$file")" "1000|0//$was"
transform >/dev/null
cluster_stop immediate; cluster_start; kept=() free=()
is "and one just behind it the new ones" "$(sql "$counts")/$(sql "$same")/$(clean)" "succeeded|1000|1000|0/0/"
printf 'wal_level = minimal\nmax_wal_senders = 0\n' | as_cluster_user tee -a "$cluster_home/pg/postgresql.conf" >/dev/null
cluster_stop; cluster_start; kept=() free=(); change
like "where the server writes little WAL" "$(transform)" 'by difference: wal_level is minimal'
finish
