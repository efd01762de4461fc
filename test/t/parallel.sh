#!/usr/bin/env bash
# Models that are computed at the same time: that they give what they give one after the other, and what they leave.
. "$(dirname "$0")/../lib.sh"
new_database
# Here a worker costs nothing, so that all that may run in one is worth it. The others of this machine may need some, too.
psql -X -q -d "$db" -U postgres -c "ALTER DATABASE $db SET parallel_setup_cost = 0" -c "ALTER DATABASE $db SET parallel_tuple_cost = 0" \
    -c "ALTER DATABASE $db SET work_mem = '64kB'" -c "ALTER DATABASE $db SET max_parallel_workers_per_gather = 0"
use_project <<YAML
version: 1
name: par
roles: {loader: meltano}
jobs: [{name: nightly, steps: [{transform: '*'}]}]
YAML
m=$project/models
model() { cat >"$m/$1.sql"; }
no_models() { rm -rf "$m"; mkdir "$m"; }

# Calls with so many threads; what is told, without times, and in $waves how many queries ran at once each time.
with_threads() { # THREADS SQL
    local said
    said=$(PGOPTIONS="-c barometre.threads=$1 -c client_min_messages=debug1" psql -X -q -At -d "$db" -U "${role:-meltano}" -c "$2" 2>&1)
    waves=$(grep -o 'workers ran [0-9]*' <<<"$said" | grep -o '[0-9]*$' | paste -sd' ')
    told=$(grep -Ev '^(LOG|DEBUG): |^LINE |^ *\^|^QUERY: ' <<<"$said" | grep -E '^[A-Z]+: ' | sed -E 's/, [0-9.]+ s$//; s/run = [0-9]+/run = N/')
}
content() {
    role=postgres sql "SELECT string_agg(concat_ws(' ', c.relname, c.relpersistence, t.typname, (SELECT string_agg(concat_ws(' ', attname, atttypid::regtype, atttypmod, attcollation), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0), md5(query_to_xml(format('SELECT t::text AS row FROM analytics.%I t ORDER BY 1', relname), true, false, '')::text)), E'\n' ORDER BY relname)
        FROM pg_class c JOIN pg_type t ON t.oid = c.reltype WHERE relnamespace = 'analytics'::regnamespace AND relkind IN ('r', 'v')"
}
steps() {
    sql "SELECT string_agg(concat_ws(' ', s.number, s.kind, s.name, s.status, s.why, s.records, s.inserted, s.deleted, s.unchanged, s.rows, s.sqlstate, s.message,
            regexp_replace(s.warnings::text, 'run = [0-9]+', 'run = N')), E'\n' ORDER BY s.number)
        FROM barometre.step s WHERE s.run = (SELECT max(id) FROM barometre.run)"
}
forget() { role=postgres sql "DROP SCHEMA IF EXISTS analytics, kinds CASCADE; DELETE FROM barometre_internal.build" >/dev/null; }
left="SELECT count(*) FROM pg_class WHERE relname LIKE '%\_baro\_%' AND relkind IN ('r', 'v')"
# same NAME WAVES [SQL]: a first build and a second one, with one thread and with several, give the same; several in these
# waves. Messages may come in another order.
same() {
    local call=${3:-CALL baro_transform()} one one_steps one_told all_waves
    forget
    with_threads 1 "$call"; one=$(content) one_steps=$(steps) one_told=$(sort <<<"$told") all_waves=$waves
    with_threads 1 "CALL baro_transform(full_refresh => true)"; one+=$(content) one_steps+=$(steps) one_told+=$(sort <<<"$told")
    is "$1: one after the other" "$all_waves$waves" ""
    forget
    with_threads 4 "$call"; several=$(content) several_steps=$(steps) several_told=$(sort <<<"$told") all_waves=$waves
    with_threads 4 "CALL baro_transform(full_refresh => true)"; several+=$(content) several_steps+=$(steps) several_told+=$(sort <<<"$told")
    is "$1: at once" "$all_waves, $waves" "$2"
    is "$1: the rows, types and names are the same" "$several" "$one"
    is "$1: and the steps" "$several_steps" "$one_steps"
    is "$1: and what is told" "$several_told" "$one_told"
    is "$1: no private table is left" "$(sql "$left")" 0
}

# --- layers -------------------------------------------------------------------------------------------------------------
for i in 1 2 3 4; do echo "select g as id, g * $i as n, repeat('x', g % 9) as t from generate_series(1, 50$i) g" | model "a$i"; done
echo "select a.id, a.n + b.n as n from {{ ref('a1') }} a join {{ ref('a2') }} b using (id)" | model a1_and_a2
echo "select count(*) as n from {{ ref('a3') }}" | model a3_counted
echo "{{ config(materialized='view') }} select * from {{ ref('a4') }}" | model a4_seen
echo "select max(n) as n from {{ ref('a4_seen') }}" | model b1
echo "select b1.n, c.n as m from {{ ref('b1') }}, {{ ref('a3_counted') }} c" | model c1
echo "{{ config(materialized='incremental', unique_key='id') }} select id, n from {{ ref('a4') }} {% if is_incremental() %} where id > 490 {% endif %}" | model a5
same "layers" "4 3, 4 3"
role=postgres sql "DELETE FROM barometre_internal.build WHERE name IN ('a3', 'a4', 'a4_seen', 'a5', 'b1')" >/dev/null
with_threads 4 "CALL baro_transform('a3 a4 a5 b1')"
is "an incremental model goes on in its turn" "$waves $(steps | grep -o 'a5 succeeded')" "2 a5 succeeded"

# --- types --------------------------------------------------------------------------------------------------------------
no_models
mkdir -p "$project/functions"
cat >"$project/functions/types.sql" <<'SQL'
CREATE SCHEMA IF NOT EXISTS kinds;
DROP TYPE IF EXISTS kinds.mood CASCADE;
DROP TYPE IF EXISTS kinds.pair CASCADE;
DROP DOMAIN IF EXISTS kinds.small CASCADE;
CREATE TYPE kinds.mood AS ENUM ('sad', 'ok');
ALTER TYPE kinds.mood ADD VALUE 'happy';
CREATE DOMAIN kinds.small AS int CHECK (VALUE < 100);
CREATE TYPE kinds.pair AS (a int, b text);
CREATE OR REPLACE FUNCTION kinds.twice(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS 'BEGIN RETURN n * 2; END';
CREATE OR REPLACE FUNCTION kinds.says(n int) RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN IF n = 300 THEN RAISE WARNING ''it is %'', n; END IF; RETURN n; END';
CREATE OR REPLACE FUNCTION kinds.here(n int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN n; END';
CREATE OR REPLACE FUNCTION kinds.path() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT concat_ws('' '', current_setting(''search_path''), current_setting(''TimeZone''), current_user, now() = statement_timestamp())';
SQL
echo "select g as id, case when g % 3 = 0 then null else enum_first(null::kinds.mood) end as mood, (array['sad', 'ok']::kinds.mood[])[g % 2 + 1] as other, row(g, 'x' || g)::kinds.pair as p, array[row(g, null)::kinds.pair] as ps from generate_series(1, 300) g" | model enums
echo "select g as id, repeat(md5(g::text), 2000) as packed, (select string_agg(md5((g * i)::text), '') from generate_series(1, 700) i) as long from generate_series(1, 20) g" | model toasted
echo "select id, long, long || packed as longer, array[long, packed] as both, row(id, long)::kinds.pair as p from {{ ref('toasted') }}" | model toasted_again
echo "select long from {{ ref('toasted') }} where id = 0" | model none
echo "select 1.50::numeric(10,2) as n, 'a'::varchar(5) as v, 'é' collate \"C\" as c, null::bit(3) as b, '{\"a\": 1}'::jsonb as j, '2024-01-01 00:00+02'::timestamptz as t, interval '1 day' as i, int4range(1, 3) as r, kinds.path() as path from generate_series(1, 300)" | model scalars
echo "select kinds.twice(g) as n from generate_series(1, 500) g" | model twice
echo "select kinds.here(g) as n from generate_series(1, 500) g" | model unsafe
echo "select random() < 2 as n from generate_series(1, 500) g" | model restricted
echo "select g::kinds.small as n from generate_series(1, 99) g" | model domains
echo "select case when true then 'a'::varchar(3) else 'b'::varchar(5) end as folded from generate_series(1, 99)" | model folded
echo "select row_number() over (order by g desc) as n, g from generate_series(1, 500) g order by g % 7, g" | model windows
echo "with recursive r as (select 1 as n union all select n + 1 from r where n < 400) select n, exists (select from {{ ref('twice') }} t where t.n = r.n) as found from r" | model recursive
echo "select relname::text from pg_class where relname in ('none', 'twice') and relnamespace = 'analytics'::regnamespace" | model catalogs
echo "select a + b from (values (1, 2), (3, 4)) v(a, b)" | model nameless
same "types" "7 3, 7 3"

# --- what goes wrong ----------------------------------------------------------------------------------------------------
no_models
for i in 1 2 3; do echo "select g as id, kinds.path() as path from generate_series(1, 50$i) g" | model "a$i"; done
role=postgres same "called by a superuser" "3, 3"
echo "select kinds.says(g) as n from generate_series(1, 500) g" | model b
same "a query that says something" ", "
is "which is heard once" "$(grep -c 'WARNING:  it is 300' <<<"$told")" 1
is "and not as another's" "$(grep -B1 'it is 300' <<<"$told" | head -1 | cut -c1-18)" "NOTICE:  model a3:"
echo "select 1 / (g - 400) as n from generate_series(1, 500) g" | model b
same "a query that fails" ", "
like "which is told" "$told" 'ERROR:  model "b" \(models/b.sql\): division by zero'
same "a query that fails, and the rest goes on" ", " "CALL baro_transform(on_failure => 'skip')"
echo "select 1 / 0 as n from generate_series(1, 500) g" | model b
same "a query that can't be planned" "3, 3" "CALL baro_transform(on_failure => 'skip')"
echo "select n.a from {{ ref('a1') }} n" | model b
same "a query that can't be understood" "3, 3" "CALL baro_transform(on_failure => 'skip')"
rm "$m/b.sql"
cat >"$m/a.yml" <<'YML'
version: 2
models: [{name: a2, columns: [{name: id, tests: [{accepted_values: {values: [1]}}]}]}]
unit_tests:
  - name: wrong
    model: a3
    given: []
    expect: {rows: [{id: 7}]}
YML
same "failing tests" "3, 3" "CALL baro_transform(on_failure => 'skip')"
like "the rows of one waited in vain" "$(steps)" 'model a3 failed unit test'
rm "$m/a.yml"

# --- what stays in its turn, and where it is called ---------------------------------------------------------------------
with_threads 4 "SET max_parallel_workers = 0; CALL baro_transform(full_refresh => true)"
is "without workers the session does it" "$waves $(grep -c ERROR <<<"$told")" " 0"
forget
with_threads 4 "CALL baro_job('nightly')"
is "a job does as well" "$waves $(sql "SELECT count(*) FROM analytics.a2")" "3 502"
forget
with_threads 4 "BEGIN; CALL baro_transform(); ROLLBACK; BEGIN ISOLATION LEVEL SERIALIZABLE; CALL baro_transform(); COMMIT"
is "within transaction blocks, too" "$waves $(sql "SELECT count(*) FROM analytics.a2")" "3 3 502"
sql "CREATE TABLE public.log (n int)" >/dev/null
echo "{{ config(pre_hook='insert into public.log values (1)') }} select g as id from generate_series(1, 500) g" | model a2
echo "select count(*) from public.log" | model a3
with_threads 4 "CALL baro_transform(full_refresh => true)"
is "what comes after a hook reads what that wrote" "$waves $(sql "SELECT * FROM analytics.a3")" "2 1"
rm "$m/a2.sql"
role=postgres sql "CREATE FUNCTION public.attach() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''made''; END'; CREATE EVENT TRIGGER made ON ddl_command_end EXECUTE FUNCTION public.attach()" >/dev/null
same "with an event trigger" ", "
role=postgres sql "ALTER EVENT TRIGGER made DISABLE" >/dev/null
role=postgres sql "CREATE TABLE public.secret (id int, who name); INSERT INTO public.secret SELECT g, CASE WHEN g % 2 = 0 THEN 'meltano' ELSE 'postgres' END FROM generate_series(1, 600) g;
    ALTER TABLE public.secret ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON public.secret TO meltano USING (who = current_user); GRANT SELECT ON public.secret TO meltano" >/dev/null
echo "select id from public.secret" | model a1
echo "select id, who from public.secret" | model a3
role=postgres same "row security" "2, 2"
is "which is the owner's, whoever calls" "$(sql "SELECT count(*) FROM analytics.a1")" 300
role=postgres sql "ALTER TABLE analytics.a1 SET (autovacuum_enabled = off); UPDATE public.secret SET id = id + 1; ALTER TABLE analytics.a3 DROP COLUMN who; ALTER TABLE analytics.a3 ADD COLUMN who name; ALTER TABLE analytics.a3 ADD COLUMN more int" >/dev/null
with_threads 4 "CALL baro_transform(full_refresh => true)"
is "columns in another order, and one too many" "$waves $(sql "SELECT string_agg(x::text, '' ORDER BY id) FROM (SELECT * FROM analytics.a3 ORDER BY id LIMIT 2) x")" "2 (3,meltano)(5,meltano)"
for i in 1 2 3 4; do echo "{{ config(volatile=true) }} select g as id from generate_series(1, 60$i) g where pg_sleep(0.00002) is not null" | model "d$i"; done
with_threads 4 "CALL baro_transform('d1 d2')" & with_threads 4 "CALL baro_transform('d3 d4')"; wait
is "both transformations at once" "$waves $(sql "SELECT string_agg(status, ' ') FROM (SELECT status FROM barometre.run ORDER BY id DESC LIMIT 2) r")" "2 succeeded succeeded"

# --- who ends it --------------------------------------------------------------------------------------------------------
no_models
for i in 1 2 3; do echo "select g as id from generate_series(1, 50$i) g where pg_sleep(0.01 * g) is not null" | model "a$i"; done
in_workers="SELECT count(*) = 2 FROM pg_stat_activity WHERE datname = '$db' AND backend_type = 'parallel worker' AND query LIKE 'select g as id%'"
end_it() { # SQL, of the workers w and their leader
    forget
    with_threads 2 "CALL baro_transform()" >/dev/null &
    soon "$in_workers" || echo "# no workers"
    role=postgres sql "SELECT $1 FROM pg_stat_activity WHERE datname = '$db' AND backend_type = 'parallel worker' LIMIT 1" >/dev/null
    wait $!
    last=$(sql "SELECT concat_ws(' ', status, sqlstate, message) FROM barometre.run ORDER BY id DESC LIMIT 1")
    is "$2: no worker goes on" "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND backend_type = 'parallel worker'")" 0
    is "$2: and nothing is left" "$(sql "SELECT count(*) FROM pg_class WHERE relname LIKE '%\_baro\_%' OR relname IN ('a1', 'a2', 'a3')")" 0
}
end_it "pg_cancel_backend(leader_pid)" "a cancel"
is "the run says so" "$last" "failed 57014 model \"a1\" (models/a1.sql): canceling statement due to user request"
end_it "pg_terminate_backend(leader_pid)" "the end of the session"
end_it "pg_terminate_backend(pid)" "the end of a worker"
is "the run says so, too" "$last" "failed 57P01 model \"a1\" (models/a1.sql): a parallel worker that computed models was ended"
finish
