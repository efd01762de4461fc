#!/usr/bin/env bash
# From bytes to rows: names, types, NULL, quoting, maps, and records that can't be loaded.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
# stream OPTIONS: a stream "s" of tap "t", emptied, over one file in/a.csv
stream() {
    rm -f "$BARO_DATA"/in/*
    use_project "DROP SCHEMA IF EXISTS t CASCADE; DELETE FROM barometre.file; DELETE FROM barometre.bookmark" <<YML
version: 1
name: records
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: s, path: in, pattern: '.*\\.csv', $1}
YML
    [ -n "${input[loader]:-}" ] || open_session loader meltano
}
file() { printf "$1" > "$BARO_DATA/in/${2:-a}.csv"; }
run() { ask loader "SELECT records FROM baro_run()"; }
columns() { sql "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't.s'::regclass AND attnum > 0 AND NOT attisdropped"; }

stream "delimiter: ','"
file 'b,Été 1,a,long,mixed,code,sci,nothing,day\n1,1.5,-7,1234567890123456789,1,01,1e5,,2021-01-01\n0,2,3,1,x,7,2,,2021-01-02\n'
run >/dev/null
is "columns in file order, lineage last, types by the rule" "$(columns)" \
    "b bigint, été_1 numeric, a bigint, long numeric, mixed text, code text, sci text, nothing text, day text, _baro_file integer, _baro_line bigint"
is "a leading zero stays" "$(sql "SELECT code FROM t.s WHERE b = 1")" 01
stream "delimiter: ','"
{ echo a,b; for i in $(seq 3000); do echo "$i,"; done; echo 1,2; } > "$BARO_DATA/in/a.csv"; run >/dev/null
is "a type is found also where the first thousands of values are NULL" "$(columns)" "a bigint, b bigint, _baro_file integer, _baro_line bigint"
stream "delimiter: ','"
is "the type is found over all files of the first load" "$(stream "delimiter: ','"; file 'x\n1\n'; file 'x\n2a\n' b; run >/dev/null; columns)" "x text, _baro_file integer, _baro_line bigint"

stream "delimiter: ','"
file 'a,,A,a!\n1,2,3,4\n'
out=$(run)
like "names are unique, and none is from a place but the nameless one's" "$(columns)" "^a_[0-9a-f]{8} bigint, column_2 bigint, a_[0-9a-f]{8} bigint, a_[0-9a-f]{8} bigint, _baro_file integer, _baro_line bigint"
is "each has a column of its own" "$(columns | tr ' ' '\n' | grep '^a_' | sort -u | wc -l)" 3
like "an empty name is told" "$out" 'NOTICE:  stream "t.s": column 2 of file "in/a.csv" is called "column_2", because its name is empty'
like "a collision is told" "$out" 'column 3 of file "in/a.csv" is called "a_[0-9a-f]*", because another column is called "a"'

stream "delimiter: ;, blank_is_null: true"
file '\xEF\xBB\xBF"id";"v";w\r\n1;"a;""b""\nc\r\nd";x\r\n2; ;""\r\n\r\n3;\xC2\xA0;y'
run >/dev/null
is "quotes, newlines, CRLF, BOM and the last line" "$(sql "SELECT encode(convert_to(v, 'UTF8'), 'hex') FROM t.s WHERE id = 1")" "$(printf 'a;"b"\nc\r\nd' | od -An -tx1 | tr -d ' \n')"
is "blank is NULL when it is declared" "$(sql "SELECT count(*) FROM t.s WHERE v IS NULL")" 2
is "physical lines" "$(sql "SELECT string_agg(_baro_line::text, ' ' ORDER BY id) FROM t.s")" "2 5 7"
stream "delimiter: ;"
file 'id;v\n1;\n2;""\n3; \n'
run >/dev/null
is "else only the unquoted empty field is" "$(sql "SELECT string_agg(coalesce('<' || v || '>', 'NULL'), ' ' ORDER BY id) FROM t.s")" "NULL <> < >"

stream "delimiter: ;, map: {h: md5(a), renamed: b, c: null}"
file 'a;b;c;d\nx;1;2;3\n;4;5;6\n'
run >/dev/null
is "a map hashes, renames, drops and keeps the rest" "$(columns)" "h text, renamed bigint, d bigint, _baro_file integer, _baro_line bigint"
is "md5 of NULL is NULL" "$(sql "SELECT count(*) FROM t.s WHERE h IS NULL")" 1
stream "delimiter: ;, map: {h: md5(nope)}"
file 'note;b\n1;2\n'
like "a map of a missing column is an error" "$(run)" 'the map names column "nope", which file "in/a.csv" does not have'

stream "delimiter: ;, key_properties: [id]"
file 'id;v\n1;a\n;b\n'
like "an empty key is an error with its line" "$(run)" 'file "in/a.csv", line 3: key column "id" is empty'
is "and nothing is left" "$(sql "SELECT to_regclass('t.s') IS NULL")" t
stream "delimiter: ;, columns: [{name: day, type: date}, {name: n, type: 'numeric(4,1)'}]"
file 'day;n\n2021-02-28;1.25\n'
run >/dev/null
is "declared types" "$(sql "SELECT day + 1 || ' ' || n FROM t.s")" "2021-03-01 1.3"
file 'day;n\n2021-02-28;1.25\n2021-02-30;1\n'
like "a value not of the declared type" "$(run)" 'line 3, column "day": "2021-02-30" is not of type date'

# Dates and times: what says something else tomorrow, or in another country, is a reject.
rejects() { run >/dev/null; sql "SELECT string_agg(concat_ws(' ', line, column_name, sqlstate, reason), '; ' ORDER BY id) FROM barometre.reject"; }
role=postgres sql "CREATE DOMAIN day AS date; CREATE DOMAIN amount AS integer; CREATE TYPE stay AS (note text, days daterange, at timestamp[])" >/dev/null
stream "delimiter: ;, max_rejects: 99%, columns: [{name: d, type: date}, {name: o, type: public.day}, {name: l, type: 'date[]'}, {name: r, type: tsrange}, {name: m, type: datemultirange}, {name: s, type: public.stay}, {name: t, type: time}]"
file 'd;o;l;r;m;s;t
2026-03-05;2026/03/05;{2026-03-05,NULL};[2026-03-05,);{};(today,,{});10:15
today;;;;;;
;now;;;;;
;;{2026-03-05,tomorrow};;;;
;;;"[""2026-03-05 10:00"",now)";;;
;;;;{[2026-03-05,today)};;
;;;;;"(a,""[yesterday,]"",)";
;;;;;"(a,,""{now}"")";
;;;;;;allballs
J2451187;;;;;;
infinity;-infinity;{infinity};[-infinity,infinity];;;24:00
;;{05/12/2026};;;;
;;;;;;10:15+02
'
is "words that mean another day tomorrow are rejects, in whatever they stand" "$(rejects)" '3 d 22007 "today" is not of type date in an ISO form; 4 o 22007 "now" is not of type day in an ISO form; 5 l 22007 "{2026-03-05,tomorrow}" is not of type date[] in an ISO form; 6 r 22007 "["2026-03-05 10:00",now)" is not of type tsrange in an ISO form; 7 m 22007 "{[2026-03-05,today)}" is not of type datemultirange in an ISO form; 8 s 22007 "(a,"[yesterday,]",)" is not of type stay in an ISO form; 9 s 22007 "(a,,"{now}")" is not of type stay in an ISO form; 10 t 22007 "allballs" is not of type time without time zone in an ISO form; 11 d 22007 "J2451187" is not of type date in an ISO form; 13 l 22007 "{05/12/2026}" is not of type date[] in an ISO form; 14 t 22007 "10:15+02" is not of type time without time zone, which does not keep its offset from UTC'
is "what is no such word loads" "$(sql "SELECT string_agg(concat_ws(' ', d, o, l, r, m, s, t), '; ' ORDER BY _baro_line) FROM t.s")" '2026-03-05 2026-03-05 {2026-03-05,NULL} ["2026-03-05 00:00:00",) {} (today,,{}) 10:15:00; infinity -infinity {infinity} [-infinity,infinity] 24:00:00'
stream "delimiter: ;, columns: [{name: day, type: date}, {name: at, type: timestamp}]"
file 'day;at\n05/12/2026;\n'
like "a date that could be of two days names both formats" "$(run)" 'HINT:.*- .name: day, type: date, format: DD/MM/YYYY.  and if their month does:  - .name: day, type: date, format: MM/DD/YYYY. .*date_order: dmy'
file 'day;at\n;2026-10-25 02:30+02:00\n;2026-10-25 02:30+01:00\n'
like "two moments do not become one timestamp" "$(run)" 'HINT:.*- .name: at, type: timestamptz'
with_order() { sed -i "/^date_order/d; s/^version: 1/version: 1\ndate_order: $1/" "$project/barometre.yml"; run; }
file 'day;at\n05/12/2026;5.12.26 10:15\n'
with_order dmy >/dev/null
is "date_order says how the project's dates are read" "$(sql "SELECT concat_ws(' ', day, at) FROM t.s")" "2026-12-05 2026-12-05 10:15:00"
file 'day;at\ntoday;2026-12-05 10:15Z\n'
like "with it words and offsets are rejects still" "$(run)" '"today" is not of type date in an ISO form or as day, month, year'
file 'day;at\n13/12/2026;\n'
like "a day that the order does not have is none" "$(with_order mdy)" '"13/12/2026" is not of type date'
file 'day;at\n26/3/5;\n'
with_order ymd >/dev/null
is "of two numbers the year is first" "$(sql "SELECT max(day) FROM t.s")" 2026-03-05
like "an order that is none" "$(with_order myd)" 'key "date_order" can.t be "myd"'

stream "delimiter: ;, columns: [{name: day, type: daet}]"
file 'day\n1\n'
like "a type that is none" "$(run)" '"daet" is not a type'
stream "delimiter: ;, columns: [{name: dya, type: date}]"
file 'day\n1\n'
like "a declared column that is missing" "$(run)" 'declared column "dya" \(barometre.yml:7\) is not in file "in/a.csv"'

# Rejects are written a thousand at a time, past the executor unless something of their table is the executor's.
stream "delimiter: ;, max_rejects: 100%, columns: [{name: a, type: bigint}]"
many() { for ((i = 1; i <= 1100; i++)); do echo "x$i;\xc3\xa9"; done; echo '1;y'; }
kept() { sql "SELECT count(*), count(DISTINCT id), min(line), max(line), count(*) FILTER (WHERE lag), max(reason COLLATE \"C\"), min(convert_from(raw, 'UTF8') COLLATE \"C\"), max(byte_offset), count(column_name) FROM (SELECT *, lag(line) OVER (ORDER BY id) > line AS lag FROM barometre.reject WHERE run = (SELECT max(run) FROM barometre.reject)) r"; }
wanted='1100|1100|2|1101|0|"x999" is not of type bigint|x1000;é|8788|1100'
file "a;b\n$(many)\n"
is "many rejects" "$(sql "SELECT records FROM baro_run()") $(kept)" "1101 $wanted"
role=postgres sql "CREATE TABLE public.seen (id bigint); CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.seen VALUES (NEW.id); RETURN NEW; END'; CREATE TRIGGER see BEFORE INSERT ON barometre.reject FOR EACH ROW EXECUTE FUNCTION public.see()"
is "the same with a trigger" "$(sql "SELECT records FROM baro_run(full_refresh => true)") $(kept) $(role=postgres sql "SELECT count(*) FROM public.seen")" "1101 $wanted 1100"
role=postgres sql "DROP TRIGGER see ON barometre.reject; CREATE OR REPLACE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.seen SELECT count(*) FROM barometre.reject WHERE run = (SELECT max(run) FROM barometre.reject); RETURN NULL; END'; TRUNCATE public.seen; CREATE TRIGGER see AFTER INSERT ON barometre.reject EXECUTE FUNCTION public.see();
    CREATE TABLE public.filed (name text, size bigint, listed boolean); CREATE FUNCTION public.file() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.filed SELECT path, size, loaded_at BETWEEN now() - interval ''1 minute'' AND clock_timestamp() AND listed_at <= loaded_at AND mtime BETWEEN now() - interval ''1 hour'' AND listed_at FROM barometre.file WHERE run = (SELECT max(run) FROM barometre.file); RETURN NULL; END'; CREATE TRIGGER filed AFTER INSERT ON barometre.file EXECUTE FUNCTION public.file();"
role=postgres sql "CREATE TRIGGER off AFTER INSERT ON barometre.file EXECUTE FUNCTION public.see(); ALTER TABLE barometre.file DISABLE TRIGGER off"
is "a trigger for the statement sees its rows" "$(sql "SELECT records FROM baro_run(full_refresh => true)") $(kept) $(role=postgres sql "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.seen")" "1101 $wanted 1000,1100,1100"
is "and the ledger's row has what it had" "$(role=postgres sql "SELECT f.name, f.size = g.size, f.listed FROM public.filed f JOIN barometre.file g ON g.path = f.name")" "in/a.csv|t|t"
role=postgres sql "DROP TRIGGER filed ON barometre.file; DROP TRIGGER off ON barometre.file; DROP FUNCTION public.file(); DROP TABLE public.filed; DROP TRIGGER see ON barometre.reject; DROP FUNCTION public.see(); DROP TABLE public.seen; ALTER TABLE barometre.reject ADD COLUMN noticed timestamptz DEFAULT clock_timestamp()"
is "with a column that somebody added" "$(sql "SELECT records FROM baro_run(full_refresh => true)") $(kept) $(role=postgres sql "SELECT count(noticed) FROM barometre.reject")" "1101 $wanted 1100"
role=postgres sql "ALTER TABLE barometre.reject DROP COLUMN noticed, ADD CONSTRAINT few CHECK (line < 1000) NOT VALID"
like "and a constraint" "$(sql "SELECT records FROM baro_run(full_refresh => true)")" 'violates check constraint "few"'
role=postgres sql "ALTER TABLE barometre.reject DROP CONSTRAINT few"

stream "delimiter: ;"
file 'a;b\n1;2\n3\n'
like "too few fields" "$(run)" 'line 3: expected 2 fields, found 1'
file 'a;b\n1;2\n3;4;\n'
like "too many fields, also when the last is empty" "$(run)" 'line 3: expected 2 fields, found 3'
file 'a;b\n1;\xe9\n'
like "invalid UTF-8 with its column" "$(run)" 'line 2, column "b": invalid byte sequence'
file 'a;b\n1;x\000y\n'
like "a NUL byte" "$(run)" 'line 2, column "b": NUL byte'
file 'a;b\n1;"x\n2;y\n'
like "a quote never closed, at its first line" "$(run)" 'line 2: a quoted field is never closed'
file 'a;b\n1;"x"y\n'
like "text after a closing quote" "$(run)" 'line 2: text after a closing quote'
file ''
is "an empty file is no error" "$(sql "SELECT files, read, records FROM baro_run()")" "1|1|0"
stream "delimiter: ;"
file 'a,b\n1,2\n'
sed -i 's/delimiter: ;/delimiter: ;, key_properties: [a]/' "$project/barometre.yml"
like "a wrong delimiter is suspected" "$(run)" 'check the key "delimiter"'
sed -i 's/^version: 1/version: 1\ntimezone: Paris/' "$project/barometre.yml"
like "a time zone that is none" "$(run)" 'key "timezone" can.t be "Paris"'
stream "delimiter: ;"
sed -i "s/pattern: '[^']*'/pattern: 'a('/" "$project/barometre.yml"
like "a pattern that is none" "$(run)" 'HINT:  Correct the key "pattern"'
stream "delimiter: ;"
like "no file is a warning" "$(run)" 'WARNING:  stream "t.s": no file in "in" matches'
finish
