#!/usr/bin/env bash
# Awkward files, each named after its vice (test/data): what loads, what is rejected, and what stops a load.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"; chmod 777 "$BARO_DATA/in"
# stream OPTIONS: a stream "s" of tap "t", emptied
stream() {
    rm -f "$BARO_DATA"/in/*
    use_project "DROP SCHEMA IF EXISTS t CASCADE; DELETE FROM barometre.file; DELETE FROM barometre.bookmark; DELETE FROM barometre.reject" <<YML
version: 1
name: awkward
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: s, path: in, pattern: '.*', $1}
YML
    [ -n "${input[loader]:-}" ] || open_session loader meltano
}
file() { cp "$BARO_REPO/test/data/$1" "$BARO_DATA/in/"; }
run() { ask loader "SELECT * FROM baro_run()"; }
counts() { sql "SELECT concat_ws(' ', records, inserted, updated, unchanged, rejected) FROM baro_run()"; }
rows() { sql "SELECT string_agg(concat_ws('|', a, coalesce('<' || b || '>', 'NULL')), ' ' ORDER BY _baro_line) FROM t.s"; }
rejects() { sql "SELECT string_agg(concat_ws(':', line, last_line, byte_offset, coalesce(column_name, '-'), sqlstate), ' ' ORDER BY id) FROM barometre.reject"; }
# loads FILE OPTIONS ROWS: all of it; keeps FILE OPTIONS ROWS REJECTS: the rest of it
loads() { stream "$2"; file "$1"; run >/dev/null; is "$1 loads" "$(rows)" "$3"; is "$1: nothing is rejected" "$(rejects)" ""; }
keeps() { stream "max_rejects: 50%, $2"; file "$1"; run >/dev/null; is "$1: the rest loads" "$(rows)" "$3"; is "$1: the reject" "$(rejects)" "$4"; }
# stops FILE OPTIONS MESSAGE: nothing of it remains
stops() {
    stream "max_rejects: 50%, $2"; file "$1"
    like "$1 stops the load" "$(run)" "ERROR:.*$3"
    is "$1: nothing is left" "$(sql "SELECT to_regclass('t.s') IS NULL AND NOT EXISTS (SELECT FROM barometre.file)")" t
}
semicolon="delimiter: ;"

for f in lf crlf cr mixed_line_ends no_final_newline bom bom_before_quoted_header bom_doubled blank_lines; do
    loads $f.csv "$semicolon" "1|<x> 2|<y>"
done
is "blank lines are counted" "$(sql "SELECT blank_lines FROM barometre.step WHERE kind = 'stream' ORDER BY run DESC LIMIT 1")" 4
loads newlines_in_quotes.csv "$semicolon" "1|<x"$'\r\n'"y"$'\n'"z"$'\r'"> 2|<\"q\">"
loads iso_8859_15.csv "$semicolon, encoding: ISO-8859-15" "1|<€>"
loads utf_16.csv "$semicolon, encoding: utf-16" "1|<é> 2|<y>"
loads utf_16_le.csv "$semicolon, encoding: utf-16le" "1|<é>"
loads utf_16_be.csv "$semicolon, encoding: utf-16be" "1|<é>"
loads lf.csv "$semicolon, encoding: [utf-8, windows-1252]" "1|<x> 2|<y>"
loads empty_and_null.csv "$semicolon" '1|NULL 2|<> 3|< > 4|<NA> 5|<NA> 6|<\N> 7|<\.> 8|<=cmd|x>'
loads empty_and_null.csv "$semicolon, blank_is_null: true, nulls: [NA, '\\N']" '1|NULL 2|NULL 3|NULL 4|NULL 5|<NA> 6|NULL 7|<\.> 8|<=cmd|x>'
loads preamble.csv "$semicolon, skip_initial: 2" "1|<x>"
loads sep_line.csv "$semicolon" "1|<x>"
loads comments.csv "$semicolon, comment: '#'" "1|<#"$'\n'"#x>"
loads escape_backslash.csv "$semicolon, escapechar: '\\'" '1|<say "hi" \ \n> 2|<x;y>'
loads delimiter_of_two.csv "delimiter: '||'" "1|<x|y> 2|<p||q>"
loads single_quotes.csv "$semicolon, quotechar: \"'\", quoting: lenient" "1|<x;y> 2|<it''s>"
loads no_quotes.csv "$semicolon, quotechar: ''" '1|<"x> 2|<5">'
loads gzip.csv.gz "$semicolon" "1|<x> 2|<y>"
zstd() { zstd_file=$BARO_DATA/in/a.csv.zst; printf '\x28\xb5\x2f\xfd\x20\x0c\x61\x00\x00a;b\n1;x\n2;y\n' >"$zstd_file"; }
stream "$semicolon"; file header_only.csv
is "a header alone makes an empty table" "$(counts) $(sql "SELECT count(*) FROM t.s")" "0 0 0 0 0 0"
stream "$semicolon"; zstd; run >/dev/null
is "zstd loads" "$(rows)" "1|<x> 2|<y>"
loads quote_in_unquoted.csv "$semicolon, quoting: lenient" '1|<5" x> 2|<y>'

for f in lf tabs pipes; do
    stream "start_date: 2010-01-01"; file $f.csv
    like "$f.csv: the delimiter is found, and said" "$(run)" "NOTICE:  stream \"t.s\": the delimiter of file \"in/$f.csv\" is (\";\"|tab|\"\|\")"
    like "$f.csv: two columns" "$(rows)" '^1\|<x> 2\|<y'
done
stream "start_date: 2010-01-01"; file sep_line.csv; run >/dev/null
is "sep=; names the delimiter" "$(rows)" "1|<x>"
stops unsure_delimiter.csv "start_date: 2010-01-01" "has no delimiter that could be told"

keeps windows_1252.csv "$semicolon, encoding: [utf-8, windows-1252]" "1|<€ été> 3|<y>" "3:3:12:b:22021"
keeps quote_in_unquoted.csv "$semicolon" "2|<y>" "2:2:4:b:BM004"
keeps text_after_quote.csv "$semicolon" "2|<z>" "2:2:4:-:BM004"
keeps never_closed_quote.csv "$semicolon" "2|<y> 3|<z>" "2:2:4:-:BM004"
keeps invalid_utf8.csv "$semicolon" "2|<y>" "2:2:4:b:22021"
keeps nul_byte.csv "$semicolon" "2|<z>" "2:2:4:b:22021"
is "what has a NUL byte can be shown" "$(sql "SELECT convert_from(raw, 'UTF8') FROM barometre.reject")" '1;x\x00y'
# A list of encodings: each file is told by what it is, and not by the first name alone.
in_utf8() { printf 'a;b\n1;é\n'; }
in_utf16() { in_utf8 | iconv -f utf-8 -t utf-16le; }
in_latin1() { in_utf8 | iconv -f utf-8 -t latin1; }
stream "$semicolon, encoding: [utf-16, utf-8, latin-1]"
for f in utf8 utf16 latin1; do in_$f >"$BARO_DATA/in/$f.csv"; in_$f | gzip >"$BARO_DATA/in/$f.csv.gz"; done
out=$(run)
is "files of several encodings" "$(rows)" "1|<é> 1|<é> 1|<é> 1|<é> 1|<é> 1|<é>"
is "of which each is told" "$(grep -oE 'the encoding of file .*' <<<"$out" | sed 's/file "[^"]*" is/X/' | sort)" "the encoding of X latin-1, the last of the list, since it is in none of the others
the encoding of X utf-16, the first of the list in which all of it is valid
the encoding of X utf-8, the first of the list in which all of it is valid"
stream "$semicolon, encoding: [utf-8, utf-16-be, utf-16-le]"; in_utf16 >"$BARO_DATA/in/a.csv"
like "UTF-16 in the other byte order" "$(run)" 'the encoding of file "in/a.csv" is utf-16-le,'
is "is loaded" "$(rows)" "1|<é>"
stream "$semicolon, encoding: [utf-8, utf-16]"; in_latin1 >"$BARO_DATA/in/a.csv"
like "a file in none of the list" "$(run)" 'file "in/a.csv" is no UTF-16 text'
stream "$semicolon"; printf 'a;caf\xe9\n1;x\n' >"$BARO_DATA/in/a.csv"
like "a header in another encoding had another hint than records" "$(run)" 'HINT: .*name its encoding in barometre.yml, for example  encoding: \[utf-8, windows-1252\]'
# What was rejected can be shown, whatever it is: not cut within a character, and bytes that are none.
stream "$semicolon, max_rejects: 90%"
{ printf 'a;b\n1;x\n2\xe9;caf\xe9\n3;x;'; printf 'é%.0s' {1..600}; printf '\n44;x;'; printf 'é%.0s' {1..600}; printf '\n5;\0;\n'; } >"$BARO_DATA/in/a.csv"
run >/dev/null
is "a query on raw failed for some" "$(sql "SELECT string_agg(line || ' ' || left(t, 12) || ' ' || length(t) || ' ' || octet_length(t), ', ' ORDER BY line) FROM (SELECT line, convert_from(raw, 'UTF8') t FROM barometre.reject) q")" '3 2\xe9;caf\xe 13 13, 4 3;x;éééééééé 514 1024, 5 44;x;ééééééé 514 1023, 6 5;\x00; 7 7'
keeps empty_key.csv "$semicolon, key_properties: [a]" "1|<x>" "3:3:8:a:23502"
keeps not_of_its_type.csv "$semicolon, columns: [{name: a, type: integer}]" "1|<2> 5|<6>" "3:3:8:a:22P02 4:4:12:a:22003"
stream "$semicolon, max_rejects: 70%"; file field_counts.csv; run >/dev/null
is "too few and too many fields" "$(rows), $(sql "SELECT string_agg(reason, ', ' ORDER BY line) FROM barometre.reject")" "3|<y>, expected 2 fields, found 1, expected 2 fields, found 3"

for f in png:'a PNG image' gzip_named:'gzip data' html_page:'an HTML page' utf_16_undeclared:'UTF-16 text'; do
    stops ${f%%:*}.csv "$semicolon" "is no CSV file: it looks like ${f#*:}"
done
stops equal_names.csv "$semicolon" 'two columns of file "in/equal_names.csv" are called "a"'
stops gzip_cut_off.csv.gz "$semicolon" 'could not read file "in/gzip_cut_off.csv.gz": its gzip data ends too early'
# foreign files were told one at a time, a call each
stream "$semicolon}
      - {name: later, path: later, pattern: '.*', $semicolon"
mkdir "$BARO_DATA/later"; file lf.csv
for f in p.png q.png; do cp "$BARO_REPO/test/data/png.csv" "$BARO_DATA/in/$f"; done
for f in in/w.html later/v.html; do cp "$BARO_REPO/test/data/html_page.csv" "$BARO_DATA/$f"; done
file gzip_cut_off.csv.gz
all=$(run)
like "foreign files of a call are named at once" "$all" 'ERROR:  5 files of 2 streams can.t be read'
like "by what is wrong" "$all" '2 files: is no CSV file: it looks like a PNG image: "in/p.png", "in/q.png"\.'
like "also those of a later stream" "$all" '2 files: is no CSV file: it looks like an HTML page: "in/w.html", "later/v.html"\.'
like "and damaged ones" "$all" '1 file: could not read it: its gzip data ends too early .was the upload complete.*: "in/gzip_cut_off.csv.gz"\.'
like "with each HINT once" "$all" 'HINT:  .*Remove it, or correct the key "pattern" of the stream.*; nothing of this run was kept\.'
like "the run is remembered with all of them" "$(sql "SELECT detail FROM barometre.run ORDER BY id DESC LIMIT 1")" 'in/p.png.*in/q.png'
rm -r "$BARO_DATA/later"
stops lf.csv "$semicolon, columns: [{name: z}]" 'declared column "z"'
stream "$semicolon, max_rejects: 100%"; file all_rejected.csv
like "all records rejected stop the load, whatever max_rejects" "$(run)" 'all 2 records can.t be loaded'
stream "$semicolon"
{ for i in $(seq 1700); do printf 'c%s;' $i; done; echo z; } > "$BARO_DATA/in/a.csv"
like "more than 1,600 columns" "$(run)" 'a table of 1701 columns'
stream "$semicolon, max_decompressed_size: 1 MB"
head -c 3000000 /dev/zero | tr '\0' 'x' | gzip > "$BARO_DATA/in/a.csv.gz"
like "a small file that decompresses to a large one" "$(run)" 'holds more than 1048576 bytes decompressed'

# values by declared type
stream "$semicolon, decimal: ',', max_rejects: 60%, columns: [{name: day, type: date, format: DD/MM/YYYY}, {name: n, type: numeric}, {name: ok, type: boolean}]"
file french_values.csv; run >/dev/null
is "French dates, numbers and booleans" "$(sql "SELECT string_agg(concat_ws(' ', day, n, ok), ', ' ORDER BY day) FROM t.s")" "2023-12-31 1234.50 t, 2024-01-01 12345.5 f"
is "what is none is rejected" "$(rejects)" "3:3:37:day:22007 5:5:84:n:22P02 6:6:105:ok:22P02"

# large ones
stream "$semicolon, max_rejects: 1"
{ echo 'a;b'; echo '1;x'; head -c 17000000 /dev/zero | tr '\0' 'y'; printf '\n3;z\n4;"'; yes 'a line of a long record' | head -c 40000000; printf '"\n5;'; head -c 15000000 /dev/zero | tr '\0' 'f'; echo; } > "$BARO_DATA/in/a.csv"
run >/dev/null
is "a line over 16 MiB is one reject, a record of 40 MB and a field of 15 MB load" \
    "$(sql "SELECT string_agg(a || ' ' || length(b), ', ' ORDER BY a) FROM t.s")  $(rejects)" "1 1, 3 1, 4 40000000, 5 15000000  3:3:8:-:BM004"

# limits
stream "$semicolon"
{ echo 'a;b'; for i in $(seq 5000); do echo $i; done; echo '9;x'; } > "$BARO_DATA/in/a.csv"
like "by default one reject is too many" "$(run)" 'records can.t be loaded, and max_rejects is 0'
is "one run shows the first thousand" "$(sql "SELECT count(*) >= 1000 AND min(line) = 2 AND count(DISTINCT run) = 1 FROM barometre.reject")" t
sed -i 's/^\([0-9]*\)$/\1;y/' "$BARO_DATA/in/a.csv"
is "the file, corrected" "$(counts)" "5001 5001 0 0 0"
is "has no rejects any more" "$(rejects)" ""
stream "$semicolon, max_rejects: 70%"
{ echo 'a;b'; seq 1100; for i in $(seq 600); do echo "$i;x"; done; } > "$BARO_DATA/in/a.csv"
is "bad records at the beginning only are counted against the whole file" "$(counts) $(sql "SELECT count(*) FROM t.s") $(sql "SELECT count(*) FROM barometre.reject")" "1700 600 0 0 1100 600 1100"
stream "$semicolon, max_rejects: 10%"
{ echo 'a;b'; seq 200000; } > "$BARO_DATA/in/a.csv"
like "a load that can't get below its limit any more stops reading" "$(run)" 'at least [0-9]+ records can.t be loaded, and max_rejects is 10%'
stream "$semicolon, max_rejects: 2, key_properties: [a]"
printf 'a;b\n1;x\n2\n3;y\n3;z\n4;"x"y\n' > "$BARO_DATA/in/a.csv"
is "rejected and superseded records are counted" "$(counts)" "5 2 0 0 2"
is "an unchanged file keeps its rejects" "$(counts) $(sql "SELECT count(*) FROM barometre.reject")" "0 0 0 0 0 2"
printf '5\n' >> "$BARO_DATA/in/a.csv"
is "a tail that is one bad record is one reject more" "$(counts) $(sql "SELECT count(*) FROM barometre.reject")" "1 0 0 0 1 3"
printf '5\n6\n7\n8;x\n' >> "$BARO_DATA/in/a.csv"
like "three are too many" "$(run)" '3 of 4 records can.t be loaded, and max_rejects is 2'

stream "$semicolon, max_rejects: 1, key_properties: [a]"
printf 'a;b\n1;x\n2;"half a\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
printf 'record"\n3;y\n' >> "$BARO_DATA/in/a.csv"
is "a file that grew inside a quoted field is read as a whole" "$(counts) $(sql "SELECT string_agg(b, ' ' ORDER BY a) FROM t.s") $(rejects)" "3 2 0 1 0 x half a"$'\n'"record y "
mv "$BARO_DATA/in/a.csv" "$BARO_DATA/in/b.csv"
is "renamed" "$(counts)" "0 0 0 0 0"

# what the table itself refuses
stream "$semicolon, max_rejects: 3, key_properties: [a], columns: [{name: b, type: integer}]"
printf 'a;b\n1;10\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
role=postgres sql "ALTER TABLE t.s ADD CHECK (b <> 13), ADD UNIQUE (b)" >/dev/null
printf 'a;b\n2;13\n3;30\n4;10\n1;13\n5;50\n' > "$BARO_DATA/in/b.csv"
is "rows that a constraint refuses are rejects" "$(counts)" "5 2 0 0 3"
is "and the others are there" "$(sql "SELECT string_agg(a || ':' || b, ' ' ORDER BY a) FROM t.s")" "1:10 3:30 5:50"
is "with their SQLSTATE" "$(sql "SELECT string_agg(line || ' ' || sqlstate, ', ' ORDER BY line) FROM barometre.reject")" "2 23514, 4 23505, 5 23514"
is "and with their bytes" "$(sql "SELECT string_agg(byte_offset || ' ' || convert_from(raw, 'UTF8'), ', ' ORDER BY line) FROM barometre.reject")" "4 2;13, 14 4;10, 19 1;13"
stream "$semicolon, max_rejects: 3, columns: [{name: b, type: integer}]"
printf 'a;b\n1;10\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
role=postgres sql "ALTER TABLE t.s ADD CHECK (b <> 13)" >/dev/null
printf 'a;b\n2;13\n3;30\n' > "$BARO_DATA/in/b.csv"
is "also without a key" "$(counts) $(sql "SELECT string_agg(a || ':' || b, ' ' ORDER BY a) FROM t.s")" "2 1 0 0 1 1:10 3:30"

# hidden values
stream "$semicolon, max_rejects: 50%, map: {h: md5(a), b: b, __else__: null}, columns: [{name: b, type: integer}]"
printf 'a;b\nsecret;1\nsecret2;x\n"secret3\nsecret4;2\n' > "$BARO_DATA/in/a.csv"
unlike "what a map hashes is in no message" "$(run)" secret
is "a preview shows its hash" "$(sql "SELECT content FROM baro_preview('t', 's') LIMIT 1")" "{\"b\": 1, \"h\": \"$(printf secret | md5sum | cut -d' ' -f1)\"}"
is "and in no reject" "$(sql "SELECT count(*), count(raw), bool_or(r::text LIKE '%secret%') FROM barometre.reject r")" "2|0|f"

for key in "" "key_properties: [h], "; do
    stream "$semicolon, ${key}map: {h: md5(a), b: b, __else__: null}"
    printf 'a;b\nsecret;1\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
    printf 'a;b\nsecret2;2\n' > "$BARO_DATA/in/b.csv"; run >/dev/null
    printf 'a;b\nsecret;1\nsecret3;3\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
    is "later loads into a table hash as the first one did${key:+, its key}" "$(sql "SELECT string_agg(h || ' ' || b, ', ' ORDER BY b) = concat(md5('secret'), ' 1, ', md5('secret2'), ' 2, ', md5('secret3'), ' 3') FROM t.s")" t
    printf 'a;b\nsecret4;4\n' > "$BARO_DATA/in/c.csv"
    unlike "and so does a preview" "$(sql "SELECT * FROM baro_preview('t', 's')"; sql "SELECT * FROM baro_check('t')")" secret4
done

# options that change between loads
stream "$semicolon"
printf 'h;b\nclear;1\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
printf 'h;b\nclear;1\nbad\n' > "$BARO_DATA/in/b.csv"; run >/dev/null
options() { sed -i "s/pattern: '\.\*', .*}/pattern: '.*', $1}/" "$project/barometre.yml"; }
options "$semicolon, map: {h: md5(h), b: b}"; rm "$BARO_DATA/in/b.csv"
printf 'h;b\nclear2;2\n' > "$BARO_DATA/in/c.csv"
like "what was loaded in clear before the map hashed it is read again" "$(run)" '^s\|2\|2\|2\|'
is "hashed, and no text of a reject remains" "$(sql "SELECT string_agg(h, ' ' ORDER BY b) = md5('clear') || ' ' || md5('clear2') FROM t.s") $(sql "SELECT count(raw) FROM barometre.reject")" "t 0"
stream "$semicolon"
printf 'a;b\n1;x\n2;y\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
options "$semicolon, key_properties: [a]"
printf 'a;b\n7;z\n' > "$BARO_DATA/in/b.csv"
like "a key that the table lacks is an error before anything is loaded" "$(run)" 'ERROR:  stream "t.s": its table has no primary key \(a\)'
sql "$(run | grep -o 'ALTER TABLE [^;]*;' | head -1)" >/dev/null
is "whose hint helps" "$(counts)" "1 1 0 0 0"
options "$semicolon, max_rejects: 50%"
printf 'a;b\n8;z\n' > "$BARO_DATA/in/c.csv"
like "a key that the stream no longer has is a warning" "$(run)" 'WARNING:  stream "t.s": its table has a primary key, but the stream has no key_properties'
for preamble in "skip_initial: 2" "comment: '#'"; do
    stream "$semicolon, $preamble"
    printf '# p\n# q\na;b\n1;x\n' > "$BARO_DATA/in/a.csv"; printf '# p\n' > "$BARO_DATA/in/b.csv"; run >/dev/null
    printf '# p\n# q\na;b\n2;y\n' > "$BARO_DATA/in/b.csv"; run >/dev/null
    is "the header of a file that began without one is no record ($preamble)" "$(sql "SELECT string_agg(a || b, ' ' ORDER BY a) FROM t.s")" "1x 2y"
done
stream "$semicolon, decimal: ',', columns: [{name: b, type: numeric}]"
printf 'a;b\n1.5;1,5\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
printf 'a;b\n2.5;2,5\n' > "$BARO_DATA/in/b.csv"; run >/dev/null
is "the decimal sign is that of declared columns, in each load" "$(sql "SELECT string_agg(a || ' ' || b, ', ' ORDER BY b) FROM t.s")" "1.5 1.5, 2.5 2.5"
stream "$semicolon, min_age: 1 hour"
printf 'a;b\n1;x\n' > "$BARO_DATA/in/a.csv"; touch -d '2 hours ago' "$BARO_DATA/in/a.csv"; run >/dev/null
printf 'a;b\n1;x\n2;y\n' > "$BARO_DATA/in/a.csv"
like "full_refresh takes no rows of a file that has to wait" "$(sql "SELECT * FROM baro_run('t', full_refresh => true)")" 'is younger than min_age, and full_refresh would take its rows away'
is "they stay" "$(sql "SELECT count(*) FROM t.s")" 1

# drift
stream "$semicolon"
printf 'a;b\n1;10\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
printf 'b;c\n1.5;7\n' > "$BARO_DATA/in/b.csv"
out=$(run)
like "a new column is told" "$out" 'NOTICE:  stream "t.s": column "c" is new, of type bigint'
like "bigint widens in place" "$out" 'column "b" was bigint and is now numeric'
is "old rows keep their values" "$(sql "SELECT string_agg(concat_ws('|', coalesce(a::text, '-'), b, coalesce(c::text, '-')), ' ' ORDER BY b) FROM t.s")" "-|1.5|7 1|10|-"
like "the step says it" "$(sql "SELECT why FROM barometre.step ORDER BY run DESC LIMIT 1")" 'column "c" is new'
printf 'a;b\nx;2\n' > "$BARO_DATA/in/c.csv"
like "text does not fit a bigint column" "$(run)" '"x" is not of type bigint'
sed -i 's/path: in,/path: in, contract: {types: evolve},/' "$project/barometre.yml"
role=postgres sql "CREATE VIEW t.v AS SELECT a FROM t.s" >/dev/null
like "a view in the way is named" "$(run)" 'depends on|view'
role=postgres sql "DROP VIEW t.v" >/dev/null
like "types: evolve goes on to text" "$(run)" 'column "a" was bigint and is now text'
printf 'a;b;d\n3;2;1\n' > "$BARO_DATA/in/d.csv"
sed -i 's/types: evolve/columns: discard/' "$project/barometre.yml"
like "columns: discard leaves it out" "$(run)" 'column "d" of file "in/d.csv" is left out'
printf 'a;b;c;e\n3;2;1;0\n' > "$BARO_DATA/in/e.csv"
sed -i 's/columns: discard/columns: freeze/' "$project/barometre.yml"
like "columns: freeze stops" "$(run)" 'has a column "e" that the table lacks'
rm "$BARO_DATA/in/e.csv"
stream "$semicolon"
printf 'a;b\n1;10\n' > "$BARO_DATA/in/a.csv"; run >/dev/null
printf 'a;b\n007;1\n' > "$BARO_DATA/in/b.csv"
like "a leading zero is not lost in a column that was found to be bigint" "$(run)" '"007" is not of type bigint'
printf 'a;b\n 7 ;1\n' > "$BARO_DATA/in/b.csv"
like "nor are spaces" "$(run)" '" 7 " is not of type bigint'

# young files wait
stream "$semicolon, min_age: 1 h"; file lf.csv
like "a file younger than min_age waits" "$(run)" 'younger than min_age'
touch -d '2 hours ago' "$BARO_DATA/in/lf.csv"
is "an older one does not" "$(counts)" "2 2 0 0 0"

is "the counts of every load add up" "$(sql "SELECT bool_and(records = inserted + updated + unchanged + rejected + superseded) FROM barometre.step WHERE kind = 'stream'")" t

# looking first
stream "$semicolon, max_rejects: 1, key_properties: [a]"
printf 'a;b\n1;x\n2\n' > "$BARO_DATA/in/a.csv"
check=$(sql "SELECT string_agg(replace(concat_ws(' ', kind, name, detail), E'\n', ' '), ' / ') FROM baro_check('t')")
like "baro_check counts" "$check" 'records  2: 1 to insert, 0 to update, 0 unchanged, 1 rejected'
like "baro_check shows types, DDL and rejects" "$check" 'column a bigint .*CREATE TABLE t.s .*PRIMARY KEY.*reject in/a.csv:3 expected 2 fields, found 1'
is "baro_preview shows records" "$(sql "SELECT * FROM baro_preview('t', 's')")" '1|2|{"a": 1, "b": "x"}'
is "and neither changes anything" "$(sql "SELECT to_regclass('t.s') IS NULL AND NOT EXISTS (SELECT FROM barometre.reject) AND NOT EXISTS (SELECT FROM barometre.file)")" t
like "baro_check says what the pattern matched" "$check" 'pattern \.\* matches 1 file: "in/a.csv" /'
{ echo 'a;b'; for i in $(seq 500); do echo "$i;$i:x"; done; echo '1'; echo '2'; } > "$BARO_DATA/in/b.csv"; touch -d '1 hour ago' "$BARO_DATA/in/a.csv"
printf 'a;b\n1;5\n' > "$BARO_DATA/in/a.csv"
use_project <<YML
version: 1
name: awkward
roles: {loader: meltano}
taps:
  - name: t
    streams:
      - {name: s, path: in, pattern: '.*[.]csv', $semicolon, columns: [{name: b, type: numeric}]}
      - {name: none, path: in, pattern: '.*[.]txt', $semicolon}
YML
check=$(sql "SELECT string_agg(replace(concat_ws(' ', kind, name, detail), E'\n', ' '), ' / ') FROM baro_check('t')")
is "rejects of one cause were a row each" "$(sql "SELECT count(*) FROM baro_check('t.s') WHERE kind = 'reject'")" 2
like "they are counted, with the first three places" "$check" 'reject in/b.csv:2, in/b.csv:3, in/b.csv:4, \.\.\. column "b": "1:x" is not of type numeric.* .500 such records. / reject in/b.csv:502, in/b.csv:503 expected 2 fields, found 1 .2 such records.'
like "what a pattern that matches nothing leaves aside" "$check" 'matches no file in "in", where there is "in/a.csv", "in/b.csv"'
like "a load that is refused names the first bad line" "$(run)" 'ERROR:  stream "t.s": 502 of 503 records can.t be loaded, and max_rejects is 0: the first is in file "in/b.csv", line 2'
rm "$BARO_DATA/in/b.csv"; stream "$semicolon, max_rejects: 1, key_properties: [a]"; printf 'a;b\n1;x\n2\n' > "$BARO_DATA/in/a.csv"
run >/dev/null
is "the report names its run, and where its rejects are" "$(sql "SELECT regexp_replace(what, E'\n', ' ', 'g') ~ ('1 rejected: +barometre.reject WHERE run = ' || run), run = (SELECT max(id) FROM barometre.run) FROM barometre.report")" "t|t"
is "lineage leads to the file" "$(sql "SELECT l.path FROM t.s JOIN barometre.lineage l USING (_baro_file)")" in/a.csv

# seeds are read as their columns say
seed() { use_project <<YML
version: 1
name: awkward
roles: {loader: meltano}
seeds: [{name: sd, columns: [{name: d, type: date, format: $1}, {name: n, type: numeric, decimal: ','}]}]
YML
}
mkdir -p "$project/seeds"; printf 'd,n\n01/02/2024,"1,5"\n' > "$project/seeds/sd.csv"
seed DD/MM/YYYY; sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "a seed's format and decimal sign count" "$(sql "SELECT * FROM analytics.sd")" "2024-02-01|1.5"
seed MM/DD/YYYY; sql "SELECT count(*) FROM baro_seed()" >/dev/null
is "and when they change it is read again" "$(sql "SELECT * FROM analytics.sd")" "2024-01-02|1.5"

# Decisions of the dialect. text OPTIONS BYTES: a stream over a file of them.
text() { stream "max_rejects: 70%, $1"; printf -- "$2" > "$BARO_DATA/in/a.csv"; }
text "$semicolon" 'a;b\n1;x\ry\n2;y\n\rz\n'; run >/dev/null
is "a lone CR in a file of other line ends is no line end" "$(rows) $(rejects)" "2|<y> 2:3:4:-:BM004 5:6:14:-:BM004"
text "$semicolon" 'a;b\n1;"x\ry"\n2;y\r'; run >/dev/null
is "but text in quotes, and half a line end at the file's" "$(rows) $(rejects)" $'1|<x\ry> 2|<y> '
text "$semicolon, key_properties: [a]" 'a;b\n"";x\n1;y\n'; run >/dev/null
is "a quoted empty text is a key" "$(rows)" "|<x> 1|<y>"
text "$semicolon, key_properties: [a], blank_is_null: true" 'a;b\n"";x\n1;y\n'; run >/dev/null
is "unless it is NULL" "$(rows) $(rejects)" "1|<y> 2:2:4:a:23502"
text "$semicolon, columns: [{name: a, type: timestamp}, {name: b, type: timestamp, format: DD/MM/YYYY HH24:MI}, {name: c, type: date, format: DD/MM/YYYY HH24:MI}, {name: d, type: date}]" \
    'a;b;c;d\n2024-02-29 24:00;29/02/2024 24:00;29/02/2024 24:00;2024-02-29 24:00\n2024-02-29 24:01;;;\n;29/02/2024 24:01;;\n'; run >/dev/null
is "24:00 is the midnight that ends the day, with a format and without" "$(sql "SELECT concat_ws(' ', a, b, c, d) FROM t.s") $(rejects)" \
    "2024-03-01 00:00:00 2024-03-01 00:00:00 2024-02-29 2024-02-29 4:4:96:b:22007 3:3:76:a:22008"
is "a reason shows the format" "$(sql "SELECT reason FROM barometre.reject WHERE column_name = 'b'")" \
    '"29/02/2024 24:01" is not of type timestamp without time zone in the format DD/MM/YYYY HH24:MI'
text "$semicolon, comment: '#'" '#a;b\n1;x\n'
like "a header that is a comment stops the load" "$(run)" 'ERROR:.*the header of file "in/a.csv" seems to be a comment'
text "$semicolon, comment: '--'" '-- by; hand\na;b\n--1;x\n-1;y\n'; run >/dev/null
is "a comment sign of two characters" "$(rows)" "-1|<y>"
text "$semicolon" 'a;b\n1;x\na;b\n2;y\n\xef\xbb\xbfa;b\n'; run >/dev/null
is "the header once more is a reject, and no value" "$(rows) $(rejects)" "1|<x> 2|<y> 3:3:8:-:BM004 5:5:16:-:BM004"
is "so that types stay" "$(sql "SELECT pg_typeof(a) FROM t.s LIMIT 1")" bigint
text "$semicolon" 'a;b\na;b\n'; run >/dev/null
is "right after the header it is a record" "$(rows)" "a|<b>"
text "$semicolon" 'a;b;a\n1;x;2\n'
like "two equal names stop the load, and the HINT names the columns" "$(run)" 'HINT:.*skip_initial: 1, field_names: .a, b, a_2.$'
text "$semicolon, skip_initial: 1, field_names: [a, b, a_2]" 'a;b;a\n1;x;2\n'; run >/dev/null
is "in a way that loads" "$(rows)" "1|<x>"
text "$semicolon, quoting: lenient" 'a;b\n"1" ;"x;y" \t\n2;"z"y\n3; "z"\n'; run >/dev/null
is "blanks after a closing quote are nothing if lenient" "$(rows) $(rejects)" '1|<x;y> 3|< "z"> 3:3:17:-:BM004'
text "$semicolon" 'a;b\n1;"x" \n2;y\n'; run >/dev/null
is "and a reject if not" "$(rows)" "2|<y>"
text "$semicolon" 'a;b|1;x|2;y|'
like "records that end in a sign stop the load" "$(run)" 'ERROR:.*a single line, whose records seem to end in "|"'
text "$semicolon" 'a\x1e1\x1e2'
like "also in a control character" "$(run)" 'ERROR:.*a single line, whose records seem to end in U\+001E'
text "$semicolon" 'a;b|1;d\n1;2;3\n'; run >/dev/null
is "a header with such a sign, of a file with lines, is one" "$(sql "SELECT b1 FROM t.s")" 2
text "$semicolon" 'id;km/h;b\n'; run >/dev/null
is "and so is one without numbers" "$(sql "SELECT count(kmh) FROM t.s")" 0
text "$semicolon, nulls: [NULL]" 'a;b\n1;NULL\n'
like "a null that YAML takes for its own is to be quoted" "$(run)" "HINT:.*nulls: \['NULL'\]"
text "$semicolon" 'a;b;c\n0x10;1_000;1\n-0;-0.0;'; printf '1%0131073d\n' 0 >> "$BARO_DATA/in/a.csv"; run >/dev/null
is "numbers of no form, and those too large for numeric, are text; a zero has no sign" "$(sql "SELECT concat_ws(' ', a, b, length(c)) FROM t.s ORDER BY _baro_line")" $'0x10 1_000 1\n-0 -0.0 131074'
text "$semicolon, columns: [{name: a, type: float8}, {name: b, type: 'int[]'}]" 'a;b;c\n0x10;;\n;{1_000};\n-0;{1};-0.0\n'; run >/dev/null
is "as declared ones they are rejects" "$(sql "SELECT concat_ws(' ', a, b, c) FROM t.s") $(rejects)" "-0 {1} 0.0 2:2:6:a:22P02 3:3:13:b:22P02"
finish
