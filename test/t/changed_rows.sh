#!/usr/bin/env bash
# Loads that change some rows of a table: what becomes of it is what SQL would do, by whatever way the rows come in; and how many it has afterwards.
. "$(dirname "$0")/../lib.sh"
new_database
files=$BARO_DATA/in
mkdir -p "$files" "$BARO_DATA/k"
use_project <<'YML'
version: 1
name: changes
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: m, path: in, pattern: .*\.csv, key_properties: [id], columns: [{name: id, type: bigint}, {name: v, type: text}]}
      - {name: k, path: k, pattern: .*\.csv, key_properties: [a, b], max_rejects: 3, columns: [{name: a, type: text}, {name: b, type: "numeric(10,2)"}, {name: t, type: text}, {name: n, type: numeric}, {name: d, type: date}]}
YML
super() { role=postgres sql "$1"; }
day=0
load() { # RECORD...: a new version of the file
    { echo id,v; printf '%s\n' "$@"; } >"$files/m.csv"; day=$((day + 1)); touch -d "2021-01-01 $day days" "$files/m.csv"
    sql "SELECT inserted, updated, unchanged FROM baro_run('tap.m')"
}
counted() { sql "SELECT rows || ' of ' || (SELECT count(*) FROM tap.m) FROM barometre.step WHERE name = 'tap.m' ORDER BY run DESC LIMIT 1"; }
hundred() { seq -f '%.0f,a' 1 100; } # records

# --- How many rows the table has afterwards ---
load $(hundred) >/dev/null
is "a first load counts its rows" "$(counted)" "100 of 100"
sql "DELETE FROM tap.m WHERE id > 90" >/dev/null
load $(hundred | head -n 90) 1000,b >/dev/null
is "rows that are gone do not count" "$(counted)" "91 of 91"
sql "VACUUM tap.m" >/dev/null
load 1001,c >/dev/null
is "nor do they when pages are known to be seen by all" "$(counted)" "92 of 92"
sql "UPDATE tap.m SET v = 'x' WHERE id < 10; DELETE FROM tap.m WHERE id BETWEEN 10 AND 19" >/dev/null
load 1002,d >/dev/null
is "changed rows count once" "$(counted)" "83 of 83"
open_session other meltano
ask other "BEGIN; INSERT INTO tap.m (id, v) VALUES (5000, 'open'); DELETE FROM tap.m WHERE id = 20" >/dev/null
load 1003,e >/dev/null
is "what others have not committed does not" "$(counted)" "84 of 84"
ask other ROLLBACK >/dev/null
is "what the same transaction did, does" "$(sql "BEGIN; DELETE FROM tap.m WHERE id = 21; SAVEPOINT s; DELETE FROM tap.m WHERE id = 22; ROLLBACK TO s; SELECT count(*) FROM baro_run('tap', full_refresh => true); SELECT rows || ' of ' || (SELECT count(*) FROM tap.m) FROM barometre.step WHERE name = 'tap.m' ORDER BY run DESC LIMIT 1; COMMIT" | tail -n 1)" "1 of 1"
is "a serializable transaction counts the same" "$(printf 'id,v\n1,a\n2,b\n' >"$files/m.csv"; sql "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM baro_run('tap'); COMMIT" >/dev/null; counted)" "3 of 3"
sql "CREATE TABLE tap.child () INHERITS (tap.m); INSERT INTO tap.child (id, v) VALUES (7000, 'child')" >/dev/null
load 1004,f >/dev/null
is "rows of a child table count" "$(counted)" "5 of 5"
sql "DROP TABLE tap.child; ALTER TABLE tap.m ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY few ON tap.m USING (id <> 2) WITH CHECK (true)" >/dev/null
load 1005,g >/dev/null
is "rows that row security hides from the loader do not" "$(counted)" "4 of 4"
sql "DROP POLICY few ON tap.m; ALTER TABLE tap.m DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY" >/dev/null

# --- Rows that were seen while the file was read ---
sql "DELETE FROM tap.m" >/dev/null
mapfile -t many < <(seq -f '%.0f,a' 1 2000)
load "${many[@]}" >/dev/null
sql "ANALYZE tap.m; UPDATE tap.m SET v = 'theirs' WHERE id % 100 = 0; DELETE FROM tap.m WHERE id % 250 = 1; UPDATE tap.m SET v = 'a' WHERE id % 500 = 7" >/dev/null
for i in 2 3 700; do many[i - 1]="$i,changed"; done
is "what was changed, is gone, or was changed by hand" "$(load "${many[@]}" 3000,new)" "9|22|1970"
all_as_file() { sql "SELECT count(*), count(*) FILTER (WHERE v = CASE WHEN id IN (2, 3, 700) THEN 'changed' WHEN id = 3000 THEN 'new' ELSE 'a' END AND (_baro_line = id + 1 OR id = 3000)) FROM tap.m"; }
is "is as the file says, with its lines" "$(all_as_file)" "2001|2001"
use_points
stop_at load.staged
many[9]=10,between
load "${many[@]}" 3000,new >"$BARO_DATA/said" & call=$!
at_point load.staged
ask other "UPDATE tap.m SET v = 'theirs' WHERE id = 10; DELETE FROM tap.m WHERE id = 11" >/dev/null
go_on load.staged; wait $call
is "a row that another session changes between is found again" "$(cat "$BARO_DATA/said") $(sql "SELECT string_agg(id || v, ' ' ORDER BY id) FROM tap.m WHERE id IN (9, 10, 11, 12)")" "0|1|2000 9a 10between 12a"

# --- A few changed rows of a large table, past the executor where nothing needs statements ---
role=postgres sql "CREATE TABLE public.made (name text); GRANT ALL ON public.made TO PUBLIC; GRANT ALL ON SCHEMA public TO meltano; CREATE FUNCTION public.note_made() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.made SELECT object_identity FROM pg_event_trigger_ddl_commands(); END'; CREATE EVENT TRIGGER note_made ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION public.note_made()" >/dev/null
by_statements() { sql "SELECT count(*) > 0 FROM public.made; DELETE FROM public.made" | head -n 1; } # a table was made of what is wanted
file=$BARO_DATA/k/k.csv
put() { # RECORD...: what the file holds now, and what became of it
    { echo a,b,t,n,d; printf '%s\n' "$@"; } >"$file"; day=$((day + 1)); touch -d "2021-01-01 $day days" "$file"
    sql "SELECT inserted, updated, unchanged, rejected FROM baro_run('tap.k')"
}
found() { sql "SELECT string_agg(concat_ws(',', a, b, coalesce(t, 'null'), n, d, _baro_line), ' ' ORDER BY a, b) FROM tap.k WHERE a IN ($1)"; }
mapfile -t many < <(seq -f 'k%.0f,1.5,old,1.0,2021-01-01' 1 400)
# Of another program, with columns that no file has.
sql "CREATE TABLE tap.k (gone int, a text, mine text, b numeric(10,2), t text, n numeric, d date, PRIMARY KEY (a, b)); ALTER TABLE tap.k DROP COLUMN gone; CREATE INDEX ON tap.k (md5(t)); CREATE INDEX ON tap.k USING hash (n)" >/dev/null
put "${many[@]}" >/dev/null
sql "ANALYZE tap.k; DELETE FROM public.made" >/dev/null
stamp=$(sql "SELECT xmin, xmax, ctid FROM tap.k WHERE a = 'k2'")
is "new, changed and equal rows by a key of two columns" "$(put k1,1.50,new,1.0,2021-01-01 k2,1.5,old,1.00,20210101 k1,1.6,other,2,2021-01-02 k3,1.5,,1.0,2021-01-01)" "1|2|1|0"
is "are what the file says, each with its line" "$(found "'k1', 'k2', 'k3'")" "k1,1.50,new,1.0,2021-01-01,2 k1,1.60,other,2,2021-01-02,4 k2,1.50,old,1.0,2021-01-01,3 k3,1.50,null,1.0,2021-01-01,5"
is "an equal one was not touched" "$(sql "SELECT xmin, xmax, ctid FROM tap.k WHERE a = 'k2'")" "$stamp"
is "no statement was needed" "$(by_statements)" f
is "of a key that comes twice the last record counts" "$(put k4,1.5,x,1,2021-01-01 k4,1.50,y,1,2021-01-01 k5,1.5,x,1,2021-01-01)" "0|2|0|0"
is "it does" "$(found "'k4', 'k5'") $(by_statements)" "k4,1.50,y,1,2021-01-01,3 k5,1.50,x,1,2021-01-01,4 f"
long=$(head -c 30000 /dev/urandom | base64 -w 0)
is "a long value arrives" "$(put "k6,1.5,$long,1,2021-01-01" "k6,1.7,$long,1,2021-01-01")" "1|1|0|0"
is "is the same again" "$(put "k6,1.7,$long,1,2021-01-01" "k6,1.5,$long,1.00,2021-01-01")" "0|0|2|0"
is "stays where another value changes" "$(put "k6,1.5,$long,2,2021-01-01") $(sql "SELECT count(*) FROM tap.k WHERE t = '$long'")" "0|1|0|0 2"
sql "UPDATE tap.k SET mine = 'mine' WHERE a = 'k7'; DELETE FROM public.made" >/dev/null
is "a column that no file has keeps its value" "$(put k7,1.5,x,1,2021-01-01 z1,1,x,1,2021-01-01) $(sql "SELECT string_agg(coalesce(mine, 'null'), ' ' ORDER BY a) FROM tap.k WHERE a IN ('k7', 'z1')") $(by_statements)" "1|1|0|0 mine null f"
put k8,1.5,sought,77,2021-01-01 >/dev/null
is "all indexes know a changed row" "$(sql "SET enable_seqscan = off; SELECT (SELECT a FROM tap.k WHERE md5(t) = md5('sought')) || (SELECT a FROM tap.k WHERE n = 77)") $(sql "SET enable_seqscan = off; SELECT count(*) FROM tap.k WHERE md5(t) = md5('old') AND a = 'k8'") $(by_statements)" "k8k8 0 f"
role=postgres sql "CREATE EXTENSION pageinspect; ALTER TABLE tap.k ADD COLUMN old text" >/dev/null
sql "UPDATE tap.k SET old = repeat('x', 1000) WHERE a = 'k390'; ALTER TABLE tap.k DROP COLUMN old" >/dev/null
is "what a dropped column had goes with the row's next version" "$(put k390,1.5,dropped,1,2021-01-01) $(role=postgres sql "SELECT t.lp_len < 200 FROM tap.k, LATERAL heap_page_items(get_raw_page('tap.k', (k.ctid::text::point)[0]::int)) AS t WHERE k.a = 'k390' AND t.t_ctid = k.ctid AND t.t_xmin = k.xmin") $(by_statements)" "0|1|0|0 t f"
role=postgres sql "CREATE PUBLICATION positive FOR TABLE tap.k WHERE (n > 0)" >/dev/null
like "an update that subscribers could not follow is an error" "$(put k391,1.5,published,1,2021-01-01)" 'ERROR:  stream "tap.k": cannot update table "k"'
is "new rows come" "$(put k392,1.6,published,1,2021-01-01)" "1|0|0|0"
role=postgres sql "DROP PUBLICATION positive" >/dev/null
is "without it, it comes" "$(put k391,1.5,published,1,2021-01-01) $(by_statements)" "0|1|0|0 f"

sql "ALTER TABLE tap.k ALTER COLUMN mine SET DEFAULT 'by default'" >/dev/null
is "a default is given by a statement" "$(put z2,1,x,1,2021-01-01 k9,1.5,x,1,2021-01-01) $(sql "SELECT mine FROM tap.k WHERE a = 'z2'") $(by_statements)" "1|1|0|0 by default t"
sql "ALTER TABLE tap.k ALTER COLUMN mine DROP DEFAULT; ALTER TABLE tap.k ADD CONSTRAINT short CHECK (t <> 'bad')" >/dev/null
is "a row that a constraint refuses is a reject" "$(put k10,1.5,good,1,2021-01-01 k11,1.5,bad,1,2021-01-01 z3,1,good,1,2021-01-01)" "1|1|0|1"
is "with its line, and the others arrive" "$(sql "SELECT line, reason FROM barometre.reject WHERE stream = 'k' ORDER BY id DESC LIMIT 1") $(found "'k10', 'k11', 'z3'")" '3|the table refuses it: new row for relation "k" violates check constraint "short" k10,1.50,good,1,2021-01-01,2 k11,1.50,old,1.0,2021-01-01,12 z3,1.00,good,1,2021-01-01,4'
sql "CREATE UNIQUE INDEX ON tap.k (n) WHERE n > 1000" >/dev/null
is "so is one that another unique index refuses" "$(put k12,1.5,u,2000,2021-01-01 k13,1.5,u,2000,2021-01-01)" "0|1|0|1"
sql "DELETE FROM public.made; CREATE FUNCTION public.upper_t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.t := upper(new.t); RETURN new; END'; CREATE TRIGGER up BEFORE INSERT OR UPDATE ON tap.k FOR EACH ROW EXECUTE FUNCTION public.upper_t()" >/dev/null
is "a trigger sees each row" "$(put k14,1.5,x,1,2021-01-01 z4,1,y,1,2021-01-01) $(sql "SELECT string_agg(t, '' ORDER BY a) FROM tap.k WHERE a IN ('k14', 'z4')") $(by_statements)" "1|1|0|0 XY t"
sql "DROP TRIGGER up ON tap.k" >/dev/null
role=postgres sql "ALTER TABLE tap.k OWNER TO postgres; GRANT SELECT, INSERT, UPDATE (a, b, t, n, d, _baro_file, _baro_line) ON tap.k TO meltano" >/dev/null
is "who may write columns alone writes them by a statement" "$(put k15,1.5,x,1,2021-01-01) $(by_statements)" "0|1|0|0 t"
role=postgres sql "ALTER TABLE tap.k OWNER TO meltano" >/dev/null

while_other() { # SQL RECORD...: a load, while another session writes the same row
    ask other "BEGIN; $1" >/dev/null; shift
    put "$@" >"$BARO_DATA/said" & call=$!
    soon "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$db' AND wait_event_type = 'Lock' AND query LIKE '%baro_run%'"
    ask other COMMIT >/dev/null; wait $call
    cat "$BARO_DATA/said"
}
is "a row that another session changes meanwhile" "$(while_other "UPDATE tap.k SET t = 'theirs' WHERE a = 'k16'" k16,1.5,ours,1,2021-01-01 z5,1,ours,1,2021-01-01) $(found "'k16', 'z5'")" "1|1|0|0 k16,1.50,ours,1,2021-01-01,2 z5,1.00,ours,1,2021-01-01,3"
is "one that it deletes" "$(while_other "DELETE FROM tap.k WHERE a = 'k17'" k17,1.5,ours,1,2021-01-01) $(found "'k17'")" "1|0|0|0 k17,1.50,ours,1,2021-01-01,2"
is "and one that it inserts, are afterwards as the file says" "$(while_other "INSERT INTO tap.k (a, b, t) VALUES ('z6', 1, 'theirs')" k16,1.5,again,1,2021-01-01 z6,1,ours,1,2021-01-01) $(found "'k16', 'z6'")" "0|2|0|0 k16,1.50,again,1,2021-01-01,2 z6,1.00,ours,1,2021-01-01,3"

# Random changes; the truth is kept by SQL.
sql "CREATE TABLE public.truth (a text, b numeric(10,2), t text, n numeric, d date, PRIMARY KEY (a, b)); INSERT INTO public.truth SELECT a, b, t, n, d FROM tap.k; CREATE TABLE public.given (LIKE public.truth); ANALYZE tap.k; DELETE FROM public.made" >/dev/null
for seed in 1 2 3; do
    sql "SELECT setseed($seed / 10.0); TRUNCATE public.given; INSERT INTO public.given SELECT DISTINCT ON (a) 'k' || i AS a, CASE WHEN random() < 0.2 THEN 1.7 ELSE 1.5 END, CASE WHEN random() < 0.5 THEN 'old' WHEN random() < 0.3 THEN NULL ELSE 't' || i END, CASE WHEN random() < 0.5 THEN 1.0 ELSE i / 8.0 END, CASE WHEN random() < 0.8 THEN date '2021-01-01' END FROM (SELECT (random() * 400)::int FROM generate_series(1, 45)) AS x (i)" >/dev/null
    psql -X -q -d $db -U meltano -c "COPY public.given TO STDOUT CSV HEADER" >"$file"; day=$((day + 1)); touch -d "2021-01-01 $day days" "$file"
    did=$(sql "SELECT inserted, updated FROM baro_run('tap.k')")
    wanted=$(sql "WITH written AS (INSERT INTO public.truth AS o SELECT * FROM public.given ON CONFLICT (a, b) DO UPDATE SET t = excluded.t, n = excluded.n, d = excluded.d WHERE (o.t, o.n, o.d) IS DISTINCT FROM (excluded.t, excluded.n, excluded.d) RETURNING xmax = 0 AS new) SELECT count(*) FILTER (WHERE new) || '|' || count(*) FILTER (WHERE NOT new) FROM written")
    is "round $seed: as SQL does it" "$did $(sql "SELECT count(*) FROM (SELECT a, b, t, n, d FROM tap.k EXCEPT ALL SELECT * FROM public.truth) AS x") $(sql "SELECT count(*) - (SELECT count(*) FROM public.truth) FROM tap.k") $(by_statements)" "$wanted 0 0 f"
done
finish
