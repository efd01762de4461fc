#!/usr/bin/env bash
# Bookmarks and upsert: whatever happens to files, ledger and tables, no row is doubled or lost.
. "$(dirname "$0")/../lib.sh"
new_database
files=$BARO_DATA/in
mkdir -p "$files/k" "$files/n" "$files/e"
use_project <<'YML'
version: 1
name: loads
roles: {loader: meltano}
stream_defaults: {delimiter: ;}
taps:
  - name: tap
    streams:
      - {name: keyed, path: in/k, pattern: .*\.csv, key_properties: [id]}
      - {name: plain, path: in/n, pattern: .*\.csv, max_deletes: 50%}
YML
old() { touch -d "${2:-2021-01-01}" "$1"; }
printf 'id;v\n1;a\n2;b\n2;c\n' > "$files/k/a.csv"; old "$files/k/a.csv"
printf 'x;y\n1;a\n1;a\n2;b\n' > "$files/n/a.csv"; old "$files/n/a.csv"
run() { sql "SELECT stream, files, read, records, inserted, updated, unchanged FROM baro_run('tap')" | tr '\n' ' '; }
rows() { sql "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM (SELECT id, v FROM tap.keyed) t" ; }
plain() { sql "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM (SELECT x, y FROM tap.plain) t"; }
stamps() { sql "SELECT md5(string_agg(c, ' ' ORDER BY c)) FROM (SELECT ctid::text || xmin FROM tap.keyed UNION ALL SELECT ctid::text || xmin FROM tap.plain) s (c)"; }

is "first load: the last record of a key wins" "$(run)" "keyed|1|1|3|2|0|0 plain|1|1|3|3|0|0 "
is "keyed rows" "$(rows)" "(1,a) (2,c)"
is "superseded records are counted" "$(sql "SELECT superseded FROM barometre.step WHERE name = 'tap.keyed' ORDER BY run DESC LIMIT 1")" 1
is "lineage is the true physical line" "$(sql "SELECT _baro_line FROM tap.keyed WHERE id = 2")" 4
before=$(stamps)
chmod 000 "$files/k/a.csv"
like "a file made unreadable just after its load is no error" "$(run)" "keyed.1.0.0.0.0.0 plain.1.0.0.0.0.0"
chmod 644 "$files/k/a.csv"
sleep 2.1
run >/dev/null # hashed once more: the files' status changed within two seconds of the load
old "$files/k/a.csv" 2021-02-01; old "$files/n/a.csv" 2021-02-01
is "a touched file is not parsed" "$(run)" "keyed|1|0|0|0|0|0 plain|1|0|0|0|0|0 "
is "touched files leave rows as they were" "$(stamps)" "$before"
sleep 2.1; run >/dev/null # from here on the ledger trusts the files' times
role=postgres sql "UPDATE barometre.file SET hash = 'other' WHERE stream = 'keyed'" >/dev/null
is "with a bookmark the times are trusted" "$(run)" "keyed|1|0|0|0|0|0 plain|1|0|0|0|0|0 "
role=postgres sql "DELETE FROM barometre.bookmark" >/dev/null
is "without one the content decides" "$(run)" "keyed|1|1|3|0|0|2 plain|1|0|0|0|0|0 "
role=postgres sql "DELETE FROM barometre.bookmark" >/dev/null
is "without bookmark files are hashed, not parsed" "$(run)" "keyed|1|0|0|0|0|0 plain|1|0|0|0|0|0 "
is "the bookmark is back" "$(sql "SELECT count(*) FROM barometre.bookmark")" 2
role=postgres sql "DELETE FROM barometre.file" >/dev/null
is "without ledger all is parsed and no row changes" "$(run)" "keyed|1|1|3|0|0|2 plain|1|1|3|0|0|3 "
is "rows stay where they were after the ledger was lost" "$(stamps)" "$before"
role=postgres sql "DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null
printf 'x;y\n1;a\n3;c\n' > "$files/n/a.csv"; old "$files/n/a.csv" 2021-02-02
run >/dev/null
is "a file that changed after the ledger was lost replaces its own rows" "$(plain)" "(1,a) (3,c)"
mv "$files/n/a.csv" "$files/n/b.csv"
is "a renamed file is not read again" "$(run)" "keyed|1|0|0|0|0|0 plain|1|0|0|0|0|0 "
cp -p "$files/n/b.csv" "$files/n/c.csv"
run >/dev/null
is "the same content in a second file is a second file" "$(plain)" "(1,a) (1,a) (3,c) (3,c)"
printf 'x;y\n5;e\n' > "$files/n/d.csv"; run >/dev/null
rm "$files/n/c.csv" "$files/n/d.csv"
is "the rows of a file that vanished stay, but for those that its twin has" "$(run) $(plain)" "keyed|1|0|0|0|0|0 plain|1|0|0|0|0|0  (1,a) (3,c) (5,e)"
is "full refresh leaves what the files hold" "$(sql "SELECT count(*) FROM baro_run('tap', full_refresh => true)"; plain)" "2
(1,a) (3,c)"
printf '4;d\n' >> "$files/n/b.csv"; run >/dev/null
is "a grown file adds its new records once" "$(plain)" "(1,a) (3,c) (4,d)"
printf 'id;v\n9;late\n' > "$files/k/z.csv"; old "$files/k/z.csv" 2015-01-01
run >/dev/null
is "a file that arrives late with an old date is loaded" "$(rows)" "(1,a) (2,c) (9,late)"
printf 'id;v\n1;new\n' > "$files/k/n1.csv"; printf 'id;v\n1;newer\n' > "$files/k/n2.csv"
old "$files/k/n1.csv" 2022-01-02; old "$files/k/n2.csv" 2022-01-01
run >/dev/null
is "of two files in one run the newer one wins" "$(rows)" "(1,new) (2,c) (9,late)"
sql "DROP SCHEMA tap CASCADE" >/dev/null
run >/dev/null
is "a dropped schema is filled again" "$(rows) / $(plain)" "(1,new) (2,c) (9,late) / (1,a) (3,c) (4,d)"
printf 'id;v\n9;old\n' > "$files/k/y.csv"; old "$files/k/y.csv" 2009-12-31
printf 'stream_defaults: {delimiter: ;, start_date: 2010-01-01}\n' > /dev/null
sed -i 's/stream_defaults: .*/stream_defaults: {delimiter: ;, start_date: 2010-01-01}/' "$project/barometre.yml"
is "files older than start_date are not looked at" "$(run)" "keyed|4|0|0|0|0|0 plain|1|0|0|0|0|0 "
rm "$files/k/y.csv"
printf 'id;v\n1;new\n2;c\nabc;x\n' > "$files/k/bad.csv"
hash=$(rows)
like "a bad value names tap, stream, file, line, column and value" "$(run)" 'stream "tap.keyed": file "in/k/bad.csv", line 4, column "id": "abc" is not of type bigint'
like "and the line to paste" "$(run)" '- \{name: id, type: text\}'
is "nothing of the failed run remains" "$(rows)" "$hash"
sed -i 's/key_properties: \[id\]/key_properties: [id], columns: [{name: id, type: text}]/' "$project/barometre.yml"
run >/dev/null
is "declaring the type cures it" "$(sql "SELECT count(*) FROM tap.keyed WHERE id = 'abc'")" 1
like "a misspelt tap gets the right name" "$(sql "SELECT * FROM baro_run('tpa')")" 'Did you mean "tap"'
like "a misspelt stream gets the right name" "$(sql "SELECT * FROM baro_run('tap', '{keyd}')")" 'Did you mean "keyed"'
printf 'x;z\n1;2\n' > "$files/n/drift.csv"
cp "$project/barometre.yml" "$project/kept"
sed -i 's/name: plain,/name: plain, contract: {columns: freeze},/' "$project/barometre.yml"
like "another header stops the load of a frozen stream" "$(run)" 'file "in/n/drift.csv" (has a column "z" that the table lacks|lacks the column)'
mv "$project/kept" "$project/barometre.yml"; rm "$files/n/drift.csv"
printf 'id;is_new\n9;i\n10;j\n' > "$files/e/a.csv"
sed -i "s|      - {name: plain,|      - {name: counted, path: in/e, pattern: .*\\\\.csv, key_properties: [id]}\n      - {name: plain,|" "$project/barometre.yml"
sql "SELECT baro_run('tap', '{counted}')" >/dev/null
is "the newest data is the greatest key, not the last one by the alphabet" "$(sql "SELECT newest_data FROM barometre.bookmark WHERE stream = 'counted'")" 10
printf "id;is_new\n9;i\n10;k\n" > "$files/e/a.csv"
is "a column may be called is_new" "$(sql "SELECT inserted, updated, unchanged FROM baro_run('tap', '{counted}')")" "0|1|1"
# Files that grow.
mkdir -p "$files/g"
sed -i "s|      - {name: plain,|      - {name: grown, path: in/g, pattern: .*\\\\.csv}\n      - {name: grown_key, path: in/g, pattern: .*\\\\.csv, key_properties: [x]}\n      - {name: plain,|" "$project/barometre.yml"
grown() { sql "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM (SELECT x, y, _baro_line FROM tap.grown) t"; }
grown_run() { sql "SELECT stream, records, inserted, updated FROM baro_run('tap', '{grown,grown_key}')" | tr '\n' ' '; }
printf 'x;y\n1;a\n2;"b\nb"\n' > "$files/g/a.csv"; old "$files/g/a.csv"
is "a file that will grow" "$(grown_run)" "grown|2|2|0 grown_key|2|2|0 "
printf '3;c\n2;d\n' >> "$files/g/a.csv"
is "of a grown file only the tail is parsed" "$(grown_run)" "grown|2|2|0 grown_key|2|1|1 "
is "and its lines are numbered on" "$(grown)" '(1,a,2) (2,"b
b",3) (2,d,6) (3,c,5)'
is "records of the whole file in the ledger" "$(sql "SELECT records, parsed_bytes = size FROM barometre.file WHERE stream = 'grown'")" "4|t"
printf '5;e' >> "$files/g/a.csv"; grown_run >/dev/null
printf '55\n6;f\n' >> "$files/g/a.csv"
is "a last line without newline that grew is parsed again, with the file" "$(grown_run)" "grown|6|2|0 grown_key|6|1|1 "
is "and is there once" "$(sql "SELECT string_agg(y, ' ' ORDER BY _baro_line) FROM tap.grown WHERE x >= 5")" "e55 f"
sed -i 's/^1;a/1;z/' "$files/g/a.csv"; printf '7;g\n' >> "$files/g/a.csv"
is "a file that grew and changed is parsed whole" "$(grown_run)" "grown|7|2|0 grown_key|7|1|1 "
is "nothing doubled" "$(sql "SELECT count(*), count(DISTINCT y) FROM tap.grown")" "7|7"
# Types that the first records do not tell.
mkdir -p "$files/late"
{ echo 'a;b;c;d'; seq 1 5000 | sed 's/.*/&;&;;&/'; echo '7;1.5;8;007'; } > "$files/late/a.csv"
printf 'a;b;c;d\n1;x;;2\n' > "$files/late/b.csv"
sed -i "s|      - {name: plain,|      - {name: late, path: in/late, pattern: .*\\\\.csv}\n      - {name: plain,|" "$project/barometre.yml"
is "a value that comes late and needs a wider type" "$(sql "SELECT records, inserted FROM baro_run('tap', '{late}')")" "5002|5002"
is "gives the types of a full scan" "$(sql "SELECT string_agg(atttypid::regtype::text, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'tap.late'::regclass AND attnum BETWEEN 1 AND 4")" "bigint text bigint text"
is "and loses no value" "$(sql "SELECT b, d FROM tap.late WHERE c = 8")" "1.5|007"
# The look at the first bytes of a file ends anywhere.
mkdir -p "$files/look"
{ echo 'a;b'; seq 1 1000 | sed "s/.*/&;$(head -c 200 /dev/zero | tr '\0' z)/"; printf '1001;"'; yes 'x;y' | head -60000; echo '"'; } > "$files/look/a.csv"
sed -i "s|      - {name: plain,|      - {name: look, path: in/look, pattern: .*\\\\.csv}\n      - {name: plain,|" "$project/barometre.yml"
is "a look that ends inside a quoted field" "$(sql "SELECT records FROM baro_run('tap', '{look}')") $(sql "SELECT pg_typeof(a), max(length(b)) FROM tap.look GROUP BY 1")" "1001 bigint|240000"
sql "DROP TABLE tap.look" >/dev/null
printf '%s;b\n1;2\n' "$(head -c 400000 /dev/zero | tr '\0' a)" > "$files/look/a.csv"
is "a header longer than the look" "$(sql "SELECT records FROM baro_run('tap', '{look}')")" 1
finish
