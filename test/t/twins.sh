#!/usr/bin/env bash
# The same content under another name or packing: no row is there twice, and none is lost.
. "$(dirname "$0")/../lib.sh"
new_database
gz() { gzip -nf "$@"; }
zst() { zstd -q --rm -f "$1"; }
# What is done with app.csv after it was loaded, in one step or two, and the file that has its rows then: FILE|ROWS|COMMANDS[;;COMMANDS].
mapfile -t cases <<'CASES'
app.csv.gz|1 2 7 8|gz app.csv
app.csv.zst|1 2 7 8|zst app.csv
app.csv.zst|1 2 7 8|gz app.csv;;gunzip app.csv.gz; zst app.csv
b.csv|1 2 7 8|gz app.csv;;gunzip app.csv.gz; mv app.csv b.csv
b.csv.gz|1 2 7 8|gz -k app.csv; mv app.csv.gz b.csv.gz; rm app.csv
app.csv.gz|1 2 7 8|gz app.csv;;gunzip -k app.csv.gz; rm app.csv.gz; gz -1 app.csv
app.csv.gz|1 2 7 8|gz -k app.csv;;rm app.csv
app.csv|1 2 7 8|gz -k app.csv;;rm app.csv.gz
b.csv|1 2 7 8|cp app.csv b.csv;;rm app.csv
b.csv.gz|1 2 7 8|gz -k app.csv;;rm app.csv; mv app.csv.gz b.csv.gz
c.csv|1 2 7 8|cp app.csv b.csv;;rm app.csv; mv b.csv c.csv
b.csv|1 2 3 7 8|cp app.csv b.csv;;rm app.csv; echo 3,c >>b.csv
b.csv|1 2 3 7 8|echo 3,c >>app.csv; mv app.csv b.csv
b.csv|1 2 3 4 7 8|echo 3,c >>app.csv; mv app.csv x.csv;;echo 4,d >>x.csv; mv x.csv b.csv
b.csv|1 2 7 8|cp app.csv b.csv; echo 9,i >>b.csv;;mv app.csv b.csv
app.csv.gz|1 2 3 7 8|gz app.csv;;printf '3,c\n' | gzip -n >>app.csv.gz
b.csv.gz|1 2 3 7 8|gz app.csv;;printf '3,c\n' | gzip -n >>app.csv.gz; mv app.csv.gz b.csv.gz
CASES
streams=
for i in "${!cases[@]}"; do
    mkdir -p "$BARO_DATA/$i"
    printf 'k,v\n1,a\n2,b\n' >"$BARO_DATA/$i/app.csv"; printf 'k,v\n7,g\n8,h\n' >"$BARO_DATA/$i/other.csv"
    streams+="{name: p$i, path: '$i'}, {name: k$i, path: '$i', key_properties: [k]}, "
done
config() { use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {pattern: '.*\.csv.*', delimiter: ','$1}
taps: [{name: t, streams: [$streams]}]
YML
}
config ''
run() { sql "SELECT stream, read, records, inserted, updated, unchanged FROM baro_run('t')"; }
changes() { sql "SELECT sum(read), sum(inserted), sum(updated) FROM baro_run('t')"; }
step() { # NUMBER OF THE CASE, ITS COMMANDS
    (cd "$BARO_DATA/$1" && eval "$2")
}
run >/dev/null
for i in "${!cases[@]}"; do IFS='|' read -r _ _ what <<<"${cases[$i]}"; step "$i" "${what%%;;*}"; done
said=$(run)
like "a packed twin is read once, and its rows are those that are there" "$said" '^p0\|1\|2\|0\|0\|2$'
like "a grown and renamed file: its new records alone" "$said" '^p12\|1\|1\|1\|0\|0$'
like "where the original is still there it is a second file" "$said" '^p6\|1\|2\|2\|0\|0$'
for i in "${!cases[@]}"; do IFS='|' read -r _ _ what <<<"${cases[$i]}"; case $what in *';;'*) step "$i" "${what#*;;}" ;; esac; done
run >/dev/null
look=
for i in "${!cases[@]}"; do for s in p$i k$i; do
    look+="${look:+ UNION ALL }SELECT '$s', string_agg(t.k::text, ' ' ORDER BY t.k), count(*) FILTER (WHERE l.path IS NULL)::text,
           coalesce(string_agg(DISTINCT substr(l.path, strpos(l.path, '/') + 1), ' ') FILTER (WHERE t.k < 7), '') FROM t.$s t LEFT JOIN barometre.lineage l USING (_baro_file)"
done; done
mapfile -t found < <(sql "$look")
for i in "${!cases[@]}"; do
    IFS='|' read -r file rows what <<<"${cases[$i]}"
    is "without a key: $what" "${found[$((2 * i))]}" "p$i|$rows|0|$file"
    like "with one: $what" "${found[$((2 * i + 1))]}" "^k$i\|$rows( 9)?\|0\|" # a key's row stays, whatever becomes of its file
done
is "and then nothing is done" "$(changes)" "0|0|0"
streams=${streams/"{name: k11, path: '11', key_properties: [k]}, "/} # its rows are those of a file that is gone
streams=${streams/"{name: k14, path: '14', key_properties: [k]}, "/}
config ", nulls: ['-']"
is "all can be read otherwise, because nothing is gone" "$(changes)" "64|0|0"
is "and no row is another's" "$(sql "$look" | cut -d '|' -f 1-3)" "$(printf '%s\n' "${found[@]}" | cut -d '|' -f 1-3)"

# A name that is another file's by now, an inode that is used again, a file that only begins with the same records, and files without records.
streams="{name: o, path: o}"; config ''; mkdir "$BARO_DATA/o"; cd "$BARO_DATA/o" || exit
printf 'k,v\n1,a\n' >app.csv; printf 'k,v\n' >e1.csv; printf 'k,v\n' >e2.csv; : >z.csv; run >/dev/null
rows() { sql "SELECT string_agg(k::text, ' ' ORDER BY k) FROM t.o"; }
echo 2,b >>app.csv; mv app.csv app.csv.1; printf 'k,v\n3,c\n' >app.csv
is "a log that was rotated" "$(run) $(rows)" "o|2|3|3|0|0 1 2 3"
cp app.csv begins.csv; echo 4,d >>begins.csv; rm app.csv e1.csv z.csv
is "what begins like a file that is gone is a new one" "$(run) $(rows)" "o|1|2|2|0|0 1 2 3 3 4"
gz begins.csv; gz e2.csv
config ", nulls: ['-']"
like "a file that is gone, beside one that was packed: the first can't be read otherwise" "$(run)" 'DETAIL: .*: "o/app.csv" \(rows: 1\)\.$'
config ''
cp app.csv.1 app.csv; run >/dev/null
rm app.csv
role=postgres sql "CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER keep BEFORE DELETE ON t.o FOR EACH ROW EXECUTE FUNCTION public.keep()" >/dev/null
like "rows of a twin that the server keeps are not counted as gone" "$(run)" 'ERROR:.*"keep"'
role=postgres sql "DROP FUNCTION public.keep() CASCADE" >/dev/null; run >/dev/null
role=postgres sql "UPDATE barometre.file SET unpacked_hash = NULL" >/dev/null; config ''
gz app.csv.1
is "files that 0.1.0 loaded" "$(run) $(rows)" "o|1|2|0|0|2 1 2 3 4"
finish
