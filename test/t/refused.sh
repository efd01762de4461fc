#!/usr/bin/env bash
# What the server did not write is not counted as written, and what it refuses for one record is that record's fault.
. "$(dirname "$0")/../lib.sh"
new_database
files=$BARO_DATA/in
mkdir -p "$files"/{k,c,p,long,dom,wide,t}
use_project "GRANT ALL ON SCHEMA public TO meltano; CREATE FUNCTION public.is_odd(int) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN IF \$1 = 4 THEN RAISE ''four is even''; ELSIF \$1 = 6 THEN PERFORM no_such(); END IF; RETURN true; END'; CREATE DOMAIN public.odd AS int CHECK (public.is_odd(value))" <<'YML'
version: 1
name: refused
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: k, path: in/k, pattern: .*\.csv, key_properties: [id]}
      - {name: c, path: in/c, pattern: .*\.csv}
      - {name: p, path: in/p, pattern: .*\.csv}
      - {name: long, path: in/long, pattern: .*\.csv, key_properties: [k], max_rejects: 2}
      - {name: strict, path: in/long, pattern: .*\.csv, key_properties: [k]}
      - {name: dom, path: in/dom, pattern: .*\.csv, max_rejects: 9, columns: [{name: d, type: public.odd}, {name: r, type: regtype}]}
      - {name: wide, path: in/wide, pattern: .*\.csv, max_rejects: 1}
      - {name: t, path: in/t, pattern: .*\.csv, key_properties: [id], max_rejects: 100%}
YML
put() { printf "$2" > "$files/$1"; touch -d "@$((RANDOM * 32768 + RANDOM))" "$files/$1"; } # FILE TEXT
run() { sql "SELECT inserted, updated, unchanged, rejected FROM baro_run('tap', '{$1}'${2:+, $2})"; }
sql "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN coalesce(new.v, old.v) < 100 THEN coalesce(new, old) END; END'" >/dev/null
no() { sql "CREATE OR REPLACE TRIGGER no_big BEFORE $2 ON $1 FOR EACH ROW EXECUTE FUNCTION public.no()" >/dev/null; } # TABLE EVENT
yes() { sql "DROP TRIGGER no_big ON $1" >/dev/null; }

# By key
put k/a.csv 'id,v\n1,1\n2,2\n'
run k >/dev/null
no tap.k "INSERT OR UPDATE"
put k/a.csv 'id,v\n1,1\n2,2\n3,300\n4,4\n'
like "a record that a trigger keeps out of the table is not counted as new" "$(run k)" 'trigger or rule of tap.k keeps 1 of 2 new rows out: trigger "no_big"'
is "and nothing is kept" "$(sql "SELECT count(*), (SELECT sum(records) FROM barometre.file WHERE stream = 'k') FROM tap.k")" "2|2"
put k/a.csv 'id,v\n1,100\n2,3\n'
like "nor as changed, though its line held it before" "$(run k)" 'trigger or rule of tap.k keeps 1 of 2 new or changed rows out: trigger "no_big"'
no tap.k DELETE
put k/a.csv 'id,v\n1,100\n2,2\n'
run k >/dev/null
put k/a.csv 'id,v\n2,2\n'
like "nor as gone" "$(run k "full_refresh => true")" 'trigger or rule of tap.k keeps 1 of 1 rows that go in: trigger "no_big"'
yes tap.k
is "without the trigger all arrive" "$(run k "full_refresh => true")" "0|0|1|0"
sql "CREATE TABLE tap.k_old () INHERITS (tap.k);
     CREATE FUNCTION public.route() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF new.v >= 100 THEN INSERT INTO tap.k_old VALUES (new.*); RETURN NULL; END IF; RETURN new; END';
     CREATE TRIGGER route BEFORE INSERT ON tap.k FOR EACH ROW EXECUTE FUNCTION public.route()" >/dev/null
put k/a.csv 'id,v\n2,2\n3,300\n5,5\n'
is "what a trigger puts into a child is written" "$(run k) $(sql "SELECT count(*) FROM tap.k_old")" "2|0|0|0 1"
sql "DROP TABLE tap.k_old; DROP TRIGGER route ON tap.k" >/dev/null

# Without a key
put c/a.csv 'id,v\n1,1\n2,2\n'
run c >/dev/null
no tap.c INSERT
put c/a.csv 'id,v\n2,200\n1,1\n2,2\n'
like "without a key as well, though its line holds another row" "$(run c)" 'trigger or rule of tap.c keeps 1 of 1 new rows out: trigger "no_big"'
put c/a.csv 'id,v\n9,9\n1,1\n2,2\n'
is "a trigger that keeps none out is in nobody's way" "$(run c)" "1|0|2|0"
no tap.c DELETE
put c/a.csv 'id,v\n9,9\n1,100\n2,2\n'
run c >/dev/null
put c/a.csv 'id,v\n9,9\n'
like "rows that go are not counted while they stay" "$(run c)" 'trigger or rule of tap.c keeps 1 of 2 rows that go in: trigger "no_big"'
put c/a.csv ''
like "of a file without a header neither" "$(run c)" 'trigger or rule of tap.c keeps 1 of 3 rows that go in: trigger "no_big"'
yes tap.c
sql "CREATE TABLE tap.other (LIKE tap.c); CREATE RULE away AS ON INSERT TO tap.c DO INSTEAD INSERT INTO tap.other VALUES (new.*)" >/dev/null
put c/a.csv 'id,v\n9,9\n2,2\n3,3\n'
like "nor what a rule writes elsewhere" "$(run c)" 'trigger or rule of tap.c keeps 1 of 1 new rows out: rule "away"'
sql "DROP RULE away ON tap.c; CREATE RULE away AS ON DELETE TO tap.c DO INSTEAD NOTHING" >/dev/null
put c/a.csv 'id,v\n2,2\n'
like "nor what a rule does not delete" "$(run c)" 'keeps 2 of 2 rows that go in: rule "away"'
sql "DROP RULE away ON tap.c" >/dev/null; sql "ALTER TABLE tap.c ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY seen ON tap.c FOR SELECT USING (v < 100); CREATE POLICY put ON tap.c FOR INSERT WITH CHECK (true); CREATE POLICY go ON tap.c FOR DELETE USING (true)" >/dev/null
put c/a.csv 'id,v\n9,9\n1,100\n2,2\n3,300\n'
like "nor what row security hides, which the next load would double" "$(run c)" 'trigger or rule of tap.c keeps 1 of 1 new rows out: row security'
sql "ALTER TABLE tap.c DISABLE ROW LEVEL SECURITY" >/dev/null

# A partitioned table, whose trigger is that of a partition
sql "CREATE TABLE tap.p (id bigint, v bigint, _baro_file integer, _baro_line bigint) PARTITION BY RANGE (id); CREATE TABLE tap.p1 PARTITION OF tap.p FOR VALUES FROM (0) TO (10); CREATE TABLE tap.p2 PARTITION OF tap.p DEFAULT" >/dev/null
put p/a.csv 'id,v\n1,1\n11,11\n2,2\n12,12\n'
is "partitions are filled" "$(run p)" "4|0|0|0"
put p/a.csv 'id,v\n1,1\n11,11\n12,12\n'
is "and of two rows at one place of two partitions one goes" "$(run p) $(sql "SELECT string_agg(id::text, ' ' ORDER BY id) FROM tap.p")" "0|0|3|0 1 11 12"
no tap.p2 INSERT
put p/a.csv 'id,v\n1,100\n11,11\n12,100\n'
like "a trigger of one partition is told" "$(run p)" 'trigger or rule of tap.p keeps 1 of 2 new rows out: trigger "no_big"'

# Models: rows that others refer to are updated
printf "select 1 as id, 1 as v union all select 2, 2" > "$project/models/m.sql"
transform() { psql -X -q -At -d "$db" -U meltano -c "CALL baro_transform()" 2>&1; }
transform >/dev/null
sql "ALTER TABLE analytics.m ADD UNIQUE (id); CREATE TABLE public.refers (id int REFERENCES analytics.m (id)); INSERT INTO public.refers VALUES (1)" >/dev/null
no analytics.m UPDATE
printf "select 1 as id, 100 as v union all select 2, 2" > "$project/models/m.sql"
like "a model's row that a trigger leaves as it was is told" "$(transform)" 'trigger or rule of analytics.m keeps 1 of 1 changed rows as they were: trigger "no_big"'
yes analytics.m
sql "CREATE RULE stay AS ON UPDATE TO analytics.m DO INSTEAD NOTHING" >/dev/null
like "so is a rule's" "$(transform)" 'trigger or rule of analytics.m keeps 1 of 1 changed rows as they were: rule "stay"'
sql "DROP RULE stay ON analytics.m; DROP TABLE public.refers" >/dev/null
no analytics.m DELETE
transform >/dev/null
printf "select 2 as id, 2 as v" > "$project/models/m.sql"
transform >/dev/null
like "and one that it keeps in" "$(transform)" 'trigger or rule of analytics.m keeps 1 of 1 rows that go in: trigger "no_big"'

# --- What the server refuses for one record -----------------------------------------------------------------------------
rejects() { sql "SELECT string_agg(line || ' ' || coalesce(column_name, '-') || ' ' || sqlstate, ', ' ORDER BY line) FROM barometre.reject WHERE stream = '$1' AND run = (SELECT max(id) FROM barometre.run)"; }
long() { head -c "$1" /dev/urandom | base64 -w 0; }
printf 'k,v\na,1\n%s,2\nb,3\n%s,4\na,5\n' "$(long 3000)" "$(long 9000)" > "$files/long/a.csv"
is "keys that are too long for an index are rejects at the first load" "$(run long) $(rejects long) $(sql "SELECT string_agg(k || v, ' ' ORDER BY k) FROM tap.long")" "2|0|0|2 3 k 54000, 5 k 54000 a5 b3"
is "with what they held" "$(sql "SELECT count(*) FROM barometre.reject WHERE stream = 'long' AND length(raw) > 90 AND byte_offset > 3")" 2
like "without max_rejects the first one is told" "$(sql "SELECT FROM baro_run('tap', '{strict}')")" 'records can.t be loaded'
like "by its file, line and column, and not with the server's advice" "$(sql "SELECT FROM baro_run('tap', '{strict}')" | tr '\n' ' ')" 'line 3, column "k": the table refuses it: index row .* other key_properties'
printf 'k,v\na,1\nc,2\n%s,2\n' "$(long 9000)" > "$files/long/b.csv"
is "and at a later load" "$(run long) $(rejects long)" "1|1|0|1 4 k 54000"
printf 'd,r\n1,int4\n4,int4\n5,no_such\n7,a b c(\n9,nowhere.t\n' > "$files/dom/a.csv"
is "what a domain's function raises, and names of no type, are rejects" "$(run dom) $(rejects dom)" "1|0|0|4 3 d P0001, 4 r 42704, 5 r 42601, 6 r 3F000"
like "with what the function said" "$(sql "SELECT reason FROM barometre.reject WHERE stream = 'dom' AND line = 3")" 'is not of type .*odd: four is even$'
printf 'd,r\n1,int4\n6,int4\n' > "$files/dom/a.csv"
like "a function that is broken is no record's fault" "$(run dom)" 'function no_such\(\) does not exist'
{ seq -s , 1 700 | sed 's/[0-9]*/c&/g'; seq -s , 1 700; for i in $(seq 700); do printf ',%s' 123456789012345678901; done | cut -c2-; echo; seq -s , 1 700; } > "$files/wide/a.csv"
is "a row that is too big for a page is a reject" "$(run wide) $(rejects wide)" "2|0|0|1 3 - 54000"

trigger() { sql "CREATE OR REPLACE FUNCTION public.check_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN $1; RETURN new; END'; CREATE OR REPLACE TRIGGER check_it BEFORE INSERT OR UPDATE ON tap.t ${2:-FOR EACH ROW} EXECUTE FUNCTION public.check_it()" >/dev/null; }
printf 'id,v\n1,1\n' > "$files/t/a.csv"
run t >/dev/null
trigger "IF new.v > 5 THEN RAISE ''v is % '', new.v; END IF"
printf 'id,v\n1,1\n2,6\n3,3\n4,7\n' > "$files/t/b.csv"
is "what a trigger raises for a row is that row's fault" "$(run t) $(rejects t)" "1|0|1|2 3 - P0001, 5 - P0001"
trigger "PERFORM no_such()"
seq 100 3000 | sed 's/.*/&,1/; 1i id,v' > "$files/t/c.csv"
like "a trigger that is broken stops at once" "$(run t)" ': function no_such\(\) does not exist'
trigger "RAISE ''closed''" "FOR EACH STATEMENT"
like "so does one that fails without a row" "$(run t)" ': closed'
role=postgres sql "DROP TRIGGER check_it ON tap.t; ALTER TABLE tap.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY small ON tap.t USING (v < 5)" >/dev/null
printf 'id,v\n100,1\n101,8\n102,1\n' > "$files/t/c.csv"
is "what row security refuses is the row's fault" "$(run t) $(rejects t)" "2|0|0|1 3 - 42501"

# Very many: each second record of a file of 4 MB, which is read for it once more, and not again for each thousand.
role=postgres sql "DROP POLICY small ON tap.t; ALTER TABLE tap.t DISABLE ROW LEVEL SECURITY; TRUNCATE tap.t; ALTER TABLE tap.t ADD CHECK (v <> 8), ADD COLUMN pad text" >/dev/null
rm "$files"/t/*
many() { awk -v pad="$(long 800)" -v v="$1" 'BEGIN { print "id,v,pad"; for (i = 2; i < 5002; i++) print i "," (i % 2 ? 1 : v) "," pad }' >"$files/t/many.csv"; }
open_session many meltano
bytes() { sed -n 's/^rchar: //p' "/proc/$(ask many "SELECT pg_backend_pid()")/io" 2>/dev/null; }
many 8; size=$(stat -c %s "$files/t/many.csv")
before=$(bytes)
is "thousands of rows that a constraint refuses are rejects" "$(ask many "SELECT inserted, rejected FROM baro_run('tap', '{t}')" | tail -n 1)" "2500|2500"
after=$(bytes)
is "each with what its line holds" "$(sql "SELECT count(*), count(DISTINCT line) FROM barometre.reject WHERE stream = 't' AND convert_from(raw, 'UTF8') LIKE line || ',8,%' AND run = (SELECT max(id) FROM barometre.run)")" "2500|2500"
# What is read of the table counts, too.
if [ -n "$before" ]; then is "the file is read once more for all of them" "$(((after - before) / size < 6))" 1; else skip "how often a file is read" "/proc/PID/io can't be read"; fi
use_points
many 8; echo "1,1,later" >>"$files/t/many.csv"
stop_at load.staged
sql "SELECT rejected FROM baro_run('tap', '{t}', true)" >"$BARO_DATA/said" &
at_point load.staged
many 9
go_on load.staged; wait $!
is "nothing is shown of a file that changed meanwhile" "$(tail -n 1 "$BARO_DATA/said") $(sql "SELECT count(*), count(raw), count(byte_offset) FROM barometre.reject WHERE stream = 't' AND run = (SELECT max(id) FROM barometre.run)")" "2500 2500|0|0"

# Statements that name a staging table come once: of the plans no more than 128 are kept, and the last ones.
mkdir "$files/f"
printf 'id\n1\n8\n' >"$files/f/a.csv"
{ printf 'version: 1\nname: refused\nroles: {loader: meltano}\ntaps:\n'; for i in $(seq 100); do echo "  - {name: tap$i, streams: [{name: f, path: in/f, pattern: a.csv, max_rejects: 1}]}"; done; } >"$project/barometre.yml"
open_session plans postgres
for i in $(seq 100); do echo "CREATE SCHEMA tap$i AUTHORIZATION meltano; CREATE TABLE tap$i.f (id bigint CHECK (id <> 8), _baro_file int, _baro_line bigint); ALTER TABLE tap$i.f OWNER TO meltano;"; done >"$BARO_DATA/tables.sql"
psql -X -q -d "$db" -U postgres -1 -f "$BARO_DATA/tables.sql"
is "a row of each of 100 tables is refused" "$(ask plans "SET client_min_messages = error; SELECT sum(rejected) FROM baro_run()")" 100
# From 18 on the view tells of a context's parents by numbers that hold for one look, and no more by name.
kept() {
    ask plans "WITH context AS MATERIALIZED (SELECT name, ident, to_jsonb(c) AS told FROM pg_backend_memory_contexts c)
        SELECT count(*) FROM context WHERE name = 'CachedPlanSource' AND coalesce(told->>'parent' = 'CacheMemoryContext',
            told->'path'->-2 = (SELECT told->'path'->-1 FROM context WHERE name = 'CacheMemoryContext')) ${1:-}"
}
is "plans make room for others" "$(kept "AND ident LIKE '% tap100.\_baro\_staging%'") of $(kept)" "1 of 128"
finish
