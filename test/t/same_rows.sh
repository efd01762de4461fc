#!/usr/bin/env bash
# A small model whose query gives what readers have already: it runs once, and no table is made for it.
. "$(dirname "$0")/../lib.sh"
own_server
new_database
use_project <<'YML'
version: 1
name: test
roles: {loader: meltano}
YML
super() { role=postgres sql "$1"; }
transform() { PGOPTIONS='' psql -X -q -At -d "$db" -U meltano -c "CALL baro_transform(${1:-})" 2>&1; }
model() { echo "{{ config(volatile=true) }} $2" > "$project/models/$1.sql"; }
counts="SELECT concat_ws('|', status, inserted, deleted, unchanged, records, bytes > 0) FROM barometre.step WHERE name = 'm' ORDER BY run DESC LIMIT 1"
super "CREATE TABLE public.made (what text); GRANT SELECT, INSERT ON public.made TO PUBLIC;
    CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.made VALUES (TG_TAG); END'; CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'DROP TABLE') EXECUTE FUNCTION public.note()" >/dev/null
made="SELECT count(*) FROM public.made"
sql "CREATE SEQUENCE public.calls; CREATE TABLE public.source (id int, v text, n numeric(8,2), big text, f float8[]); INSERT INTO public.source SELECT i, CASE WHEN i % 3 > 0 THEN 'v' || i % 7 END, i / 4.0, CASE WHEN i % 40 = 0 THEN (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 300) j) END, ARRAY[i, NULL] FROM generate_series(1, 200) i" >/dev/null
sql "CREATE FUNCTION public.counted(text) RETURNS text VOLATILE LANGUAGE sql AS 'SELECT CASE WHEN nextval(''public.calls'') > 0 THEN \$1 END'" >/dev/null
model m "select id, counted(v) as v, n, big, f from public.source"
model below "select count(*) as rows, max(n) as most from {{ ref('m') }}"
transform >/dev/null
super "TRUNCATE public.made; ALTER SEQUENCE public.calls RESTART" >/dev/null
like "the same rows" "$(transform)" 'model m: built, 200 rows \(0 added, 0 removed, 200 unchanged\)'
is "the same rows are counted" "$(sql "$counts")" "succeeded|0|0|200|200|t"
is "no table is made for them" "$(sql "$made")" 0
is "their query ran once" "$(sql "SELECT last_value FROM public.calls")" 200
is "nothing of it is left" "$(sql "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_baro\\_%'")" 0

differs() { # NAME CHANGE COUNTS
    super "TRUNCATE public.made; ALTER SEQUENCE public.calls RESTART" >/dev/null
    sql "$2" >/dev/null
    transform >/dev/null
    is "$1" "$(sql "$counts")" "$3"
    is "$1: the query ran once" "$(sql "SELECT CASE WHEN is_called THEN last_value ELSE 0 END = (SELECT count(*) FROM public.source) FROM public.calls")" t
    is "$1: readers have its rows" "$(sql "SELECT count(*) FROM (SELECT s::text FROM public.source s EXCEPT ALL SELECT m::text FROM analytics.m m) x")/$(sql "SELECT rows FROM analytics.below")" "0/$(sql "SELECT count(*) FROM public.source")"
}
differs "another value" "UPDATE public.source SET v = 'other' WHERE id = 3" "succeeded|1|1|199|200|t"
differs "NULL for a value" "UPDATE public.source SET v = NULL WHERE id = 4" "succeeded|1|1|199|200|t"
differs "one letter of a long value" "UPDATE public.source SET big = big || 'x' WHERE id = 80" "succeeded|1|1|199|200|t"
differs "a row once more" "INSERT INTO public.source SELECT * FROM public.source WHERE id = 9" "succeeded|1|0|200|201|t"
differs "another one twice in its place" "DELETE FROM public.source WHERE id = 9; INSERT INTO public.source SELECT s.* FROM public.source s, generate_series(1, 2) WHERE id = 11" "succeeded|2|2|199|201|t"
differs "more rows than were expected" "INSERT INTO public.source SELECT i, 'many', 1, NULL, NULL FROM generate_series(1, 30000) i" "succeeded|30000|0|201|30201|t"
differs "few again" "DELETE FROM public.source WHERE v = 'many'" "succeeded|0|30000|201|201|t"
differs "no rows" "DELETE FROM public.source WHERE id > 1; DELETE FROM public.source" "succeeded|0|201|0|0|t"
sql "INSERT INTO public.source VALUES (1, 'a', 1, NULL, NULL)" >/dev/null; transform >/dev/null

# --- many at once, for which temporary files have no room: they need none when they go into a table ---
for memory in 1MB 16MB; do # with 16 MB, none is in a file yet when there is no room
    super "ALTER DATABASE $db SET temp_file_limit = '5MB'; ALTER DATABASE $db SET maintenance_work_mem = '$memory'" >/dev/null
    model m "select * from public.source"
    model m_waits "select i, repeat('x', 900) as x from public.source s, generate_series(1, 10000 * (s.id - 1)) i"
    sql "UPDATE public.source SET id = 1" >/dev/null; transform >/dev/null
    sql "UPDATE public.source SET id = 6" >/dev/null
    like "$memory, many rows where none were, and a limit of temporary files" "$(transform)" 'model m_waits: built, 50 000 rows \(50 000 added'
done
super "ALTER DATABASE $db RESET temp_file_limit; ALTER DATABASE $db RESET maintenance_work_mem" >/dev/null
rm "$project/models/m_waits.sql"; sql "UPDATE public.source SET id = 1" >/dev/null

# --- other columns ---
model m "select id, v, n::numeric(8,3) as n, big, f from public.source"
like "a type that changes" "$(transform; sql "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'analytics.m'::regclass AND attname = 'n'")" 'numeric\(8,3\)'
model m "select id, v collate \"C\" as v, n::numeric(8,3) as n, big, f from public.source"
like "a collation that changes" "$(transform; sql "SELECT attcollation::regcollation FROM pg_attribute WHERE attrelid = 'analytics.m'::regclass AND attname = 'v'")" '"C"'
model m "select id, n::numeric(8,3) as n, v collate \"C\" as v, f, big from public.source"
super "TRUNCATE public.made" >/dev/null; transform >/dev/null
is "another order of the columns" "$(sql "$counts")/$(sql "$made")" "succeeded|0|0|1|1|t/0"
model m "select id, n::numeric(8,3) as n, v collate \"C\" as v, f, big, id as id from public.source"
like "a column that is there twice" "$(transform)" 'column reference "id" is ambiguous'
printf '{{ config(volatile=true) }}\nselect id, n::numeric(8,3) as n, v collate "C" as v, f, big\nfrom public.source\nwhere 1 / (id - 1) > 0' > "$project/models/m.sql"
like "an error names its model" "$(transform)" 'model "m".*division by zero'
model m "select id, n::numeric(8,3) as n, v collate \"C\" as v, f, big from public.source where nothing"
like "an error names its file and line" "$(transform | tr '\n' ' ')" 'model "m" \(models/m.sql, line 1\): column "nothing" does not exist'
model m "select id, n::numeric(8,3) as n, v collate \"C\" as v, f, big from public.source"

# --- who writes into it meanwhile is seen ---
super "CREATE FUNCTION public.gate() RETURNS text VOLATILE LANGUAGE sql AS 'SELECT pg_advisory_xact_lock_shared(42)::text'" >/dev/null
model waits "select count(*) as n, gate() as g from {{ ref('m') }}"
transform >/dev/null
open_session gate postgres
ask gate "SELECT pg_advisory_lock(42)" >/dev/null
transform > "$folder/said" & call=$!
soon "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
sql "INSERT INTO analytics.m (id) VALUES (77)" >/dev/null
ask gate "SELECT pg_advisory_unlock_all()" >/dev/null; wait $call
like "who writes into it meanwhile is seen" "$(cat "$folder/said")" 'another session changed analytics.m while it was being built'
transform >/dev/null
is "the next call puts it right" "$(sql "$counts")" "succeeded|0|1|1|1|t"

# --- rows that others put right during the call are not those that its later models read ---
model before_m "select gate() as g"
model waits "select count(*) as n, sum(id) as s from {{ ref('m') }}"
mended() { # NAME ROWS
    model m "select id, (select count(*) from {{ ref('before_m') }}) as one from public.source"
    sql "TRUNCATE public.source; INSERT INTO public.source (id) SELECT generate_series(1, $2)" >/dev/null
    rm -f "$project/models/below.sql"
    transform >/dev/null
    local right; right=$(sql "SELECT n || '/' || s FROM analytics.waits")
    sql "UPDATE analytics.m SET id = 1000000 WHERE id = 3" >/dev/null
    close_gate
    transform > "$folder/said" & call=$!
    at_gate
    sql "UPDATE analytics.m SET id = 3 WHERE id = 1000000" >/dev/null
    open_gate; wait $call
    like "$1: what others put right during the call is seen" "$(cat "$folder/said")" 'another session changed analytics.m while it was being built'
    is "$1: nothing that was built upon the rows before is published" "$(sql "SELECT n || '/' || s FROM analytics.waits")" "$right"
}
mended "a small model" 5
mended "a large model" 60000

# --- so of a materialized view that somebody refreshed during the call ---
echo "{{ config(materialized='materialized_view', volatile=true) }} select id, (select count(*) from {{ ref('before_m') }}) as one from public.source" > "$project/models/mv.sql"
rm "$project/models/m.sql"
sql "TRUNCATE public.source; INSERT INTO public.source (id) SELECT generate_series(1, 5)" >/dev/null
model waits "select count(*) as n, sum(id) as s from {{ ref('mv') }}"
transform >/dev/null
sql "CREATE UNIQUE INDEX ON analytics.mv (id); INSERT INTO public.source (id) VALUES (6)" >/dev/null
close_gate
transform > "$folder/said" & call=$!
at_gate
sql "REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.mv" >/dev/null
open_gate; wait $call
like "a materialized view that others refresh during the call is seen" "$(cat "$folder/said")" 'another session changed analytics.mv while it was being built'
is "nothing that was built upon its rows before is published" "$(sql "SELECT n || '/' || s FROM analytics.waits")" "5/15"
transform >/dev/null
is "the next call builds upon what it holds" "$(sql "SELECT n || '/' || s FROM analytics.waits")" "6/21"
finish
