#!/usr/bin/env bash
# Which column of its table a field of a file is: by what the header says, and never by its place.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA"/{plain,keyed,secret,rest,listed,frozen,left,semi}
use_project <<'YML'
version: 1
name: fields
roles: {loader: meltano}
stream_defaults: {delimiter: ',', pattern: '.*\.csv'}
taps:
  - name: t
    streams:
      - {name: plain, path: plain}
      - {name: keyed, path: keyed, key_properties: [id]}
      - {name: secret, path: secret, map: {hidden: md5(name), comment: null}}
      - {name: rest, path: rest, map: {id: id, t: t, __else__: null}}
      - {name: listed, path: listed, field_names: [id, na!e, na%e, '-', '-']}
      - {name: frozen, path: frozen, contract: {columns: freeze}}
      - {name: left, path: left, contract: {columns: discard}}
YML
open_session loader meltano
run() { ask loader "SELECT records FROM baro_run('t.$1')"; }
put() { printf "$3" >"$BARO_DATA/$1/$2.csv"; run "$1"; } # STREAM FILE CONTENT
start() { rm -f "$BARO_DATA/$1"/*; role=postgres sql "DROP TABLE IF EXISTS t.$1; DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null; }
columns() { sql "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't.$1'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT LIKE '\_baro%'"; }
memory() { role=postgres sql "SELECT string_agg(concat_ws('=', coalesce(column_name, '-'), name, source), ' ' ORDER BY number) FROM barometre_internal.stream_column WHERE stream = '$1'"; }
forget() { role=postgres sql "DELETE FROM barometre_internal.stream_column" >/dev/null; }
# The columns of a table in another order, under the names of their values in the row where id = 1.
row() { sql "SELECT string_agg(value, ' ' ORDER BY value) FROM (SELECT j.key || '=' || j.value AS value FROM t.$1 r, jsonb_each_text(to_jsonb(r) - '{_baro_file,_baro_line}'::text[]) j WHERE r.id = $2) x"; }

put plain a 'id,na!e,na%%e\n1,first,second\n' >/dev/null
set -- $(columns plain)
one=$2 two=$3
like "texts that collide have a hash of their own" "$one $two" '^nae_[0-9a-f]{8} nae_[0-9a-f]{8}$'
put plain b 'id,na%%e,na!e\n2,second,first\n' >/dev/null
is "two columns were swapped whose names came from their places" "$(row plain 2)" "$(row plain 1 | sed 's/id=1/id=2/')"
is "and there are no others" "$(columns plain)" "id $one $two"
put plain c 'na%%e,ID\nsecond,3\n' >/dev/null
is "one of them alone is found too" "$(sql "SELECT $two FROM t.plain WHERE id = 3")" second
put plain d ' id , xmin\n4,x\n' >/dev/null
put plain e 'xmin,id\nx,5\n' >/dev/null
like "a reserved name, and white space around names" "$(columns plain)" "^id $one $two xmin_[0-9a-f]{8}\$"
is "stays where it is" "$(row plain 4 | sed s/id=4/id=5/)" "$(row plain 5)"
long=$(printf 'x%.0s' $(seq 63))
put plain f "id,${long}1,${long}2\n6,first,second\n" >/dev/null
put plain g "${long}2,id,${long}1\nsecond,7,first\n" >/dev/null
is "headers that are alike in their first 63 bytes" "$(row plain 6 | sed s/id=6/id=7/)" "$(row plain 7)"
is "are two columns" "$(columns plain | wc -w)" 6
role=postgres sql "DELETE FROM barometre.file; DELETE FROM barometre.bookmark" >/dev/null
before=$(row plain 2)
run plain >/dev/null
is "without ledger and bookmark nothing is taken for another" "$(row plain 2)|$(sql "SELECT count(*) FROM t.plain")" "$before|7"
sql "ALTER TABLE t.plain DROP COLUMN $one" >/dev/null
put plain h 'na%%e,na!e,id\nsecond,first,8\n' >/dev/null
is "a remembered column that the table lacks is a new one" "$(row plain 8)" "id=8 $one=first $two=second"
start plain
put plain a 'id,Date\n1,x\n' >/dev/null
put plain b 'DATE,id\ny,2\n' >/dev/null
is "another spelling of a name stays the same column" "$(columns plain)|$(row plain 2)" "id date|date=y id=2"
is "what is remembered says so" "$(memory plain)" "id=id=id date=date=Date"
put plain c 'DATE,id,date\ny,3,z\n' >/dev/null
like "both in one file are two" "$(row plain 3)" '^date_[0-9a-f]{8}=(y|z) date_[0-9a-f]{8}=(y|z) id=3$'
start plain
put plain a 'id,,v\n1,x,y\n' >/dev/null
put plain b 'id,,v\n2,x,y\n' >/dev/null
is "a column without a name is found under the same header" "$(row plain 2)" "column_2=x id=2 v=y"
out=$(put plain c 'id,v,\n3,y,x\n')
like "under another one the load stops" "$out" 'ERROR:  stream "t.plain": column 3 of file "plain/c.csv" has no name, and the header is another one than before'
like "and says what to do" "$out" 'HINT:  Give it a name in the file.s header, or pass over the header with  skip_initial: 1 '
rm "$BARO_DATA/plain/c.csv"
put plain d 'v,id\ny,4\n' >/dev/null
is "files without it go on" "$(row plain 4)" "id=4 v=y"

put keyed a 'id,na!e,na%%e\n1,first,second\n' >/dev/null
put keyed b 'na%%e,id,na!e\nsecond,2,first\n' >/dev/null
is "so with keys" "$(row keyed 2)" "$(row keyed 1 | sed s/id=1/id=2/)"
printf 'na%%e,na!e,id\nb,a,3\n' >"$BARO_DATA/keyed/c.csv"; printf 'id,na!e,na%%e\n4,a,b\n' >"$BARO_DATA/keyed/d.csv"
run keyed >/dev/null
is "and within one load" "$(row keyed 3 | sed s/id=3/id=4/)" "$(row keyed 4)"
put frozen a 'id,na!e,na%%e\n1,first,second\n' >/dev/null
put frozen b 'na%%e,id,na!e\nsecond,2,first\n' >/dev/null
is "a frozen contract takes what is only in another order" "$(row frozen 2)" "$(row frozen 1 | sed s/id=1/id=2/)"
like "and sees what is not" "$(put frozen c 'id,na!e,n/ae\n2,first,third\n')" 'ERROR:  stream "t.frozen": file "frozen/c.csv" lacks the column "nae_[0-9a-f]*" of the table, and the contract is columns: freeze'
printf 'id,na!e,n/ae\n2,first,third\n' >"$BARO_DATA/plain/z.csv"
like "as baro_check does" "$(sql "SELECT detail FROM baro_check('t.frozen') WHERE kind = 'error'")" 'lacks the column'
put left a 'id,t\n1,a\n' >/dev/null
put left b 'id,t,t!\n2,a,b\n' >/dev/null
put left c 't!,id\nb,3\n' >/dev/null
is "a field that the contract left out is not taken for another one later" "$(sql "SELECT string_agg(id || coalesce(t, '-'), ' ' ORDER BY id) FROM t.left")" "1a 2a 3-"
printf 'a,b,c,d,e\nf,g,h,i,j\n' >"$BARO_DATA/listed/a.csv"
run listed >/dev/null
is "field_names are the texts, and may say one twice" "$(columns listed | wc -w),$(sql "SELECT count(*) FROM t.listed")" "5,2"
is "their list is their header" "$(put listed b 'k,l,m,n,o\n' >/dev/null; columns listed | wc -w),$(sql "SELECT count(DISTINCT l::text) FROM t.listed l")" "5,3"

# --- what a map hides --------------------------------------------------------------------------------------------------
like "a map that names one of two texts does not get either" "$(put secret a 'id,name,comment,com!ment\n1,Zoe,no,yes\n')" 'the map names column "comment", which file'
put secret a 'id,name,comment\n1,Zoe,no\n' >/dev/null
put secret b 'id,na!me,name,comment,com!ment\n2,plain,Zoe,no,yes\n' >/dev/null
is "a text that is hashed is found again" "$(sql "SELECT count(DISTINCT hidden) FROM t.secret")" 1
is "hashed and dropped texts are kept only as hashes" "$(memory secret | grep -oE '^id=id=id hidden=name -=comment ')" "id=id=id hidden=name -=comment "
put rest a 'id,t,Jean Dupont\n1,a,b\n' >/dev/null
put rest b 'jean dupont,t,id\nb,a,2\n' >/dev/null
is "so are those of the rest" "$(memory rest)" "id=id=id t=t=t -"
unlike "their names too" "$(role=postgres sql "SELECT * FROM barometre_internal.stream_column")" '[dD]upont'
sed -i 's/map: {hidden: md5(name), comment: null}/map: {hidden: md5(name), comment: null, id: md5(id)}, columns: [{name: id, type: text}]/' "$project/barometre.yml"
put secret c 'id,name,comment\n3,Zoe,no\n' >/dev/null
sql "SELECT * FROM baro_run('t', '{secret}', full_refresh => true)" >/dev/null
is "what is hashed from now on is forgotten" "$(memory secret | grep -oE '^id=id hidden=name')" "id=id hidden=name"

# --- tables of 0.1.0, which remember nothing ---------------------------------------------------------------------------
old_table() { # as 0.1.0 made it: FILE CONTENT
    start plain
    put plain a 'id,na!e,na%%e,,xmin, spaced\n1,first,second,third,fourth,fifth\n' >/dev/null
    set -- $(columns plain)
    sql "ALTER TABLE t.plain RENAME COLUMN $2 TO nae; ALTER TABLE t.plain RENAME COLUMN $3 TO nae_3; ALTER TABLE t.plain RENAME COLUMN $5 TO xmin_5;
         ALTER TABLE t.plain RENAME COLUMN spaced TO _spaced" >/dev/null
    forget
}
old_table
put plain b ' spaced,na%%e,na!e,xmin,id\nfifth,second,first,fourth,2\n' >/dev/null
is "a file of the ledger says what its columns are" "$(sql "SELECT id, nae, nae_3, column_4, xmin_5, _spaced FROM t.plain WHERE id = 2")" "2|first|second||fourth|fifth"
old_table
run plain >/dev/null
is "also in a call that has nothing to load" "$(memory plain | grep -o 'nae_3=nae_3=na%e')" "nae_3=nae_3=na%e"
rm "$BARO_DATA/plain/a.csv"
put plain b 'id,na%%e\n3,second\n' >/dev/null
is "so that it may go" "$(sql "SELECT nae_3 FROM t.plain WHERE id = 3")" second
old_table
out=$(put plain a 'id,na%%e,na!e\n1,second,first\n')
like "where no file says it, and names collide, the load stops" "$out" 'ERROR:  stream "t.plain": column 2 of file "plain/a.csv" can.t be told from others by its name'
like "which are these" "$out" 'DETAIL:  It may be one that was called "nae", "nae_3", a name that an earlier release made from its place'
like "and says what to do" "$out" 'HINT:  Put one of them back, or pass over the header'
put plain a 'id,_spaced\n4,fifth\n' >/dev/null
is "other columns are found by their names" "$(sql "SELECT _spaced FROM t.plain WHERE id = 4")" fifth
is "nothing was added" "$(columns plain)" "id nae nae_3 column_4 xmin_5 _spaced"

# --- a file of another shape -------------------------------------------------------------------------------------------
start plain
put plain a 'id,v\n1,a\n' >/dev/null
out=$(put plain b 'id;v\n2;b\n')
like "a row of NULLs and a junk column stayed of a file with another delimiter" "$out" 'ERROR:  stream "t.plain": file "plain/b.csv" has none of the columns of the table: it seems to be delimited by ";", and is read with ","'
like "as baro_check says" "$(sql "SELECT detail FROM baro_check('t.plain') WHERE kind = 'error'")" 'seems to be delimited by ";"'
like "tabs too" "$(put plain b 'id\tv\n2\tb\n')" 'it seems to be delimited by tab, and is read with ","'
out=$(put plain b '2,b\n3,c\n')
like "the first record of a later file without header was lost as one" "$out" 'ERROR:  stream "t.plain": file "plain/b.csv" has none of the columns of the table$'
like "its names are shown" "$out" 'DETAIL:  Its first record says "2", "b"; the columns are "id", "v"\.'
like "a header without records adds no columns either" "$(put plain b 'x,y\n')" 'has none of the columns of the table'
is "nothing stays of them" "$(columns plain),$(sql "SELECT count(*) FROM t.plain")" "id v,1"
put plain b '' >/dev/null
is "an empty file is none of them" "$(put plain c 'v,w\nb,c\n' >/dev/null; sql "SELECT count(*) FROM t.plain")" 2
start plain
printf 'id,v\n1,a\n' >"$BARO_DATA/plain/a.csv"; printf '2,b\n' >"$BARO_DATA/plain/b.csv"
touch -d 2021-01-01 "$BARO_DATA/plain/a.csv"
like "so within a first load" "$(run plain)" 'file "plain/b.csv" has none of the columns of the table'
start plain
put plain a 'id;v,\n1;a,x\n' >/dev/null
sed -i 's/- {name: plain, path: plain}/- {name: plain, path: plain, delimiter: ";"}/' "$project/barometre.yml"
is "a delimiter that was wrong can be put right" "$(put plain b 'id;v\n2;b\n' >/dev/null; sql "SELECT string_agg(id::text, ' ' ORDER BY id) FROM t.plain")" "1 2"
sed -i 's/- {name: plain, path: plain, delimiter: ";"}/- {name: plain, path: plain}/' "$project/barometre.yml"
start left
put left a 'id,t\n1,a\n' >/dev/null
like "so where the contract would leave its columns out" "$(put left b '2,b\n')" 'has none of the columns of the table'
start keyed
put keyed a 'id,t\n1,a\n' >/dev/null
like "so before its key is missed" "$(put keyed b 'id;t\n2;b\n')" 'seems to be delimited by ";"'
start keyed
like "a first file is told too" "$(put keyed a 'id;t\n2;b\n')" 'HINT:  It seems to be delimited by ";", and is read with ",": check the key "delimiter" of the stream'
start secret
out=$(put secret a 'id,name,comment\n1,Zoe,no\n'; put secret b '2,Yves,private\n')
like "values that a map hides are not shown as names" "$out" 'file "secret/b.csv" has none of the columns of the table'
unlike "anywhere" "$out$(memory secret)" 'Yves|private'

# --- descriptions ------------------------------------------------------------------------------------------------------
described() { sql "SELECT concat_ws('|', obj_description('t.keyed'::regclass), col_description('t.keyed'::regclass, 1), col_description('t.keyed'::regclass, 2))"; }
describe() { sed -i "s/- {name: keyed, path: keyed, key_properties: \[id\].*/- {name: keyed, path: keyed, key_properties: [id]$1}/" "$project/barometre.yml"; run keyed >/dev/null; }
start keyed
describe ", description: All, columns: [{name: id, description: The key}]"
put keyed a 'id,t\n1,a\n' >/dev/null
is "descriptions become comments" "$(described)" "All|The key"
sql "COMMENT ON COLUMN t.keyed.t IS 'by hand'" >/dev/null
describe ", description: All of it, columns: [{name: id, description: A number}, {name: t, type: text}]"
is "descriptions that changed did not, with a table that was there" "$(described)" "All of it|A number|by hand"
is "the registry has those of columns" "$(role=postgres sql "SELECT description, columns FROM barometre_internal.stream WHERE name = 'keyed'")" 'All of it|{"id": "A number"}'
sql "COMMENT ON TABLE t.keyed IS 'by hand'" >/dev/null
run keyed >/dev/null
is "what is said by hand stays until the project says something else" "$(described)" "by hand|A number|by hand"
describe ""
is "what the project takes back goes" "$(described)" "by hand"
sql "COMMENT ON TABLE t.keyed IS NULL" >/dev/null
like "a key is no near miss of just any short name" "$(start keyed; put keyed a 'id_new,t\n1,a\n')" 'HINT:  Did you mean "id_new"\?'

# --- very many columns -------------------------------------------------------------------------------------------------
wide() { seq -s, -f 'c%.0f' "$1"; seq -s, "$1" | sed 's/[0-9]\+/x/g'; } # few bytes a value: a row must fit a page
super() { role=postgres sql "$1"; }
too_wide='stream "t\.(plain|keyed)": file "(plain|keyed)/b\.csv" would make a table of 100000 columns'
start keyed; put keyed a 'id,c1\n1,a\n' >/dev/null
wide 100000 >"$BARO_DATA/keyed/b.csv"
like "a file has more columns than a table may have" "$(run keyed)" "$too_wide"
start plain; wide 100000 >"$BARO_DATA/plain/b.csv"
like "so has a first one" "$(run plain)" "$too_wide"
like "and it says how many may be" "$(run plain)" 'DETAIL:  A table may have 1597: 1600 in PostgreSQL, less those that a load adds'
start rest; { echo id,$(wide 20000 | head -1),t; echo 1,$(wide 20000 | tail -1),two; } >"$BARO_DATA/rest/a.csv"; run rest >/dev/null
is "a map drops all but two of 20,000" "$(columns rest) $(sql "SELECT id, t FROM t.rest")" "id t 1|two"
start left; put left a 'c1,c20000\nx,a\n' >/dev/null; wide 20000 >"$BARO_DATA/left/b.csv"; told=$(notices "SELECT * FROM baro_run('t.left')")
is "of which some are named, and the others counted" "$(grep -c 'is left out' <<<"$told") $(grep -o '[0-9]* more columns.*' <<<"$told")" '20 19978 more columns of file "left/b.csv" are left out'
is "a contract leaves out all but two" "$(columns left) $(sql "SELECT count(*) FROM t.left")" "c1 c20000 2"
for case in plain=1597 keyed=1596; do # the staging table has columns of its own
    stream=${case%=*} count=${case#*=}
    start $stream; wide $count | sed 's/^c1,/id,/; s/^x,/1,/' >"$BARO_DATA/$stream/a.csv"; run $stream >/dev/null
    sed -i 's/x$/y/' "$BARO_DATA/$stream/a.csv"; run $stream >/dev/null
    is "a table of $count columns is loaded again" "$(sql "SELECT c$count, count(*) FROM t.$stream GROUP BY 1")" "y|1"
    wide $((count + 1)) | sed 's/^c1,/id,/; s/^x,/2,/' >"$BARO_DATA/$stream/b.csv"
    like "and gets no other one" "$(run $stream)" "would make a table of $((count + 1)) columns"
done
mkdir -p "$project/seeds"; wide 100000 >"$project/seeds/broad.csv"
like "a seed is too wide" "$(sql "SELECT * FROM baro_seed()")" 'seed "broad": file ".*seeds/broad\.csv" would make a table of 100000 columns'
rm "$project/seeds/broad.csv"
register() { super "SELECT * FROM baro_register_stream('t', 'more', jsonb_build_object('path', 'plain', 'pattern', 'b.csv') || $1)"; }
names() { echo "(SELECT jsonb_build_object('$1', jsonb_agg($3)) FROM generate_series(1, $2) i)"; }
register "$(names field_names 100000 "'c' || i")" >/dev/null; wide 100000 >"$BARO_DATA/plain/b.csv"
like "so are fields that the project names" "$(sql "SELECT * FROM baro_run('t.more')")" 'would make a table of 100000 columns'
like "more columns than a table may have are declared" "$(register "$(names columns 5000 "jsonb_build_object('name', 'c' || i)")")" 'stream "more" .*declares 5000 columns'
super "SELECT * FROM baro_unregister('stream', 't.more')" >/dev/null
rm "$BARO_DATA"/{plain,keyed,left,rest}/*

is "what headers say is in a dump" "$(pg_dump -U postgres -d "$db" -a -t barometre_internal.stream_column | grep -c '^t	')" "$(role=postgres sql "SELECT count(*) FROM barometre_internal.stream_column")"
finish
