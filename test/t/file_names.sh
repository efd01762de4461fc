#!/usr/bin/env bash
# Which names of a folder are data, whatever bytes they have; patterns as the server knows them; files that hold nothing.
. "$(dirname "$0")/../lib.sh"
new_database
streams=()
stream() { streams+=("{name: $1, path: ${3:-$1}, pattern: '$2'${4:+, $4}}"); mkdir -p "$BARO_DATA/${3:-$1}"; }
declare_all() {
    local all
    printf -v all '%s, ' "${streams[@]}"
    use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps: [{name: t, streams: [${all%, }]}]
YML
}
put() { printf 'v\n%s\n' "$2" >"$BARO_DATA/$(printf "$1")"; } # NAME as printf has it, VALUE
run() { sql "SELECT files, inserted FROM baro_run('t.$1')"; }
values() { sql "SELECT string_agg(v::text, ' ' ORDER BY v::text) FROM t.$1"; }
ledger() { sql "SELECT string_agg(path, ' ' ORDER BY path) FROM barometre.file WHERE stream = '$1'"; }

# --- Names that are no text ---
stream bytes '.*\.csv' bytes 'delimiter: ";"'
stream bad '.*\.csv'
stream dots '.*\.csv'
stream hidden '\..*\.csv'
declare_all
put 'bytes/caf\xe9.csv' a; put 'bytes/b.csv' b; put 'bytes/caf\\xe9.csv' c; put 'bytes/x\ny.csv' d; put 'bytes/\xc3\xa9t\xc3.csv' e
is "a name that is not UTF-8 was passed over" "$(run bytes)" "5|5"
is "all of them are there" "$(values bytes)" "a b c d e"
is "each has a name of its own in the ledger" "$(ledger bytes)" 'bytes/b.csv bytes/caf\x5cxe9.csv bytes/caf\xe9.csv bytes/x\x0ay.csv bytes/ét\xc3.csv'
is "once" "$(run bytes)" "5|0"
is "lineage has the same name" "$(sql "SELECT f.path FROM t.bytes b JOIN barometre.file f ON f.id = b._baro_file WHERE v = 'a'")" 'bytes/caf\xe9.csv'
printf 'v\n"x\n' >"$BARO_DATA/bytes/caf$(printf '\xe9').csv"
like "and the messages of a load" "$(sql "SELECT * FROM baro_run('t.bytes')")" 'file "bytes/caf\\xe9.csv", line 2: '
printf 'v\nz\n' >"$BARO_DATA/bytes/caf$(printf '\xe9').csv"
printf '\x89PNG\r\n\x1a\n' >"$BARO_DATA/bad/caf$(printf '\xe9').csv"
like "and those about a file" "$(sql "SELECT * FROM baro_run('t.bad')")" '^ERROR: .*file "bad/caf\\xe9.csv" is no CSV file'
is "it is read again like any other" "$(run bytes; values bytes)" "5|1
b c d e z"
mv "$BARO_DATA/bytes/caf$(printf '\xe9').csv" "$BARO_DATA/bytes/café.csv"
is "renamed to its right name it is the same file" "$(run bytes; ledger bytes)" '5|0
bytes/b.csv bytes/caf\x5cxe9.csv bytes/café.csv bytes/x\x0ay.csv bytes/ét\xc3.csv'

# --- What is never data ---
put dots/a.csv a; put dots/.hidden.csv b; put dots/._a.csv c; put 'dots/~$a.csv' d; mkdir "$BARO_DATA/dots/dir.csv"
ln -s dir.csv "$BARO_DATA/dots/link.csv"; put 'dots/.~lock.a.csv#' e
said=$(notices "SELECT files, inserted FROM baro_run('t.dots')")
like "folders, hidden files and locks are no data" "$said" "^1\|1$"
like "which is counted" "$said" 'stream "t.dots": the pattern matches 5 names that are no data: "dots/._a.csv" \(it begins with a dot\), .* and 2 more'
like "baro_check says it too" "$(sql "SELECT detail FROM baro_check('t.dots') WHERE kind = 'pattern'" | tr '\n' ' ')" 'matches 1 file: "dots/a.csv"; the pattern matches 5 names that are no data'
put hidden/.x.csv a; put hidden/y.csv b
is "a pattern that begins with a dot wants hidden files" "$(run hidden; values hidden)" "1|1
a"

# --- Patterns ---
streams=() wanted=()
pattern() { stream "p${#wanted[@]}" "$1" p; wanted+=("$2"); } # PATTERN FILES
pattern '(?i)a\.CSV' 'A.csv a.csv'
pattern '***:(?i)a\.csv' 'A.csv a.csv'
pattern '***=a.csv' 'a.csv'
pattern '(?q)a.csv' 'a.csv'
pattern '(?qi)A.CSV' 'A.csv a.csv'
pattern '(?x)a \. csv # the first' 'a.csv'
pattern '(?e)(a|b)[.]csv' 'a.csv b.csv'
pattern '(?b)\([ab]\)\.csv' 'a.csv b.csv'
pattern '(?b)\(b\)\1\.csv' 'bb.csv'
pattern '(b)\1\.csv' 'bb.csv'
pattern '(?n)^a\.csv$' 'a.csv'
pattern 'a\.csv|b\.csv' 'a.csv b.csv'
pattern '(?:a|b)+?\.csv' 'a.csv b.csv bb.csv'
pattern '(?=a).*' 'a.csv'
for f in a.csv A.csv b.csv bb.csv; do put "p/$f" "$f"; done
put 'p/q\na.csv' q
stream open '(' p; stream two 'a)|(b' p; stream slash 'a\' p; stream braces 'a{2,1}' p; stream option '(?y)a' p
declare_all
for i in "${!wanted[@]}"; do run "p$i" >/dev/null; is "pattern ${streams[$i]#*pattern: }" "$(values "p$i")" "${wanted[$i]}"; done
like "one that is none is told by its own text" "$(sql "SELECT * FROM baro_run('t.open')")" '^ERROR: .*pattern "\(": invalid regular expression: parentheses \(\) not balanced'
like "what is put around it must not complete it" "$(sql "SELECT * FROM baro_run('t.two')")" '^ERROR: .*pattern "a\)\|\(b": invalid regular expression'
like "nor may it swallow that" "$(sql "SELECT * FROM baro_run('t.slash')")" '^ERROR: .*pattern "a\\": invalid regular expression'
like "bad bounds" "$(sql "SELECT * FROM baro_run('t.braces')")" '^ERROR: .*pattern "a\{2,1\}": invalid regular expression'
like "an option that is none" "$(sql "SELECT * FROM baro_run('t.option')")" '^ERROR: .*pattern "\(\?y\)a": invalid regular expression'

# --- Files without a byte, a last byte that is none, a file cut back to its header ---
streams=()
stream empty '.*'
stream mark '.*'
stream cut '.*'
stream kept '.*' cut 'key_properties: [v]'
declare_all
put empty/a.csv a; : >"$BARO_DATA/empty/b.csv"; : >"$BARO_DATA/empty/c.csv.gz"; : >"$BARO_DATA/empty/d.csv.zst"
is "a packed file without a byte is empty, as any other" "$(run empty; values empty)" "4|1
a"
put empty/c.csv c; gzip -f "$BARO_DATA/empty/c.csv"
is "and loaded once it holds something" "$(run empty; values empty)" "4|1
a c"
printf 'v\nw\n' | gzip | head -c 12 >"$BARO_DATA/empty/d.csv.gz"
like "one that is cut off is still an error" "$(sql "SELECT * FROM baro_run('t.empty')")" 'could not read file "empty/d.csv.gz": its gzip data ends too early'
printf 'v,w\r\na,1\r\n\x1a' >"$BARO_DATA/mark/1.csv"; printf 'v,w\nb,2\x1a' >"$BARO_DATA/mark/2.csv"; printf 'v,w\n"c","3"\x1a' >"$BARO_DATA/mark/3.csv"
printf 'v,w\nd,\x1a\n' >"$BARO_DATA/mark/4.csv"; printf 'v,w\ne,5\n\x1a' | gzip >"$BARO_DATA/mark/5.csv.gz"; printf '\x1a' >"$BARO_DATA/mark/6.csv"
is "a last byte 0x1A ends the file, elsewhere it is a character" "$(run mark; sql "SELECT string_agg(v || coalesce(w, ''), ' ' ORDER BY v) FROM t.mark" | tr '\032' '^')" "6|5
a1 b2 c3 d^ e5"
printf 'v\nb\nc\n' >"$BARO_DATA/cut/1.csv"; printf 'v\nd\n' >"$BARO_DATA/cut/2.csv"
run cut >/dev/null; run kept >/dev/null
printf 'v\n' >"$BARO_DATA/cut/1.csv"
like "rows of a file that was cut back to its header go, which is told" "$(notices "SELECT files, inserted FROM baro_run('t.cut')")" 'WARNING: .*file "cut/1.csv" holds no record any more, and had 2: their rows go'
is "with a key they stay" "$(run kept; values kept; values cut)" "2|0
b c d
d"
is "rows that go are counted" "$(sql "SELECT deleted FROM barometre.step WHERE name = 't.cut' ORDER BY run DESC LIMIT 1")" 2
finish
