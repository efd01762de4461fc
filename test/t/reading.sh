#!/usr/bin/env bash
# When the project says otherwise how a stream's files are read: all of them are read again, or none.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
stream() { # KEYS OF THE STREAM [KEYS OF THE PROJECT]
    use_project <<YML
version: 1
name: p
roles: {loader: meltano}
${2-}
taps: [{name: t, streams: [{name: s, path: in, pattern: '.*\.csv', $1}]}]
YML
}
run() { sql "SELECT read, inserted, updated, unchanged, rejected FROM baro_run('t')"; }
file() { printf "$2" >"$BARO_DATA/in/$1.csv"; touch -d "2026-01-01 00:00:0$((++files))" "$BARO_DATA/in/$1.csv"; }
rows() { sql "SELECT string_agg(coalesce(${1-v}::text, 'NULL'), ' ' ORDER BY ${1-v}::text COLLATE \"C\") FROM t.s"; }
anew() {
    files=0
    role=postgres sql "DROP SCHEMA IF EXISTS t CASCADE; DELETE FROM barometre.file; DELETE FROM barometre.bookmark; DELETE FROM barometre.reject; DELETE FROM barometre_internal.stream_column" | grep ERROR | sed 's/^/# /'
    rm -f "$BARO_DATA"/in/*
}

# Each key that changes rows, without a key and with one: what it was, what it is now, the rows before and after.
cases=$(cat <<'CASES'
nulls|max_rejects: 0|nulls: ['-']|'x' - - 05/06/2026 7|'x' - 05/06/2026 7 NULL
quote|max_rejects: 0|quotechar: "'"|'x' - - 05/06/2026 7|"-" - 05/06/2026 7 x
format|max_rejects: 90%, columns: [{name: v, type: date, format: DD/MM/YYYY}]|max_rejects: 90%, columns: [{name: v, type: date, format: MM/DD/YYYY}]|2026-06-05|2026-05-06
map|max_rejects: 0|map: {v: md5(v)}|'x' - - 05/06/2026 7|336d5ebc5436534e61d16e63ddfca327 336d5ebc5436534e61d16e63ddfca327 6fb94ab447e2224a422e2cd0271d66c1 8f14e45fceea167a5a36dedd4bea2543 bc7cd56e79e7e94f2feb31bbdbbf03c2
CASES
)
each() { # COMMAND: with the case's name, stream, and its fields
    local name before after was now stream
    while IFS='|' read -r name before after was now; do
        for stream in "$name" "${name}_keyed"; do "$1"; done
    done <<<"$cases"
}
with() { [[ $stream != *_keyed ]] || echo ", with a key"; }
key_of() { key=; [[ $stream != *_keyed ]] || key="key_properties: [k], "; }
declare_stream() { key_of; streams+="{name: $stream, path: $stream, pattern: '.*\.csv', $key${!phase}}, "; }
declare_streams() {
    streams=
    phase=$1 each declare_stream
    use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps: [{name: t, streams: [${streams%, }]}]
YML
}
make_files() {
    mkdir -p "$BARO_DATA/$stream"
    printf 'k,v\n1,05/06/2026\n2,"-"\n3,7\n4,'"'x'"'\n' >"$BARO_DATA/$stream/a.csv"
    printf 'k,v\n5,-\n' >"$BARO_DATA/$stream/b.csv"
    touch -d "2026-01-01" "$BARO_DATA/$stream/a.csv"
}
rows_of() { sql "SELECT string_agg(coalesce(v::text, 'NULL'), ' ' ORDER BY v::text COLLATE \"C\") FROM t.$stream"; }
as_it_was() { is "$name$(with): as it was" "$(rows_of)" "$was"; }
all_anew() { is "$name$(with): old and new meaning were mixed" "$(sed -n "s/^$stream|//p" <<<"$said") $(rows_of)" "2 $now"; }
only_once() { is "$name$(with): it is read again once" "$(sed -n "s/^$stream|//p" <<<"$said")" 0; }
each make_files
declare_streams before
sql "SELECT count(*) FROM baro_run('t')" >/dev/null
each as_it_was
declare_streams after
said=$(sql "SELECT stream, read FROM baro_run('t')")
each all_anew
said=$(sql "SELECT stream, read FROM baro_run('t')")
each only_once

# The time zone of the project, where a declared type depends on it; and keys that change no row.
anew
zoned="columns: [{name: v, type: timestamptz}]"
stream "$zoned" "timezone: Europe/Paris"
file a 'k,v\n1,2026-01-05 00:30\n'
run >/dev/null
stream "$zoned" "timezone: UTC"
is "times were left in the time zone that the project had" "$(run) $(rows)" "1|1|0|0|0 2026-01-05 00:30:00+00"
for same in "min_age: 1 s" "max_rejects: 5, description: d" "freshness: {warn_after: 1 day}" "contract: {types: freeze}" "delimiter: ','" "encoding: UTF-8"; do
    stream "$zoned, $same" "timezone: UTC"
    is "nothing is read again for $same" "$(run)" "0|0|0|0|0"
done
stream "max_rejects: 0, columns: [{name: k, type: int}]"; anew; file a 'k,v\n1,a\n'; run >/dev/null
stream "max_rejects: 0, columns: [{name: k, type: integer}]" "timezone: Asia/Tokyo"
is "a type by another name, a time zone on which no type depends" "$(run)" "0|0|0|0|0"

# A wider type brings back what the narrow one lost.
anew; stream "max_rejects: 0, columns: [{name: v, type: numeric}]"; file a 'k,v\n1,007\n'; run >/dev/null
stream "max_rejects: 0, columns: [{name: v, type: text}]"; run >/dev/null
is "zeros that a type lost are read again" "$(rows)" "007"

# Files that are gone.
anew; stream "max_rejects: 0"
file a 'k,v\n1,a\n2,-\n'; file b 'k,v\n3,-\n4,x\n5,-\n'; run >/dev/null
mv "$BARO_DATA/in/b.csv" "$BARO_DATA/b"
stream "nulls: ['-']"
said=$(run)
like "rows of a file that is gone can't be read again: the load stops" "$said" 'ERROR:  stream "t.s": its files are to be read otherwise than before, and one of them is gone'
like "their number is told" "$said" 'DETAIL:  .*"in/b.csv" \(rows: 3\)'
unlike "and never a full_refresh, which would lose them" "$said" full_refresh
is "nothing was changed" "$(rows)" "- - - a x"
like "baro_check says so too" "$(sql "SELECT translate(detail, E'\n', ' ') FROM baro_check('t') WHERE kind = 'error'")" "one of them is gone"
mv "$BARO_DATA/b" "$BARO_DATA/in/renamed.csv"
is "a file that came back under another name is read again" "$(run | cut -d '|' -f 1) $(rows)" "2 a x NULL NULL NULL"
rm "$BARO_DATA/in/renamed.csv"
stream "max_rejects: 0"
role=postgres sql "$(run | grep -o 'UPDATE barometre.file [^;]*;')" >/dev/null
is "by the statement of the HINT its rows stay as they are" "$(run | cut -d '|' -f 1) $(rows)" "1 - a x NULL NULL"
is "for ever" "$(run)" "0|0|0|0|0"

# Rows that a key keeps though no file has them any more.
anew; stream "key_properties: [k]"
file a 'k,v\n1,a\n2,-\n'; run >/dev/null
file a 'k,v\n3,-\n4,x\n'; run >/dev/null
stream "key_properties: [k], nulls: ['-']"
said=$(run)
like "rows that a file no longer has can't be read again: the load stops" "$said" 'and 2 rows of its table are in none of them any more'
is "nothing of it remains" "$(rows)" "- - a x"
role=postgres sql "$(echo "$said" | grep -o 'UPDATE barometre.file [^;]*;')" >/dev/null
file b 'k,v\n5,-\n'
is "by the statement of the HINT only what comes is read in the new way" "$(run | cut -d '|' -f 1) $(rows)" "1 - - a x NULL"
anew; stream "key_properties: [k]"
file a 'k,v\n1,a\n'; file b 'k,v\n1,-\n'; run >/dev/null
rm "$BARO_DATA/in/a.csv"
stream "key_properties: [k], nulls: ['-']"
is "a file that is gone and has no row left stops nothing" "$(run | cut -d '|' -f 1) $(rows)" "1 NULL"
is "and is forgotten about" "$(run)" "0|0|0|0|0"

# A database that knows nothing of how its files were read.
role=postgres sql "UPDATE barometre.file SET reading = NULL, delimiter = NULL" >/dev/null
stream "key_properties: [k], nulls: [a]"
is "files of 0.1.0 count as read as today" "$(run)" "0|0|0|0|0"
echo 2,c >>"$BARO_DATA/in/b.csv"; run >/dev/null
role=postgres sql "UPDATE barometre.file SET reading = NULL" >/dev/null
stream "key_properties: [k], map: {v: md5(v)}"
echo 3,d >>"$BARO_DATA/in/b.csv"
like "but values in clear stop a load that would hash" "$(run)" 'the map hashes column "v", whose values its table has in clear'
sql "$(run | grep -o 'UPDATE t.s [^;]*;')" >/dev/null
is "until the statement of the HINT hashed them" "$(run | cut -d '|' -f 1) $(rows)" "1 $(printf c | md5sum | cut -c 1-32) $(printf d | md5sum | cut -c 1-32) NULL"
stream "key_properties: [k]"
role=postgres sql "DELETE FROM barometre.file WHERE path = 'in/a.csv'" >/dev/null
is "until the next change" "$(run | cut -d '|' -f 1) $(rows)" "1 - c d"
finish
