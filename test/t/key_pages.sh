#!/usr/bin/env bash
# The primary key of a table that is loaded for the first time: where it is an integer that ascends in the files, its index is filled beside the table.
. "$(dirname "$0")/../lib.sh"
new_database
streams=
for s in one leaf next level narrow negative texts equal back rejected wide void wider forbidden; do
    mkdir -p "$BARO_DATA/$s"
    columns=; [ $s != narrow ] || columns=', columns: [{name: id, type: integer}]'; case $s in wider | texts | void) columns=', columns: [{name: id, type: bigint}]' ;; esac
    streams+="      - {name: $s, path: $s, pattern: .*\\.csv, key_properties: [id], max_rejects: 50%$columns}"$'\n'
done
use_project <<YML
version: 1
name: keys
roles: {loader: meltano}
taps:
  - name: t
    streams:
$streams
YML
if [ "$(role=postgres sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'")" = 1 ]; then
    role=postgres sql "CREATE EXTENSION amcheck" >/dev/null
    whole() { role=postgres sql "SELECT bt_index_parent_check('t.$1_pkey', true, true)"; } # each row is in it, and every level is right
else
    whole() { :; }
fi
role=postgres sql "CREATE TABLE public.done (command text, object text); GRANT ALL ON public.done TO PUBLIC; CREATE FUNCTION public.note_done() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.done SELECT command_tag, object_identity FROM pg_event_trigger_ddl_commands(); END'; CREATE EVENT TRIGGER note_done ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.note_done()" >/dev/null
altered() { sql "SELECT count(*) FROM public.done WHERE object = 't.$1'"; } # 1: the key was made once, and 3: made, dropped and made
by_index="SET enable_seqscan = off; SET enable_bitmapscan = off;"
load() { sql "SELECT count(*) FROM baro_run('t.$1')" >"$BARO_DATA/said"; sql "SELECT inserted, superseded, rejected FROM barometre.step WHERE name = 't.$1' ORDER BY run DESC LIMIT 1"; }
numbers() { sql "$by_index SELECT count(*), min(id), max(id), sum(id) FROM t.$1 WHERE id > -1000000000"; }
fill() { { echo id,v; seq -f '%.0f,x' "${@:2}"; } >"$BARO_DATA/$1/a.csv"; } # STREAM FROM [STEP] TO

fill one 7 7
is "one row" "$(load one) $(numbers one) $(whole one)" "1|0|0 1|7|7|7 "
fill leaf 1 366
is "a page of them" "$(load leaf) $(numbers leaf) $(whole leaf)$(altered leaf)" "366|0|0 366|1|366|67161 1"
fill next 1 367
is "one more" "$(load next) $(numbers next) $(whole next)" "367|0|0 367|1|367|67528 "
is "the table knows how many" "$(sql "SELECT relname, reltuples FROM pg_class WHERE oid IN ('t.next'::regclass, 't.next_pkey'::regclass) ORDER BY 1")" "next|367
next_pkey|367"
fill level 10 10 4000000
is "three levels" "$(load level) $(numbers level) $(whole level)" "400000|0|0 400000|10|4000000|800002000000 "
is "as large as the server makes it" "$(sql "SELECT pg_relation_size('t.level_pkey') / 8192; BEGIN; CREATE UNIQUE INDEX again ON t.level (id); SELECT pg_relation_size('t.again') / 8192; ROLLBACK" | sort -u | wc -l)" 1
fill narrow -5000 5 100000
is "integers of four bytes, also below zero" "$(load narrow) $(numbers narrow) $(whole narrow)" "21001|0|0 21001|-5000|100000|997547500 "
sql "INSERT INTO t.level (id, v) SELECT i, 'new' FROM generate_series(1, 1100100) i WHERE i % 10 <> 0 AND i % 7 = 0; DELETE FROM t.level WHERE id % 20 = 0; UPDATE t.level SET v = 'y' WHERE id % 3 = 0" >/dev/null
rows=$(sql "SET enable_indexscan = off; SET enable_indexonlyscan = off; SELECT count(*) > 190000, count(*) FROM t.level")
is "it grows as any other" "t|$(numbers level | cut -d'|' -f1) $(whole level)" "$rows "
like "it refuses a key that is there" "$(sql "INSERT INTO t.level (id) VALUES (110)")" 'duplicate key value violates unique constraint "level_pkey"'
role=postgres sql "VACUUM t.level" >/dev/null
is "and is cleaned up" "$(whole level)t|$(numbers level | cut -d'|' -f1)" "$rows"
{ echo id,v; printf '%s,x\n' -30 -20 +5 '" 6"' 7; } >"$BARO_DATA/texts/a.csv"
is "numbers that the server reads" "$(load texts) $(numbers texts) $(whole texts)$(altered texts)" "5|0|0 5|-30|7|-32 1"
{ echo id,v; seq -f '%.0f,x' 1 2000; echo 2000,last; seq -f '%.0f,x' 2001 2100; } >"$BARO_DATA/equal/a.csv"
is "a key that comes twice" "$(load equal) $(numbers equal) $(sql "SELECT v FROM t.equal WHERE id = 2000") $(whole equal)" "2100|1|0 2100|1|2100|2206050 last "
{ echo id,v; seq -f '%.0f,x' 1 2000; echo -7,back; seq -f '%.0f,x' 2001 3000; } >"$BARO_DATA/back/a.csv"
is "a key that is less" "$(load back) $(numbers back) $(whole back)$(altered back)" "3001|0|0 3001|-7|3000|4501493 3"
is "the table has one key, by the name that it has ever had" "$(sql "SELECT conrelid::regclass, conname, contype FROM pg_constraint WHERE conrelid IN ('t.back'::regclass, 't.leaf'::regclass) AND contype = 'p' ORDER BY 2")" "t.back|back_pkey|p
t.leaf|leaf_pkey|p"
{ echo id,v; for i in $(seq 1000); do echo "$i,x"; [ $((i % 10)) != 0 ] || echo ",none"; done; } >"$BARO_DATA/rejected/a.csv"
is "records without a key are rejects" "$(load rejected) $(numbers rejected) $(whole rejected)" "1000|0|100 1000|1|1000|500500 "
awk 'BEGIN { printf "id"; for (c = 0; c < 400; ++c) printf ",c%d", c; print ""; for (i = 1; i < 50; ++i) { printf "%d", i; for (c = 0; c < 400; ++c) printf ",abcdefghij"; print "" } }' >"$BARO_DATA/wide/a.csv"
is "rows that may be too big for a page" "$(load wide) $(numbers wide) $(whole wide)" "49|0|0 49|1|49|1225 "
echo id,v >"$BARO_DATA/void/a.csv"
is "no row" "$(load void) $(numbers void | cut -d'|' -f1) $(whole void)" "0|0|0 0 "
{ echo id,v; seq -f '%.0f,1' 1 3000; echo 3001,x; } >"$BARO_DATA/wider/a.csv"
is "a table that is made again, for a type that was found late" "$(load wider) $(numbers wider) $(whole wider)" "3001|0|0 3001|1|3001|4504501 "
role=postgres sql "GRANT CREATE ON SCHEMA t TO postgres; CREATE FUNCTION public.attach() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = ''t.forbidden'' AND command_tag = ''CREATE TABLE'') THEN CREATE INDEX ON t.forbidden (v); END IF; END'; CREATE EVENT TRIGGER attach ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.attach()" >/dev/null
fill forbidden 1 10
load forbidden >/dev/null
like "an index that somebody adds is none that is filled" "$(cat "$BARO_DATA/said")" "can't be filled directly, because something was attached"
finish
