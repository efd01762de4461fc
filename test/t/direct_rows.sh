#!/usr/bin/env bash
# Rows of plain tables are published past the executor: what a table has beside its rows works as under statements, and
# where something of it needs a statement it gets one.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: test
roles: {loader: meltano}
YML
super() { role=postgres sql "$1"; }
echo "{{ config(volatile=true) }} select * from public.source" > "$project/models/m.sql"
transform() { psql -X -q -At -d "$db" -U meltano -c "CALL baro_transform()" 2>&1; }
counts="SELECT concat_ws('|', status, inserted, deleted, unchanged) FROM barometre.step WHERE name = 'm' ORDER BY run DESC LIMIT 1"
same="SELECT (SELECT count(*) FROM (TABLE public.source EXCEPT ALL SELECT id, k, v, big FROM analytics.m) x) + (SELECT count(*) FROM (SELECT id, k, v, big FROM analytics.m EXCEPT ALL TABLE public.source) x)"
# By its indexes, what they find is what there is.
by_index="SET enable_seqscan = off; SELECT count(*) FROM public.source s JOIN analytics.m ON m.id = s.id AND m.v = s.v"
begin() {
    sql "DROP TABLE IF EXISTS analytics.m, public.source;
        CREATE TABLE public.source AS SELECT i AS id, i AS k, 'v' || i AS v, CASE WHEN i % 100 = 0 THEN (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 200) j) END AS big FROM generate_series(1, 3000) i" >/dev/null
    transform >/dev/null
}
# works NAME: a row, a third of the rows, and all, come to be those of the source
works() {
    local name=$1
    sql "UPDATE public.source SET v = 'one' WHERE id = 7" >/dev/null; transform >/dev/null
    is "$name: a row" "$(sql "$counts")/$(sql "$same")/$(sql "$by_index")" "succeeded|1|1|2999/0/3000"
    sql "UPDATE public.source SET v = v || '.' WHERE id % 3 = 0; DELETE FROM public.source WHERE id = 5; INSERT INTO public.source VALUES (5000, 5000, 'new', repeat('x', 9000))" >/dev/null; transform >/dev/null
    is "$name: a third of the rows" "$(sql "$counts")/$(sql "$same")/$(sql "$by_index")" "succeeded|1001|1001|1999/0/3000"
    sql "UPDATE public.source SET v = v || 'x', big = big || 'y'" >/dev/null; transform >/dev/null
    is "$name: all rows" "$(sql "$counts")/$(sql "$same")/$(sql "$by_index")" "succeeded|3000|3000|0/0/3000"
    sql "DELETE FROM analytics.m" >/dev/null; transform >/dev/null
    is "$name: into an empty table" "$(sql "$counts")/$(sql "$same")/$(sql "$by_index")" "succeeded|3000|0|0/0/3000"
}
begin; works "a bare table"
begin; sql "CREATE UNIQUE INDEX ON analytics.m (id); CREATE INDEX ON analytics.m (lower(v)); CREATE INDEX ON analytics.m (k) WHERE k % 2 = 0; CREATE INDEX ON analytics.m USING gin (to_tsvector('simple', v))" >/dev/null
works "indexes of several kinds"
is "an index by an expression" "$(sql "SET enable_seqscan = off; SELECT id FROM analytics.m WHERE lower(v) = (SELECT lower(v) FROM public.source WHERE id = 9)")" 9
begin; sql "ALTER TABLE analytics.m ADD odd int; ALTER TABLE analytics.m DROP odd, ADD CHECK (id > 0), ALTER id SET NOT NULL" >/dev/null
works "a dropped column, and constraints"

# --- what the table refuses is refused whole ---
refuses() { # NAME CHANGE OF THE SOURCE, WORDS
    local before; before=$(sql "SELECT md5(string_agg(m::text, '|' ORDER BY id, k)) FROM analytics.m m")
    sql "CREATE TABLE public.kept AS TABLE public.source; $2" >/dev/null
    like "$1 is an error" "$(transform)" "$3"
    is "$1: nothing is published" "$(sql "SELECT md5(string_agg(m::text, '|' ORDER BY id, k)) FROM analytics.m m")" "$before"
    sql "TRUNCATE public.source; INSERT INTO public.source TABLE public.kept; DROP TABLE public.kept" >/dev/null
}
refuses "a row that a check forbids" "UPDATE public.source SET id = -id WHERE id = 40" 'relation "m" violates check constraint "m_id_check"'
refuses "a NULL where none may be" "UPDATE public.source SET id = NULL WHERE id = 40" 'null value in column "id".*violates not-null'
sql "ALTER TABLE analytics.m ADD UNIQUE (k)" >/dev/null
refuses "a key that comes twice" "UPDATE public.source SET k = 41 WHERE id = 40" 'duplicate key value violates unique constraint "m_k_key"'
refuses "a key that a row has which stays" "INSERT INTO public.source VALUES (6000, 41, 'again')" 'duplicate key value violates unique constraint "m_k_key"'
sql "UPDATE public.source SET k = CASE k WHEN 50 THEN 51 ELSE 50 END WHERE k IN (50, 51)" >/dev/null; transform >/dev/null
is "rows exchange their keys" "$(sql "$counts")/$(sql "$same")" "succeeded|2|2|2998/0"

# --- what needs a statement gets one ---
begin; sql "CREATE TABLE public.seen (what text); CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.seen VALUES (TG_OP); RETURN coalesce(NEW, OLD); END';
    CREATE TRIGGER see BEFORE INSERT OR DELETE ON analytics.m FOR EACH ROW EXECUTE FUNCTION public.see()" >/dev/null
works "a trigger"
is "a trigger sees each row that goes or comes" "$(sql "SELECT string_agg(n, ' ') FROM (SELECT what || count(*) AS n FROM public.seen GROUP BY what ORDER BY what) x")" "DELETE7002 INSERT7002"
begin; sql "TRUNCATE public.seen; CREATE TRIGGER see AFTER INSERT OR DELETE ON analytics.m FOR EACH STATEMENT EXECUTE FUNCTION public.see()" >/dev/null
sql "UPDATE public.source SET v = 'b' WHERE id = 8" >/dev/null; transform >/dev/null
is "a trigger of statements" "$(sql "SELECT string_agg(what, ' ' ORDER BY what) FROM public.seen")" "DELETE INSERT"
begin; sql "CREATE RULE also AS ON DELETE TO analytics.m DO ALSO INSERT INTO public.seen VALUES ('rule ' || OLD.id); TRUNCATE public.seen; UPDATE public.source SET v = 'b' WHERE id = 8" >/dev/null; transform >/dev/null
is "a rule" "$(sql "SELECT string_agg(what, ' ') FROM public.seen")/$(sql "$same")" "rule 8/0"
begin; sql "REVOKE DELETE ON analytics.m FROM meltano; UPDATE public.source SET v = 'b' WHERE id = 8" >/dev/null
like "a right that its owner took from itself" "$(transform)" "permission denied for table m"
begin; sql "ALTER TABLE analytics.m ADD CONSTRAINT later UNIQUE (k) DEFERRABLE INITIALLY DEFERRED; UPDATE public.source SET k = 41 WHERE id = 40" >/dev/null
like "a constraint that is looked at when the call commits" "$(transform)" 'duplicate key value violates unique constraint "later"'
begin; super "CREATE PUBLICATION all_of_it FOR TABLE analytics.m" >/dev/null; sql "UPDATE public.source SET v = 'b' WHERE id = 8" >/dev/null
like "rows that could not be deleted at a subscriber" "$(transform)" 'cannot delete from table "m" because it does not have a replica identity'
sql "ALTER TABLE analytics.m REPLICA IDENTITY FULL" >/dev/null; transform >/dev/null
works "a table that is published to subscribers"
finish
