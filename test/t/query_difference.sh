#!/usr/bin/env bash
# A model of many rows, most of which readers have already: its query is compared as its rows come, and only those that
# readers lack get a private table. The server's EXCEPT ALL says what the difference is.
. "$(dirname "$0")/../lib.sh"
own_server
new_database
use_project <<'YML'
version: 1
name: test
roles: {loader: meltano}
YML
super() { role=postgres sql "$1"; }
# Models of 50,000 rows are many: so many it seems to have.
transform() { super "UPDATE barometre_internal.build SET rows = 100000 WHERE name = 'm'" >/dev/null; PGOPTIONS='' psql -X -q -At -d "$db" -U meltano -c "CALL baro_transform(${1:-})" 2>&1; }
model() { echo "{{ config(volatile=true${3:-}) }} $2" > "$project/models/$1.sql"; }
step() { sql "SELECT concat_ws('|', status, inserted, deleted, unchanged, records, bytes > 300000) FROM barometre.step WHERE name = '${1:-m}' ORDER BY run DESC LIMIT 1"; }
no_leftovers() { is "$1: nothing of it is left" "$(sql "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_baro\\_%'")" 0; }
sql "CREATE TYPE public.pair AS (a int, b text); CREATE TYPE public.mood AS ENUM ('sad', 'happy')
" >/dev/null
sql "CREATE TABLE public.source (id int, v text, n numeric, big text, f float8[], p public.pair, m public.mood, j json, c char(5), t timestamptz)" >/dev/null
sql "CREATE FUNCTION public.rows(a int, b int, k int) RETURNS SETOF public.source LANGUAGE sql AS \$\$
    SELECT i, CASE WHEN i % 3 > 0 THEN 'v' || i % 7 END, i / 4.0 + k, CASE WHEN i % 400 = 0 THEN (SELECT string_agg(md5((i * j + k)::text), '') FROM generate_series(1, 300) j) END,
    CASE WHEN i % 10 = 0 THEN ARRAY[i, NULL, k] END, CASE WHEN i % 5 = 0 THEN ROW(i, repeat('x', k))::public.pair END, CASE WHEN i % 2 = 0 THEN 'happy' END::public.mood, CASE WHEN i % 9 = 0 THEN '{\"a\" : 1}' END::json,
    'c' || i % 9, timestamptz '2024-01-01 00:00+00' + i * interval '1 s' FROM generate_series(a, b) i \$\$" >/dev/null
sql "INSERT INTO public.source SELECT * FROM public.rows(1, 3000, 0)" >/dev/null
model m "select * from public.source"
model below "select count(*) as rows, sum(id) as ids, sum(n) as n, sum(length(big)) as big from {{ ref('m') }}"
mkdir -p "$project/models"; cat > "$project/models/m.yml" <<'YML'
models:
  - name: m
    columns: [{name: id, data_tests: [{not_null: {severity: warn}}]}]
YML
transform >/dev/null
sums="SELECT count(*) AS rows, sum(id) AS ids, sum(n) AS n, sum(length(big)) AS big FROM"

all="ROW(count(*), sum(hashtextextended(x::text, 0)::numeric))"
changes() { # NAME CHANGE: what the server says is in the step, and where the rows lie, and what is built upon them
    sql "DROP TABLE IF EXISTS public.before; CREATE TABLE public.before AS SELECT * FROM analytics.m" >/dev/null
    sql "$2" >/dev/null
    transform > "$folder/said"
    local found counts
    counts=$(sql "SELECT concat_ws('|', 'succeeded', i, d, r - i, r, r > 0) FROM (SELECT (SELECT count(*) FROM (SELECT s::text FROM public.source s EXCEPT ALL SELECT b::text FROM public.before b) x) AS i,
        (SELECT count(*) FROM (SELECT b::text FROM public.before b EXCEPT ALL SELECT s::text FROM public.source s) x) AS d, (SELECT count(*) FROM public.source) AS r) x")
    is "$1: the counts" "$(step)" "$counts"
    found=$(sql "SELECT (SELECT $all FROM public.source x) = (SELECT $all FROM analytics.m x)")
    is "$1: readers have its rows" "$found" t
    is "$1: what is built upon it read them" "$(sql "SELECT * FROM analytics.below")" "$(sql "$sums public.source")"
    no_leftovers "$1"
}
changes "the same rows" ""
like "the same rows: none is written" "$(cat "$folder/said")" 'm: built, 3 000 rows \(0 added, 0 removed, 3 000 unchanged'
changes "some values" "UPDATE public.source SET v = 'other' WHERE id % 50 = 3"
like "some values: it is no incremental model" "$(cat "$folder/said")" 'model m: built, 3 000'
changes "long values, arrays, pairs" "UPDATE public.source SET big = big || 'x', f = f || 1.5::float8, p = ROW(1, NULL)::public.pair WHERE id % 800 = 0"
changes "the same number otherwise written" "UPDATE public.source SET n = n::numeric(12,3) WHERE id % 60 = 1"
changes "NULLs" "UPDATE public.source SET v = NULL, j = NULL WHERE id % 70 = 1"
changes "the same rows in another order" "CREATE TABLE public.again AS TABLE public.source; DELETE FROM public.source; INSERT INTO public.source SELECT * FROM public.again ORDER BY md5(id::text); DROP TABLE public.again"
changes "rows that come three times, and five" "INSERT INTO public.source SELECT s.* FROM public.source s, generate_series(1, 2 + s.id % 2 * 2) WHERE id <= 30"
changes "of those some, and another one" "DELETE FROM public.source WHERE ctid IN (SELECT ctid FROM public.source WHERE id <= 30 ORDER BY md5(ctid::text) LIMIT 40); UPDATE public.source SET v = 'once' WHERE ctid = (SELECT max(ctid) FROM public.source WHERE id = 5)"
changes "rows that are all alike" "UPDATE public.source s SET (v, n, big, f, p, m, j, c, t) = (SELECT v, n, big, f, p, m, j, c, t FROM public.rows(1, 1, 0)), id = 1 WHERE id % 3 = 0"
changes "most of its rows" "UPDATE public.source SET n = n + 1 WHERE id % 5 > 0"
changes "all of its rows" "UPDATE public.source SET n = n + 1"
changes "half of its rows go" "DELETE FROM public.source WHERE id % 2 = 0"
changes "and come again" "INSERT INTO public.source SELECT * FROM public.rows(1, 3000, 0) WHERE id % 2 = 0"
changes "none is left" "DELETE FROM public.source"
changes "many where none were" "INSERT INTO public.source SELECT * FROM public.rows(1, 3000, 0)"
super "ALTER DATABASE $db SET maintenance_work_mem = '1MB'" >/dev/null
sql "INSERT INTO public.source (id) SELECT generate_series(4000, 54000)" >/dev/null; transform >/dev/null
changes "more than there is memory for" "UPDATE public.source SET v = 'another' WHERE id % 50 = 3"
changes "and the same rows" ""
super "ALTER DATABASE $db RESET maintenance_work_mem" >/dev/null
sql "DELETE FROM public.source WHERE id >= 4000" >/dev/null; transform >/dev/null

# --- many columns, and values of every length: each byte counts, and which of them are NULL ---
sql "CREATE TABLE public.few AS TABLE public.source; DELETE FROM public.source WHERE id > 300; DO \$\$ BEGIN FOR k IN 1..140 LOOP EXECUTE format('ALTER TABLE public.source ADD c%s text', k); END LOOP; END \$\$;
    UPDATE public.source SET $(for k in $(seq 140); do printf "c$k = CASE WHEN (id * $k) %% 7 > 0 THEN repeat(chr(97 + id %% 26), (id + $k) %% 19) END,"; done) v = v" >/dev/null
transform >/dev/null
for byte in 1 3 5 8 9 16; do changes "byte $byte of a value" "UPDATE public.source SET c$byte = overlay(c$byte PLACING '#' FROM $byte FOR 1) WHERE length(c$byte) >= $byte AND id % 9 = 1"; done
changes "the last byte" "UPDATE public.source SET c70 = left(c70, -1) || 'z', c140 = left(c140, -1) || E'\\x01' WHERE id % 7 = 1"
changes "NULL and empty" "UPDATE public.source SET c63 = CASE WHEN c63 IS NULL THEN '' END, c65 = CASE WHEN c65 IS NULL THEN '' WHEN c65 = '' THEN NULL ELSE c65 END WHERE id % 5 = 1"
changes "neighbours exchange what they have" "UPDATE public.source SET c64 = c65, c65 = c64, c128 = c129, c129 = c128 WHERE id % 4 = 1"
changes "what one has at its end comes to begin the other" "UPDATE public.source SET c20 = left(c20, -1), c21 = right(c20, 1) || c21 WHERE c20 > '' AND c21 IS NOT NULL"
sql "DO \$\$ BEGIN FOR k IN 1..140 LOOP EXECUTE format('ALTER TABLE public.source DROP c%s', k); END LOOP; END \$\$; DELETE FROM public.source; INSERT INTO public.source TABLE public.few" >/dev/null; transform >/dev/null

# --- other columns ---
sql "ALTER TABLE analytics.m DROP COLUMN f; ALTER TABLE analytics.m ADD COLUMN f float8[]" >/dev/null
model m "select id, v, n, big, p, m, j, c, t, f from public.source"
transform >/dev/null
model m "select f, t, c, j, m, p, big, n, v, id from public.source where id % 90 <> 7"
like "a column that was dropped, and another order" "$(transform)" "m: built, 2 966 rows \(0 added, 34 removed, 2 966 unchanged"
is "readers have them by name" "$(sql "SELECT count(*) FROM analytics.m a JOIN public.source s USING (id) WHERE (a.v, a.n, a.big, a.f, a.p, a.m, a.j::text, a.c, a.t) IS DISTINCT FROM (s.v, s.n, s.big, s.f, s.p, s.m, s.j::text, s.c, s.t)")" 0
model m "select id, v collate \"C\" as v, n, big, p, m, j, c, t, f from public.source"
like "a collation that changes" "$(transform; sql "SELECT attcollation::regcollation FROM pg_attribute WHERE attrelid = 'analytics.m'::regclass AND attname = 'v'")" '"C"'
model m "select id, v collate \"C\" as v, n::numeric(12,2) as n, big, p, m, j, c, t, f from public.source"
like "a type that changes" "$(transform; sql "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'analytics.m'::regclass AND attname = 'n'")" 'numeric\(12,2\)'
printf '{{ config(volatile=true) }}\nselect id, v collate "C" as v, n::numeric(12,2) as n, big, p, m, j, c, t, f\nfrom public.source\nwhere 1 / (id - 2000) < 5' > "$project/models/m.sql"
like "an error names its model" "$(transform)" 'model "m".*division by zero'
no_leftovers "an error"
model m "select id, v collate \"C\" as v, n::numeric(12,2) as n, big, p, m, j, c, t, f from public.source"
transform >/dev/null

# --- tests, guards, and other sessions ---
sql "UPDATE public.source SET id = NULL WHERE id % 1000 = 9" >/dev/null
like "a test reads the new rows" "$(transform)" 'not_null.*3'
sql "UPDATE public.source SET id = 1 WHERE id IS NULL" >/dev/null; transform >/dev/null
model m "select id, v collate \"C\" as v, n::numeric(12,2) as n, big, p, m, j, c, t, f from public.source where id % 50 <> 8" ", max_deletes='10'"
like "a guard counts the rows that go" "$(transform)" '60 of 3 000 rows would go'
is "and nothing is published" "$(sql "SELECT count(*) FROM analytics.m")" 3000
model m "select id, v collate \"C\" as v, n::numeric(12,2) as n, big, p, m, j, c, t, f from public.source"
# --- an event trigger that gives every new table an index: it has to know of the rows, too ---
super "CREATE FUNCTION public.add_index() RETURNS event_trigger LANGUAGE plpgsql AS 'DECLARE t record; BEGIN FOR t IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.objid AND attname = ''t'') THEN EXECUTE format(''CREATE INDEX ON %s (id)'', t.object_identity); END IF; END LOOP; END';
    CREATE EVENT TRIGGER add_index ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION public.add_index(); ALTER DATABASE $db SET enable_seqscan = off" >/dev/null
model found "select id, v from {{ ref('m') }} where id = 50"
sql "UPDATE public.source SET v = 'sought' WHERE id = 50" >/dev/null
transform >/dev/null
is "what an index finds that an event trigger added" "$(sql "SELECT v FROM analytics.found")" sought
super "DROP EVENT TRIGGER add_index; ALTER DATABASE $db RESET enable_seqscan" >/dev/null
rm "$project/models/found.sql"
model waits "select count(*) as n, pg_advisory_xact_lock_shared(42)::text as g from {{ ref('m') }}"
transform >/dev/null
open_session gate postgres
for what in "some of them" "none of them"; do
    [ "$what" = "none of them" ] || sql "UPDATE public.source SET v = 'x' WHERE id % 70 = 5" >/dev/null
    ask gate "SELECT pg_advisory_lock(42)" >/dev/null
    transform > "$folder/said" & call=$!
    soon "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
    sql "INSERT INTO analytics.m (id) VALUES (77)" >/dev/null
    ask gate "SELECT pg_advisory_unlock_all()" >/dev/null; wait $call
    like "$what changed: who writes into it meanwhile is seen" "$(cat "$folder/said")" 'another session changed analytics.m while it was being built'
    transform >/dev/null
    is "$what changed: the next call puts it right" "$(sql "SELECT count(*) FROM analytics.m")" 3000
done

# --- who makes an index CONCURRENTLY waits for the call, which must not wait for him ---
sql "UPDATE public.source SET v = 'y'" >/dev/null
ask gate "SELECT pg_advisory_lock(42)" >/dev/null
transform > "$folder/said" & call=$!
soon "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
sql "CREATE INDEX CONCURRENTLY later ON analytics.m (id)" >"$folder/index" 2>&1 & index=$!
soon "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted"
ask gate "SELECT pg_advisory_unlock_all()" >/dev/null; wait $call
unlike "an index that is made CONCURRENTLY ends no call" "$(cat "$folder/said")" 'ERROR'
wait $index
is "nor does the call end it" "$(cat "$folder/index")$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'analytics.later'::regclass")" t
finish
