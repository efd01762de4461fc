#!/usr/bin/env bash
# Write, audit, publish: what a call of baro_transform leaves behind, what others see meanwhile, and what is
# left of a call that failed.
. "$(dirname "$0")/../lib.sh"
own_server
new_database
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: publish
roles: {loader: meltano, readers: [express-api]}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: s.*\.csv, key_properties: [id]}
      - {name: late, path: in, pattern: late.*\.csv, key_properties: [id]}
YML
m=$project/models
# model NAME SQL; transform [ARGUMENTS]; clean: a project without models (what they published stays)
model() { printf '%s\n' "$2" > "$m/$1.sql"; }
transform() { ask builder "CALL baro_transform(${1:-})"; }
open_session builder meltano
clean() { rm -rf "$m"/* "$project/tests"/* "$project/seeds"/*; }
super() { role=postgres sql "$1"; }
last="SELECT status || ' ' || coalesce(sqlstate, '-') FROM barometre.run ORDER BY id DESC LIMIT 1"
left="SELECT count(*) FROM pg_class WHERE relname LIKE '\\_baro\\_%'"
where="(SELECT max(id) FROM barometre.run)"

# Models that call gate() wait while the gate is closed. begin [ARGUMENTS]: a call in the background, until it stands
# at the gate; end: opens, and waits for it; its words are in $said.
super "CREATE FUNCTION public.gate() RETURNS text VOLATILE LANGUAGE sql AS 'SELECT pg_advisory_xact_lock_shared(42)::text'" >/dev/null
open_session gate postgres
at_gate="SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
begin() {
    ask gate "SELECT pg_advisory_lock(42)" >/dev/null
    PGOPTIONS='' PGAPPNAME=etl psql -X -q -At -d $db -U meltano -c "CALL baro_transform(${1:-})" > "$folder/said" 2>&1 & call=$!
    local pid_of="SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted LIMIT 1"
    soon "$at_gate" || echo "# the call does not come to the gate: $(cat "$folder/said")"
    pid=$(super "$pid_of")
}
end() { ask gate "SELECT pg_advisory_unlock_all()" >/dev/null; wait $call; said=$(cat "$folder/said"); }

# --- References reach the new version ---
sql "CREATE TABLE public.raw (id int, v text); INSERT INTO public.raw SELECT g, 'v' || g FROM generate_series(1, 3) g"
model base "select id, v from public.raw"
model seen "{{ config(materialized='view') }} select id, v from {{ ref('base') }}"
model seen_again "{{ config(materialized='view') }} select v, id from analytics.seen"
model by_ref "select count(*) as n from {{ ref('base') }}"
model by_name "select count(*) as n, max(base.id) as top from base"
model by_schema "select count(*) as n, max(analytics.base.id) as top from analytics.base where analytics.base.id > 0"
model by_alias "select count(*) as n from analytics.base as b join {{ ref('base') }} c on b.id = c.id where b.v = c.v"
model by_view "select count(*) as n from {{ ref('seen') }}"
model by_chain "select count(*) as n, max(seen_again.id) as top from seen_again"
model by_star "select base.* from base"
model by_cte "with base as (select 1 as one) select one, (select count(*) from analytics.base) as n from base"
transform >/dev/null
all="SELECT string_agg(n::text, ' ') FROM (SELECT n FROM analytics.by_ref UNION ALL SELECT n FROM analytics.by_name UNION ALL SELECT n FROM analytics.by_schema UNION ALL SELECT n FROM analytics.by_alias UNION ALL SELECT n FROM analytics.by_view UNION ALL SELECT n FROM analytics.by_chain UNION ALL SELECT count(*) FROM analytics.by_star UNION ALL SELECT n FROM analytics.by_cte) x"
is "a first call builds all kinds of references" "$(sql "$all")" "3 3 3 3 3 3 3 3"
sql "INSERT INTO public.raw VALUES (4, 'v4')"
like "the summary counts what was added" "$(transform)" 'model base: built, 4 rows \(1 added, 0 removed'
is "by ref, name, schema, alias, view, chain of views, star and beside a CTE the new version is read" "$(sql "$all")" "4 4 4 4 4 4 4 4"
sql "INSERT INTO public.raw VALUES (5, 'v5')"
transform "'base by_view by_chain'" >/dev/null
is "through views that are not selected, too" "$(sql "SELECT (SELECT n FROM analytics.by_view), (SELECT n FROM analytics.by_chain), (SELECT n FROM analytics.by_ref)")" "5|5|4"
sql "INSERT INTO public.raw VALUES (6, 'v6')"
transform "'base by_ref'" >/dev/null
is "what is not selected keeps what it had" "$(sql "SELECT (SELECT n FROM analytics.by_ref), (SELECT n FROM analytics.by_name)")" "6|4"

sql "CREATE FUNCTION public.how_many() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT count(*) FROM analytics.base'; CREATE FUNCTION public.how_many_pl() RETURNS bigint STABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM analytics.base); END'; CREATE VIEW public.foreign_view AS SELECT * FROM analytics.base"
model by_sql_function "select public.how_many() as n from {{ ref('base') }} limit 1"
model by_plpgsql "select public.how_many_pl() as n from {{ ref('base') }} limit 1"
model by_foreign "select count(*) as n from public.foreign_view, {{ ref('by_ref') }}"
model a_first "select count(*) as n from public.foreign_view"
sql "INSERT INTO public.raw VALUES (7, 'v7')"
out=$(transform)
like "an SQL function that reads the published version is warned of" "$out" 'WARNING: .*"by_sql_function".*"base" as it was published'
like "a PL/pgSQL function, too" "$out" 'WARNING: .*"by_plpgsql".*"base" as it was published'
like "a foreign view, too, and is named" "$out" 'WARNING: .*"by_foreign".*"base" as it was published.*foreign_view'
like "also when the model comes before what it reads" "$out" 'WARNING: .*"a_first".*"base" as it was published'
clean; super "DROP VIEW public.foreign_view" >/dev/null

# A table's columns keep their order when the model's change: that must not change what others read by position.
model turned "select 1 as x, 2 as y"
model by_position "select * from {{ ref('turned') }} union all select 10, 20"
transform >/dev/null
model turned "select 3 as y, 1 as x"
transform >/dev/null
together=$(sql "SELECT x || ' ' || y FROM analytics.by_position ORDER BY x")
transform "'by_position', full_refresh => true" >/dev/null
is "a model that reads by position gets the same in one call and in two" "$together" "$(sql "SELECT x || ' ' || y FROM analytics.by_position ORDER BY x")"
clean

# --- What hangs on a table lives on ---
sql "DROP TABLE public.raw; CREATE TABLE public.raw (id int, v text); INSERT INTO public.raw SELECT g, 'v' || g FROM generate_series(1, 1000) g"
model rich "select id, v from public.raw"
transform >/dev/null
sql "CREATE UNIQUE INDEX rich_v ON analytics.rich (v); ALTER TABLE analytics.rich ADD PRIMARY KEY (id); COMMENT ON TABLE analytics.rich IS 'by hand';
     COMMENT ON COLUMN analytics.rich.v IS 'by hand, too'; ALTER TABLE analytics.rich SET (fillfactor = 70, autovacuum_enabled = off);
     CREATE STATISTICS analytics.rich_statistics ON id, v FROM analytics.rich; ALTER TABLE analytics.rich ENABLE ROW LEVEL SECURITY;
     CREATE POLICY few ON analytics.rich FOR SELECT TO \"express-api\" USING (id <= 10); CREATE TABLE public.log (what text, id int);
     CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.log VALUES (tg_op, coalesce(new.id, old.id)); RETURN NULL; END';
     CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON analytics.rich FOR EACH ROW EXECUTE FUNCTION public.note();
     CREATE VIEW public.hand AS SELECT * FROM analytics.rich"
super "REVOKE ALL ON analytics.rich FROM \"express-api\"; GRANT SELECT (id) ON analytics.rich TO \"express-api\"; GRANT SELECT, REFERENCES ON analytics.rich TO PUBLIC; CREATE PUBLICATION pub FOR TABLE analytics.rich" >/dev/null
hanging="SELECT c.oid, c.reltype, c.relacl, c.reloptions, c.relrowsecurity, obj_description(c.oid), col_description(c.oid, 2), c.relpersistence,
    (SELECT string_agg(a.attname || coalesce(a.attacl::text, ''), ',') FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0), (SELECT count(*) FROM pg_index WHERE indrelid = c.oid),
    (SELECT count(*) FROM pg_statistic_ext WHERE stxrelid = c.oid), (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid), (SELECT count(*) FROM pg_trigger WHERE tgrelid = c.oid),
    (SELECT count(*) FROM pg_publication_rel WHERE prrelid = c.oid), to_regclass('public.hand') FROM pg_class c WHERE c.oid = 'analytics.rich'::regclass"
before=$(super "$hanging") kept=$(sql "SELECT md5(string_agg(ctid::text || xmin, ' ' ORDER BY id)) FROM analytics.rich WHERE id NOT IN (5, 1000)")
sql "UPDATE public.raw SET v = 'new' WHERE id = 5; DELETE FROM public.raw WHERE id = 1000; INSERT INTO public.raw VALUES (1001, 'v1000')"
like "a unique value may move from a row that vanishes to a new one" "$(transform)" 'model rich: built, 1 000 rows \(2 added, 2 removed'
is "OID, grants, indexes, comments, parameters, statistics, policies, triggers, publications and views live on" "$(super "$hanging")" "$before"
is "rows that did not change are not touched" "$(sql "SELECT md5(string_agg(ctid::text || xmin, ' ' ORDER BY id)) FROM analytics.rich WHERE id NOT IN (5, 1001)")" "$kept"
is "triggers fire for the rows that changed" "$(sql "SELECT string_agg(what || ' ' || id, ',' ORDER BY id, what) FROM public.log")" "DELETE 5,INSERT 5,DELETE 1000,INSERT 1001"
is "policies hold for readers" "$(role=express-api sql "SELECT count(*) FROM analytics.rich")" 10
model rich "select id, v, id * 2 as twice from public.raw"
like "a column is added in place" "$(transform)" 'columns: \+ twice integer'
is "and all that hangs on the table lives on" "$(super "$hanging" | sed 's/,twice//')" "$before"
clean

# --- Foreign keys ---
sql "CREATE TABLE public.people (id int, code text, v text); INSERT INTO public.people SELECT g, 'c' || g, 'old' FROM generate_series(1, 5) g"
model person "select id, code, v from public.people"
transform >/dev/null
sql "ALTER TABLE analytics.person ADD PRIMARY KEY (id); ALTER TABLE analytics.person ADD UNIQUE (code);
     CREATE TABLE public.note_of (person int REFERENCES analytics.person ON DELETE CASCADE); INSERT INTO public.note_of SELECT generate_series(1, 5);
     CREATE TABLE public.code_of (code text REFERENCES analytics.person (code) ON DELETE CASCADE)"
sql "UPDATE public.people SET v = 'new'"
transform >/dev/null
is "children of a changed row with the same key survive ON DELETE CASCADE" "$(sql "SELECT count(*), (SELECT min(v) FROM analytics.person) FROM public.note_of")" "5|new"
sql "DELETE FROM public.people WHERE id = 5"
transform >/dev/null
is "children of a row that vanished go, as their key says" "$(sql "SELECT count(*) FROM public.note_of")" 4
model person "select id, code, v, 'more' as more from public.people"
transform >/dev/null
is "children survive an added column" "$(sql "SELECT count(*), (SELECT min(more) FROM analytics.person) FROM public.note_of")" "4|more"
model person "select id::bigint as id, code, v, 'more' as more from public.people"
transform >/dev/null
is "children survive a widened column" "$(sql "SELECT count(*), (SELECT pg_typeof(min(id)) FROM analytics.person) FROM public.note_of")" "4|bigint"
sql "UPDATE public.people SET code = CASE id WHEN 1 THEN 'c2' ELSE 'c1' END WHERE id IN (1, 2)"
out=$(transform)
like "unique values that are swapped in a table that a key refers to need a deferrable constraint" "$out" 'ERROR:  model "person": duplicate key value'
like "which the HINT says" "$out" 'HINT:  A unique constraint that is DEFERRABLE'
is "and no child is lost" "$(sql "SELECT count(*) FROM public.note_of")" 4
sql "UPDATE public.people SET code = 'c' || id"
sql "TRUNCATE public.note_of; INSERT INTO public.code_of SELECT code FROM analytics.person; UPDATE public.people SET id = id + 100"
transform >/dev/null
is "children survive by whatever key they refer to" "$(sql "SELECT count(*), (SELECT min(id) FROM analytics.person) FROM public.code_of")" "4|101"
clean
sql "CREATE TABLE public.raw_parent AS SELECT generate_series(1, 3) AS id; CREATE TABLE public.raw_child AS SELECT generate_series(1, 3) AS parent"
model parent "select id from public.raw_parent"
model child "select parent from public.raw_child"
transform >/dev/null
sql "ALTER TABLE analytics.parent ADD PRIMARY KEY (id); ALTER TABLE analytics.child ADD FOREIGN KEY (parent) REFERENCES analytics.parent;
     UPDATE public.raw_parent SET id = 9 WHERE id = 3; UPDATE public.raw_child SET parent = 9 WHERE parent = 3"
like "parents and children of two models change together" "$(transform)" 'transform: 2 models built'
is "and agree" "$(sql "SELECT max(parent) FROM analytics.child JOIN analytics.parent ON id = parent")" 9
clean
model chief "select id, boss from (values (1, null::int), (2, 1), (3, 2)) v(id, boss)"
transform >/dev/null
sql "ALTER TABLE analytics.chief ADD PRIMARY KEY (id); ALTER TABLE analytics.chief ADD FOREIGN KEY (boss) REFERENCES analytics.chief"
model chief "select id, boss from (values (1, null::int), (4, 1), (3, 4)) v(id, boss)"
like "a table whose key refers to itself changes" "$(transform)" 'transform: 1 models built'
clean

sql "CREATE TABLE public.allowed (id int PRIMARY KEY); INSERT INTO public.allowed VALUES (1), (2), (3)"
model checked "select id from public.allowed where id < 3"
model also "select max(id) as top from public.allowed"
transform >/dev/null
sql "ALTER TABLE analytics.checked ADD FOREIGN KEY (id) REFERENCES public.allowed DEFERRABLE INITIALLY DEFERRED"
model checked "select id from public.allowed"
like "a superuser's call into a table with a deferred foreign key is told to become the owner" "$(role=postgres sql "CALL baro_transform()")" 'HINT:  Connect as role meltano'
like "which SET ROLE is not" "$(role=postgres sql "SET ROLE meltano; CALL baro_transform()")" 'HINT:  Connect as role meltano'
transform >/dev/null
is "who does publishes" "$(sql "SELECT count(*) FROM analytics.checked")" 3
sql "ALTER TABLE analytics.checked ADD CHECK (id < 4); INSERT INTO public.allowed VALUES (4)"
state=$(sql "SELECT count(*), (SELECT top FROM analytics.also) FROM analytics.checked")
like "a constraint that the new rows break is an error that names the model" "$(transform)" 'ERROR:  (model "checked"|.*"checked" violates)'
is "and its step" "$(sql "SELECT status, sqlstate FROM barometre.step WHERE run = $where AND name = 'checked'")" "failed|23514"
is "nothing is published, also of the models before it" "$(sql "SELECT count(*), (SELECT top FROM analytics.also) FROM analytics.checked")" "$state"
clean
model elder "select generate_series(1, 3) as id"
transform >/dev/null
sql "CREATE TABLE public.heir () INHERITS (analytics.elder); INSERT INTO public.heir VALUES (101), (102), (103)"
model elder "select generate_series(2, 4) as id"
like "a table that another inherits from changes" "$(transform)" 'transform: 1 models built'
is "and the heir's rows stay" "$(sql "SELECT (SELECT sum(id) FROM ONLY analytics.elder), (SELECT count(*) FROM public.heir)")" "9|3"
clean

# --- Rows are multisets, compared byte for byte ---
sql "CREATE TYPE public.pair AS (a int, b numeric)"
model odd "select 1.0 as n, null::text as t, '{\"a\":1}'::json as j, '<a/>'::xml as x, point(1, 2) as p, row(1, 1.0)::public.pair as c from generate_series(1, 3) union all select 2.50, '', '[]', '<b/>', point(0, 0), null"
transform >/dev/null
like "types without equality work: nothing changed" "$(transform full_refresh\ =\>\ true)" 'model odd: built, 4 rows \(0 added, 0 removed'
model odd "select 1.00 as n, null::text as t, '{\"a\":1}'::json as j, '<a/>'::xml as x, point(1, 2) as p, row(1, 1.0)::public.pair as c union all select 1.0, null, '{\"a\":1}', '<a/>', point(1, 2), row(1, 1.0)::public.pair from generate_series(1, 3) union all select 2.50, null, '[]', '<b/>', point(0, 0), null"
like "duplicates, NULL beside the empty text and 1.00 beside 1.0 are told apart" "$(transform)" 'model odd: built, 5 rows \(2 added, 1 removed'
is "and all are there" "$(sql "SELECT string_agg(n::text, ' ' ORDER BY n::text) FROM analytics.odd WHERE t IS NULL")" "1.0 1.0 1.0 1.00 2.50"
model odd "select 1.00 as n, null::text as t, '{ \"a\":1}'::json as j, '<a/>'::xml as x, point(1, 2) as p, row(1, 1.00)::public.pair as c"
like "a blank in json and a digit in a composite are differences" "$(transform)" 'model odd: built, 1 rows \(1 added, 5 removed'
is "which are published" "$(sql "SELECT j || ' ' || c FROM analytics.odd")" '{ "a":1} (1,1.00)'
model long_text "select g as id, (select string_agg(md5(g::text || i), '') from generate_series(1, 400) i) as t from generate_series(1, 4) g"
transform "'long_text'" >/dev/null
model long_text "select g as id, (select string_agg(md5(g::text || i), '') from generate_series(1, 400) i) || case g when 2 then 'x' else '' end as t from generate_series(1, 4) g"
like "one byte more in a toasted value is one row" "$(transform "'long_text'")" 'model long_text: built, 4 rows \(1 added, 1 removed'
for rows in 0 5 0; do
    model hollow "select g as id from generate_series(1, $rows) g"
    model columnless "select from generate_series(1, $rows)"
    out=$(transform "'hollow columnless'")
    is "a table goes to $rows rows, and one without columns" "$(sql "SELECT (SELECT count(*) FROM analytics.hollow), (SELECT count(*) FROM analytics.columnless)")$(printf '%s' "$out" | grep -A3 ERROR)" "$rows|$rows"
done
clean

# --- Readers ---
sql "TRUNCATE public.raw; INSERT INTO public.raw SELECT g, 'v' FROM generate_series(1, 100) g"
model watched "select id, v from public.raw"
model shown "{{ config(materialized='view') }} select id from {{ ref('watched') }}"
model slow "select count(*) as n, public.gate() as g from {{ ref('watched') }}"
transform >/dev/null
open_session before express-api; open_session during express-api
ask before "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1" >/dev/null
sql "DELETE FROM public.raw WHERE id > 40"
begin
ask during "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM analytics.watched" > "$folder/during"
is "while a call goes on readers see the old version at once" "$(PGOPTIONS='-c statement_timeout=500' role=express-api sql "SELECT count(*) FROM analytics.watched")" 100
is "and who is at it sees progress" "$(role=meltano sql "SELECT call, working_on, number, of, \"left\" FROM barometre.progress")" "baro_transform|slow|3|3|"
like "in pg_stat_activity, too" "$(super "SELECT application_name FROM pg_stat_activity WHERE pid = $pid")" '^baro_transform 3/3 slow$'
super "CREATE ROLE onlooker LOGIN; GRANT USAGE ON SCHEMA barometre TO onlooker; GRANT SELECT ON barometre.progress TO onlooker" >/dev/null
is "and any other role that may read the view" "$(role=onlooker sql "SELECT working_on FROM barometre.progress")" slow
end
is "a reader's snapshot from before and one from the middle see the old whole" "$(ask before "SELECT count(*) FROM analytics.watched") $(ask during "SELECT count(*) FROM analytics.watched") $(cat "$folder/during")" "100 100 100"
is "a later one sees the new" "$(role=express-api sql "SELECT count(*) FROM analytics.watched")" 40
ask before "COMMIT" >/dev/null; ask during "COMMIT" >/dev/null
ask before "BEGIN; DECLARE c CURSOR FOR SELECT id FROM analytics.watched JOIN analytics.shown USING (id) ORDER BY id; FETCH 1 FROM c" >/dev/null
sql "UPDATE public.raw SET v = 'w'"
like "an open cursor does not block the publication of rows" "$(PGOPTIONS='-c lock_timeout=300' psql -X -q -At -d $db -U meltano -c 'SET client_min_messages = notice' -c 'CALL baro_transform()' 2>&1)" 'model watched: built, 40 rows \(40 added, 40 removed'
is "nor is it disturbed" "$(ask before "FETCH ALL FROM c" | wc -l)" 39
like "nor does a cursor on a view of the project block a full refresh" "$(PGOPTIONS='-c lock_timeout=300' psql -X -q -At -d $db -U meltano -c 'SET client_min_messages = notice' -c 'CALL baro_transform(full_refresh => true)' 2>&1)" 'transform: 3 models built'
ask before "COMMIT" >/dev/null
sql "UPDATE public.raw SET v = 'x'"
open_session etl meltano
ask etl "BEGIN; CALL baro_transform()" >/dev/null
is "a caller's transaction that stays open after the call holds no reader up" "$(PGOPTIONS='-c statement_timeout=500' role=express-api sql "SELECT min(v), count(*) FROM analytics.watched; SELECT count(*) FROM analytics.shown")" "w|40
40"
ask etl "COMMIT" >/dev/null
is "and publishes with it" "$(sql "SELECT min(v) FROM analytics.watched")" x
sql "UPDATE public.raw SET v = 'y'"
ask etl "BEGIN; CALL baro_transform(); ROLLBACK" >/dev/null
is "or not at all" "$(sql "SELECT min(v) FROM analytics.watched")" x
ask before "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1" >/dev/null
model watched "select id, v, 'more' as more from public.raw"
transform "'watched'" >/dev/null
is "an older snapshot sees its rows though a column was added meanwhile" "$(ask before "SELECT min(v), count(*) FROM analytics.watched")" "x|40"
ask before "FETCH 1 FROM nothing; ROLLBACK; BEGIN; DECLARE c CURSOR FOR SELECT id FROM analytics.watched; FETCH 1 FROM c" >/dev/null
model watched "select id, v, 'more' as more, 1 as evenmore from public.raw"
PGOPTIONS='-c lock_timeout=1000' psql -X -q -At -d $db -U meltano -v VERBOSITY=verbose -c "CALL baro_transform('watched')" > "$folder/said" 2>&1 & call=$!
soon "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CALL baro_transform%' AND state = 'active' AND (wait_event_type = 'Lock' OR wait_event = 'Extension')"
is "a change of columns that waits for a reader holds up no other" "$(PGOPTIONS='-c statement_timeout=200' role=express-api sql "SELECT count(*) FROM analytics.watched")" 40
wait $call
like "and gives up after lock_timeout, with BM008" "$(cat "$folder/said")" 'BM008: .*analytics\.watched is in use all the time'
is "leaving the table as it was" "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'analytics.watched'::regclass AND attnum > 0")" 3
model another "select id from public.raw"
transform "'another'" >/dev/null
model another "select id, 1 as one from public.raw"
PGOPTIONS='-c lock_timeout=300' sql "CALL baro_transform('watched another', on_failure => 'skip')" >/dev/null
is "the model that is left out is the one that is in use, not another whose columns change" "$(sql "SELECT name, status, sqlstate FROM barometre.step WHERE run = $where AND name IN ('watched', 'another') ORDER BY 1"; sql "SELECT min(one) FROM analytics.another")" "another|succeeded|
watched|failed|BM008
1"
ask before "COMMIT" >/dev/null
clean

# --- Audit ---
sql "TRUNCATE public.raw; INSERT INTO public.raw VALUES (1, 'a'), (2, 'b')"
model tested "select id, v from public.raw"
model below "select count(*) as n from {{ ref('tested') }}"
model beside "select max(id) as top from public.raw"
cat > "$m/tested.yml" <<'YML'
models:
  - name: tested
    columns:
      - {name: id, tests: [unique, not_null]}
YML
transform >/dev/null
sql "INSERT INTO public.raw VALUES (2, 'c')"
model newcomer "select 1 as x"
out=$(PGOPTIONS='' psql -X -q -At -d $db -U meltano -v VERBOSITY=verbose -c "CALL baro_transform()" 2>&1)
like "a failing test stops with BM010" "$out" 'ERROR:  BM010: a test failed, and nothing was published'
like "which names it" "$out" 'DETAIL:  .*unique of tested\.id: 1 failing rows'
is "nothing is published, not even a new table" "$(sql "SELECT (SELECT count(*) FROM analytics.tested), (SELECT n FROM analytics.below), (SELECT top FROM analytics.beside), to_regclass('analytics.newcomer') IS NULL")" "2|2|2|t"
is "the run is kept as failed" "$(sql "$last")" "failed BM010"
is "samples are kept past the rollback" "$(sql "SELECT status, failures, sample FROM barometre.test_result WHERE run = $where AND test = 'unique'")" 'fail|1|[{"id": 2, "times": 2}]'
like "the HINT's query shows them" "$(sql "$(printf '%s' "$out" | sed -n 's/^HINT:  \(SELECT target.*;\) shows rows.*/\1/p')")" 'tested\.id\|unique\|\[\{"id": 2'
like "its steps say why they are not there" "$(sql "SELECT status || ': ' || why FROM barometre.step WHERE run = $where AND name = 'newcomer'")" 'skipped: it was never built; not published'
like "the report shows the failed test" "$(sql "SELECT kind, name, status FROM barometre.report")" 'test\|tested\.id unique\|fail'
before=$(sql "SELECT max(id) FROM barometre.run")
sql "BEGIN; CALL baro_transform(); COMMIT" >/dev/null
is "inside a transaction block the run and its samples are kept as well" "$(sql "$last; SELECT status, sample FROM barometre.test_result WHERE run = $where AND test = 'unique'")" 'failed BM010
fail|[{"id": 2, "times": 2}]'
like "skip leaves out the model and what hangs on it" "$(transform "on_failure => 'skip'")" 'transform: 2 models built, 0 unchanged, 1 skipped, 1 failed'
is "and publishes the rest" "$(sql "SELECT (SELECT count(*) FROM analytics.tested), (SELECT n FROM analytics.below), (SELECT x FROM analytics.newcomer)")" "2|2|1"
is "whose run succeeds, with a failed step" "$(sql "$last; SELECT name, status FROM barometre.step WHERE run = $where AND kind = 'model' AND status <> 'succeeded' AND status <> 'unchanged' ORDER BY 1")" "succeeded -
below|skipped
tested|failed"
cat > "$m/rookie.yml" <<'YML'
models:
  - name: rookie
    columns:
      - {name: x, tests: [not_null]}
YML
model rookie "select null::int as x"
transform "'rookie', on_failure => 'skip'" >/dev/null
is "a new model whose test fails does not appear" "$(sql "SELECT to_regclass('analytics.rookie') IS NULL; $left")" "t
0"
rm "$m"/rookie.*
sed -i 's/\[unique, not_null\]/[{unique: {severity: warn}}]/' "$m/tested.yml"
like "a test of severity warn only warns" "$(transform)" 'WARNING:  test unique of tested\.id: 1 failing rows'
is "and all is published" "$(sql "SELECT (SELECT count(*) FROM analytics.tested), (SELECT n FROM analytics.below)")" "3|3"
echo "select t.id from {{ ref('tested') }} t join {{ ref('beside') }} b on t.id > b.top - 1" > "$project/tests/two.sql"
sql "INSERT INTO public.raw VALUES (3, 'd')"
out=$(transform "on_failure => 'skip'")
is "a singular test over two models leaves both out" "$(sql "SELECT (SELECT count(*) FROM analytics.tested), (SELECT top FROM analytics.beside), (SELECT n FROM analytics.below)")" "3|2|3"
# A test whose query fails must not harm the rest, whatever it made before it failed.
model shade "{{ config(materialized='view') }} select id from {{ ref('tested') }}"
rm "$project/tests/two.sql"; transform >/dev/null
printf -- "{{ config(severity='warn') }} select s.id / 0 from {{ ref('shade') }} s, {{ ref('tested') }} t" > "$project/tests/wrong.sql"
sql "INSERT INTO public.raw VALUES (4, 'e')"
out=$(transform "'tested below'")
unlike "a test whose query fails harms nothing else, whatever was made for it" "$out" 'ERROR'
like "one of severity warn is a warning" "$out" 'WARNING: .*wrong could not be run: tests/wrong\.sql: division by zero'
is "and what it read is published" "$(sql "SELECT count(*) FROM analytics.tested")" 5
printf "select nope from {{ ref('tested') }}" > "$project/tests/wrong.sql"
sql "INSERT INTO public.raw VALUES (5, 'f')"
before=$(sql "SELECT count(*) FROM analytics.tested")
like "one of severity error stops all" "$(transform)" 'ERROR:  a test failed, and nothing was published'
is "and publishes nothing" "$(sql "SELECT count(*) FROM analytics.tested")" "$before"
rm "$project/tests/wrong.sql"
cat > "$m/tested.yml" <<'YML'
models:
  - name: shade
    columns:
      - {name: id, tests: [{expression_is_true: {expression: "< 6"}}]}
YML
transform >/dev/null
sql "INSERT INTO public.raw VALUES (6, 'g')"
like "tests of a view of the project stop the table below it" "$(transform)" 'ERROR:  a test failed, and nothing was published'
echo "select id from {{ ref('shade') }} where id = 6" > "$project/tests/of_view.sql"
rm "$m/tested.yml"
like "singular tests that read the built models through a view, too" "$(transform "'tested'")" 'ERROR:  a test failed, and nothing was published'
rm "$project/tests/of_view.sql"; sql "DELETE FROM public.raw WHERE id = 6"
cat > "$m/tested.yml" <<'YML'
models:
  - name: tested
    columns:
      - {name: id, tests: [{relationships: {to: ref('beside'), field: top}}]}
YML
like "a relationship is tested against the other model's new version" "$(transform)" 'relationships of tested\.id: 5 failing rows'
model beside "select distinct id as top from public.raw"
like "which may cure it in the same call" "$(transform)" 'transform: [23] models built'
clean
printf 'code\na\nb\n' > "$project/seeds/codes.csv"
printf 'seeds:\n  - name: codes\n    columns:\n      - {name: code, tests: [unique]}\n' > "$project/seeds/codes.yml"
model uses "select count(*) as n from {{ ref('codes') }}"
transform >/dev/null
printf 'code\na\na\nb\n' > "$project/seeds/codes.csv"
like "seeds are tested before they are published" "$(transform)" 'unique of codes\.code: 1 failing rows'
is "and are what they were" "$(sql "SELECT count(*), (SELECT n FROM analytics.uses) FROM analytics.codes")" "2|2"
clean

# --- Columns that change ---
model shape "select 1 as a, 2 as b, 'x' as c, '2024-01-02' as d"
model shape_view "{{ config(materialized='view') }} select * from {{ ref('shape') }}"
model shape_top "{{ config(materialized='view') }} select a, b from {{ ref('shape_view') }}"
transform >/dev/null
sql "GRANT UPDATE ON analytics.shape_view TO \"express-api\"; GRANT SELECT (b) ON analytics.shape_top TO PUBLIC; COMMENT ON VIEW analytics.shape_view IS 'by hand'; COMMENT ON COLUMN analytics.shape_top.b IS 'also by hand'; COMMENT ON COLUMN analytics.shape.b IS 'of the table'; CREATE INDEX shape_b ON analytics.shape (b)"
sql "REVOKE SELECT ON analytics.shape_top FROM \"express-api\"; ALTER VIEW analytics.shape_top SET (security_barrier)"
extra="SELECT relacl FROM pg_class WHERE oid = 'analytics.shape_view'::regclass; SELECT attacl FROM pg_attribute WHERE attrelid = 'analytics.shape_top'::regclass AND attname = 'b'"
grants=$(sql "$extra")
model shape "select 1 as a, 'middle' as m, 2::bigint as b, 'x' as c, '2024-01-02'::date as d"
like "a column in the middle, one widened, one of another type" "$(transform)" 'columns: \+ m text, b becomes bigint, d becomes date'
is "the rows are right" "$(sql "SELECT a, m, b, c, d FROM analytics.shape")" "1|middle|2|x|2024-01-02"
is "views of the project that read them come back with the new types" "$(sql "SELECT pg_typeof(b), pg_typeof((SELECT b FROM analytics.shape_top)) FROM analytics.shape_view")" "bigint|bigint"
is "and the new column" "$(sql "SELECT m FROM analytics.shape_view")" middle
is "with their grants" "$(sql "$extra")" "$grants"
is "without those that were revoked, and with their options" "$(sql "SELECT has_table_privilege('express-api', oid, 'SELECT'), reloptions FROM pg_class WHERE oid = 'analytics.shape_top'::regclass")" "f|{security_barrier=true}"
is "and comments" "$(sql "SELECT obj_description('analytics.shape_view'::regclass), col_description('analytics.shape_top'::regclass, 2)")" "by hand|also by hand"
is "the table keeps comments and indexes" "$(sql "SELECT col_description('analytics.shape'::regclass, 2), to_regclass('analytics.shape_b')")" "of the table|analytics.shape_b"
model shape "select 1 as a, 'middle' as m, 2 as b, 'x' as c, '2024-01-02'::date as d, 5 as e"
transform >/dev/null
is "a column is narrowed, another added at the end, where a view reads by star" "$(sql "SELECT pg_typeof(b), e, (SELECT e FROM analytics.shape_view) FROM analytics.shape")" "integer|5|5"
model shape "select 1 as a, 2 as b, 'x' as c2, '2024-01-02'::date as d"
transform >/dev/null
is "columns are renamed and removed" "$(sql "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'analytics.shape_view'::regclass AND attnum > 0")" "a b d c2"

sql "CREATE SCHEMA \"été à\"; CREATE VIEW \"été à\".\"vue d'été\" AS SELECT d FROM analytics.shape_view; CREATE MATERIALIZED VIEW \"été à\".\"mat\" AS SELECT d FROM analytics.shape; CREATE VIEW \"été à\".upper AS SELECT * FROM \"été à\".\"vue d'été\""
state=$(sql "SELECT * FROM analytics.shape; SELECT 'analytics.shape_view'::regclass::oid")
model shape "select 1 as a, 3 as b, 'x' as c2"
out=$(transform)
like "a removed column that views of others need is an error that names them" "$out" "ERROR: .*\"shape\".*column \"d\".*can't be removed.*"
like "also materialized ones and those that hang on views of the project" "$out" "ERROR: .*\"été à\"\\.\"vue d'été\".*"
like "with their whole names" "$out" 'ERROR: .*"été à"\.mat'
is "and nothing changes" "$(sql "SELECT * FROM analytics.shape; SELECT 'analytics.shape_view'::regclass::oid")" "$state"
out=$(sql "$(printf '%s' "$out" | sed -n 's/^HINT:  //p' | sed 's/; then create.*//; s/CALL .*//')")
is "the command of the HINT works when it is pasted" "$out" ''
transform >/dev/null
is "and then the columns change" "$(sql "SELECT b FROM analytics.shape")" 3
sql "CREATE VIEW public.stranger AS SELECT a FROM analytics.shape; CREATE VIEW public.stranger_of_view AS SELECT b FROM analytics.shape_view"
model shape "{{ config(materialized='view') }} select 1 as a, 4 as b, 'x' as c2"
out=$(transform)
like "a table that becomes a view names the views of others that read it" "$out" '(ERROR|DETAIL): .*stranger( |,|;|$)'
like "and a command that drops them" "$out" 'HINT: .*DROP VIEW .*stranger'
is "nothing changes" "$(sql "SELECT b FROM analytics.shape; SELECT b FROM public.stranger_of_view")" "3
3"
sql "DROP VIEW public.stranger, public.stranger_of_view; GRANT INSERT ON analytics.shape TO \"express-api\""
transform >/dev/null
is "a table becomes a view" "$(sql "SELECT relkind, (SELECT b FROM analytics.shape_top) FROM pg_class WHERE oid = 'analytics.shape'::regclass")" "v|4"
is "with its grants" "$(sql "SELECT has_table_privilege('express-api', 'analytics.shape', 'SELECT, INSERT'), has_table_privilege('express-api', 'analytics.shape_view', 'UPDATE')")" "t|t"
model shape "select 1 as a, 5 as b, 'x' collate \"C\" as c2"
transform >/dev/null
is "and a table again, with the grants and logged" "$(sql "SELECT relkind, relpersistence, (SELECT b FROM analytics.shape_top), has_table_privilege('express-api', oid, 'INSERT') FROM pg_class WHERE oid = 'analytics.shape'::regclass")" "r|p|5|t"
model shape "select 1 as a, 5 as b, 'x' collate \"C\" as c2, 'y' collate \"C\" as c3"
transform >/dev/null
is "collations are kept, of a view that becomes a table and of an added column" "$(sql "SELECT string_agg(attcollation::regcollation::text, ' ') FROM pg_attribute WHERE attrelid = 'analytics.shape'::regclass AND attname IN ('c2', 'c3')")" '"C" "C"'
sql "CREATE POLICY p ON analytics.shape USING (c2 = 'x'); CREATE FUNCTION public.body() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT c2 FROM analytics.shape; END"
model shape "select 1 as a, 6 as b"
like "what else needs a removed column is named, with what to do" "$(transform)" 'DETAIL: .*(policy p|function (public\.)?body)'
is "and nothing changes for it" "$(sql "SELECT b, c2 FROM analytics.shape")" "5|x"
clean

# --- All or nothing ---
sql "TRUNCATE public.raw; INSERT INTO public.raw VALUES (1, 'a')"
model one "select id, v from public.raw"
model one_view "{{ config(materialized='view') }} select id from {{ ref('one') }}"
model two "select count(*) as n, public.gate() as g from {{ ref('one_view') }}"
transform >/dev/null
state="SELECT (SELECT max(id) FROM analytics.one), (SELECT n FROM analytics.two), to_regclass('analytics.three') IS NULL"
sql "INSERT INTO public.raw VALUES (2, 'b')"
model three "select 1 / n - 1 as x from {{ ref('two') }}"
model four "select 1 / (x - x) as x from {{ ref('three') }}"
like "an error in the last model names it" "$(transform)" 'ERROR:  model "four" \(models/four\.sql\): division by zero'
is "and leaves the old state everywhere" "$(sql "$state")" "1|1|t"
is "each model's step is kept, with its SQLSTATE and message" "$(sql "SELECT name, status, sqlstate, message ~ 'zero', why, nullif(records, 0), seconds >= 0 FROM barometre.step WHERE run = $where AND name IN ('one', 'four') ORDER BY name")" "four|failed|22012|t|it was never built||t
one|skipped|||it reads public.raw, which others write; not published, because the run failed|2|t"
is "bytes, too" "$(sql "SELECT bytes > 0 FROM barometre.step WHERE run = $where AND name = 'one'")" t
like "the report tells the message" "$(sql "SELECT r::text FROM barometre.report r WHERE name = 'four'")" 'division by zero'
rm "$m/four.sql" "$m/three.sql"
begin; super "SELECT pg_cancel_backend($pid)" >/dev/null; end
like "a cancelled call says so" "$said" 'ERROR: .*canceling statement due to user request'
is "and is a failed run" "$(sql "$last")" "failed 57014"
begin; super "SELECT pg_terminate_backend($pid)" >/dev/null; end
sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "a call whose session was ended is an interrupted run for the next one" "$(sql "SELECT status FROM barometre.run ORDER BY id DESC OFFSET 1 LIMIT 1")" interrupted
is "both leave the old state and no private table" "$(sql "$state; $left")" "1|1|t
0"

# A call that waits for nobody's lock, for those who write meanwhile.
printf 'id,v\n1,a\n' > "$BARO_DATA/in/s1.csv"
sql "SELECT * FROM baro_run('tap', '{s}')" >/dev/null
clean
model early "select count(*) as n from {{ source('tap', 's') }}"
model f_gate "select public.gate() as g, n from {{ ref('early') }}"
model late_reader "select count(*) as n from {{ source('tap', 's') }}, {{ ref('f_gate') }}"
model x_late "select count(*) as n from {{ source('tap', 'late') }}, {{ ref('f_gate') }}"
transform "exclude => 'x_late'" >/dev/null
begin "full_refresh => true"
printf 'id,v\n2,b\n' > "$BARO_DATA/in/s2.csv"
printf 'id,v\n1,a\n2,b\n' > "$BARO_DATA/in/late.csv"
is "a load commits while models are built" "$(sql "SELECT sum(inserted) FROM baro_run()")" 3
end
is "all models of the call see the earlier state" "$(sql "SELECT (SELECT n FROM analytics.early), (SELECT n FROM analytics.late_reader)")" "1|1"
is "a stream whose very first load came meanwhile was never loaded" "$(printf '%s' "$said" | grep -c 'model "x_late" is skipped: stream "tap.late" was never loaded') $(sql "SELECT to_regclass('analytics.x_late') IS NULL")" "1 t"
transform >/dev/null
is "the next call builds them again" "$(sql "SELECT (SELECT n FROM analytics.early), (SELECT n FROM analytics.late_reader), (SELECT n FROM analytics.x_late)")" "2|2|2"
rm "$m/late_reader.sql" "$m/x_late.sql"

model target "select id, v from public.raw"
model y_gate "select public.gate() as g, count(*) as n from {{ ref('target') }}"
rm "$m/f_gate.sql"
sql "TRUNCATE public.raw; INSERT INTO public.raw SELECT g, 'a' FROM generate_series(1, 3) g"
transform >/dev/null
sql "UPDATE public.raw SET v = 'b' WHERE id = 1"
begin; sql "UPDATE analytics.target SET v = 'theirs' WHERE id = 1"; end
like "another session's UPDATE of a row that was to go is a clear error" "$said" 'ERROR:  .*another session changed analytics\.target while it was being built'
is "and nothing is published" "$(sql "SELECT v FROM analytics.target WHERE id = 1") $(sql "$last")" "theirs failed 40001"
begin; sql "UPDATE analytics.target SET v = 'theirs' WHERE id = 3"; end
like "of a row that was to stay, too" "$said" 'ERROR:  .*another session changed analytics\.target'
sql "UPDATE analytics.target SET v = 'a' WHERE id = 3; UPDATE public.raw SET v = 'c' WHERE id = 1"
begin; sql "INSERT INTO analytics.target VALUES (9, 'theirs')"; end
like "a row that somebody adds, too" "$said" 'ERROR:  .*another session changed analytics\.target'
transform >/dev/null
is "the next call puts all right" "$(sql "SELECT string_agg(id || v, ' ' ORDER BY id) FROM analytics.target")" "1c 2a 3a"

# --- Two at once, and every kind of caller ---
begin "'target+'"
like "the same model is not built twice at once" "$(PGOPTIONS='' psql -X -q -At -d $db -U meltano -v VERBOSITY=verbose -c "CALL baro_transform('y_gate')" 2>&1)" 'ERROR:  BM008: model "y_gate" is being run by another session'
like "other models are, meanwhile" "$(transform "'early'")" 'transform: [01] models built'
PGOPTIONS='-c barometre.on_overlap=wait -c client_min_messages=warning' psql -X -q -At -d $db -U meltano -c "CALL baro_transform('target')" > "$folder/waiting" 2>&1 & waiting=$!
soon "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid <> 42 AND NOT granted"
sql "UPDATE public.raw SET v = 'd' WHERE id = 1"
end; wait $waiting; ok "who waits gets a turn" $?
is "and sees what was committed while it waited" "$(sql "SELECT v FROM analytics.target WHERE id = 1") $(cat "$folder/waiting")" "d "
rm "$m/y_gate.sql"; transform >/dev/null
try() { sql "UPDATE public.raw SET v = '$1' WHERE id = 1"; shift; PGOPTIONS='-c client_min_messages=warning' psql -X -q -At -d $db -U meltano "$@" 2>&1; sql "SELECT v FROM analytics.target WHERE id = 1"; }
is "CALL works inside BEGIN and COMMIT" "$(try e -c BEGIN -c "CALL baro_transform()" -c COMMIT)" e
is "inside BEGIN and ROLLBACK it changes nothing" "$(try f -c BEGIN -c "CALL baro_transform()" -c ROLLBACK)" e
soon "SELECT status = 'failed' FROM barometre.run ORDER BY id DESC LIMIT 1"
is "which its run says" "$(sql "SELECT status, message FROM barometre.run ORDER BY id DESC LIMIT 1")" "failed|the calling transaction was rolled back"
is "in a DO block" "$(try g -c "DO \$\$ BEGIN CALL baro_transform(); END \$\$")" g
is "in a DO block with an exception handler" "$(try h -c "DO \$\$ BEGIN CALL baro_transform(); EXCEPTION WHEN division_by_zero THEN NULL; END \$\$")" h
is "in a transaction with REPEATABLE READ" "$(try i -c "BEGIN ISOLATION LEVEL REPEATABLE READ" -c "CALL baro_transform()" -c COMMIT)" i
is "in a loop over a cursor" "$(try i2 -c "DO \$\$ DECLARE r record; BEGIN FOR r IN SELECT generate_series(1, 3) LOOP CALL baro_transform(full_refresh => true); END LOOP; END \$\$")" i2
is "in a SERIALIZABLE one" "$(try j -c "BEGIN ISOLATION LEVEL SERIALIZABLE" -c "CALL baro_transform()" -c COMMIT)" j
is "in a session whose default is SERIALIZABLE" "$(try k -c "SET default_transaction_isolation = serializable" -c "CALL baro_transform()")" k
is "in a session whose transactions are read only it is refused" "$(try l -c "SET default_transaction_read_only = on" -c "CALL baro_transform()" | tail -1)" k
identity="SELECT current_user, session_user, current_setting('search_path'), current_setting('application_name'), current_setting('timezone'), current_setting('transaction_isolation')"
PGAPPNAME=mine open_session mine postgres
ask mine "SET search_path = public; SET timezone = 'Asia/Tokyo'; SET ROLE meltano" >/dev/null
here=$(ask mine "$identity")
ask mine "CALL baro_transform(full_refresh => true);" >/dev/null
is "after a call the session is what it was" "$(ask mine "$identity")" "$here"
model broken "select 1 / 0 as x"
ask mine "CALL baro_transform();" >/dev/null
is "after a failed one, too" "$(ask mine "$identity")" "$here"
ask mine "RESET ROLE" >/dev/null; here=$(ask mine "$identity")
ask mine "CALL baro_transform();" >/dev/null
is "and a superuser's session, whose work is done as the owner" "$(ask mine "$identity")" "$here"
ask mine "BEGIN; SAVEPOINT a; CALL baro_transform(); ROLLBACK TO a; COMMIT" >/dev/null
is "also in a block, after a rollback to a savepoint" "$(ask mine "$identity")" "$here"
rm "$m/broken.sql"
is "tables belong to the project's owner, whoever calls" "$(model mine_now 'select 1 as x'; ask mine "SET client_min_messages = warning; CALL baro_transform('mine_now'); SELECT relowner::regrole FROM pg_class WHERE oid = 'analytics.mine_now'::regclass")" meltano
like "a call that takes too long for its statement_timeout fails as cancelled" "$(model eternal "select pg_sleep(20)::text as x"; PGOPTIONS='-c statement_timeout=2000' sql "CALL baro_transform('eternal')")" 'ERROR: .*canceling statement due to statement timeout'
is "and its run says so" "$(rm "$m/eternal.sql"; sql "$last")" "failed 57014"
like "a caller without the owner's privileges is refused" "$(role=express-api sql "CALL baro_transform()")" 'ERROR:  permission denied'

# --- NOTIFY ---
open_session ear meltano
ask ear "LISTEN barometre" >/dev/null
sql "UPDATE public.raw SET v = 'm' WHERE id = 1"
transform >/dev/null
heard=$(ask ear "SELECT 1 FROM pg_sleep(0.05)"; ask ear "SELECT 1")
like "a publication is told to those who listen" "$heard" '"kind": "transform".*"status": "succeeded"'
like "with what changed" "$heard" '"changed": \["target"\]'
unlike "and not what stayed the same" "$heard" '"changed": \[[^]]*"early"'
model broken "select 1 / 0 as x"
transform >/dev/null
heard=$(ask ear "SELECT 1 FROM pg_sleep(0.05)"; ask ear "SELECT 1")
like "a failure, too, with SQLSTATE and message" "$heard" '"status": "failed".*"sqlstate": "22012"|"sqlstate": "22012".*"status": "failed"'
clean

# --- Names ---
long=a23456789_123456789_123456789_123456789_123456789_1234567890123
for name in $long ${long%???} ${long%?}4; do model $name "select id, v from public.raw"; done
model "ref_$(printf %.57s $long)" "select count(*) as n from {{ ref('$long') }} join $long b using (id)"
printf 'models:\n  - name: %s\n    columns:\n      - {name: id, tests: [unique]}\n' $long > "$m/long.yml"
transform >/dev/null
sql "INSERT INTO public.raw VALUES (10, 'z')"
out=$(transform)
like "names of 60 and 63 bytes that begin alike are told apart" "$out" 'transform: 4 models built'
unlike "without a word about names that are cut" "$out" 'truncated'
is "and read the new version" "$(sql "SELECT (SELECT n FROM analytics.ref_$(printf %.57s $long)), (SELECT count(*) FROM analytics.$long), (SELECT count(*) FROM analytics.${long%???})")" "4|4|4"
clean
model elsewhere "{{ config(schema='other_schema') }} select id as \"Numéro d'été\", v as \"select\" from public.raw"
model order "select \"elsewhere\".\"Numéro d'été\", other_schema.elsewhere.\"select\" from other_schema.elsewhere where \"select\" <> 'é'"
transform >/dev/null
sql "INSERT INTO public.raw VALUES (11, 'é2')"
transform >/dev/null
is "quoted columns with accents, key words as names, another schema" "$(sql "SELECT max(\"Numéro d'été\"), count(*) FROM analytics.\"order\"")" "11|5"
clean

model été "select count(*) as \"Nombre d'été\" from public.raw"
model après "select \"Nombre d'été\" as n, été.* from {{ ref('été') }}"
transform >/dev/null
sql "INSERT INTO public.raw VALUES (20, 'u')"
transform >/dev/null
is "models whose names have accents" "$(sql "SELECT n = (SELECT count(*) FROM public.raw), n = \"Nombre d'été\" FROM analytics.après")" "t|t"
clean

# --- A server that dies ---
model one "select id, v from public.raw"
model two "select count(*) as n, public.gate() as g from {{ ref('one') }}"
transform >/dev/null
state=$(sql "SELECT count(*), (SELECT n FROM analytics.two) FROM analytics.one")
sql "INSERT INTO public.raw VALUES (12, 'l')"
begin
for s in before during etl mine ear; do close_session $s; done
cluster_stop immediate
wait $call; close_session gate
cluster_start; keep_sessions; open_session builder meltano
is "after an immediate stop in the middle all is as it was" "$(sql "SELECT count(*), (SELECT n FROM analytics.two) FROM analytics.one; $left")" "$state
0"
transform >/dev/null
is "the next call does the work" "$(sql "SELECT count(*), (SELECT n FROM analytics.two) FROM analytics.one")" "$(sql "SELECT count(*), count(*) FROM public.raw")"
is "and shows the lost one as interrupted" "$(sql "SELECT status, message FROM barometre.run ORDER BY id DESC OFFSET 1 LIMIT 1")" "interrupted|the server process that did this run ended without a word"
is "no private table is left at the end" "$(sql "$left")" 0
finish
