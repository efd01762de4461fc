#!/usr/bin/env bash
# A Singer tap goes on without a file that is no good: for all its streams, in the order of names, and with the versions that it has.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/s"
config() { use_project <<YML
version: 1
name: p
roles: {loader: meltano}
taps:
  - {name: t, format: singer, path: s, pattern: '.*\.singer', streams: discover, hard_delete: true}
  - {name: u, format: singer, path: s, pattern: '.*\.singer', streams: discover}
YML
}
config
schema() { echo "{\"type\": \"SCHEMA\", \"stream\": \"$1\", \"schema\": {\"properties\": {\"id\": {\"type\": \"integer\"}, \"v\": {\"type\": [\"null\", \"${2:-string}\"]}}}, \"key_properties\": [\"id\"]}"; }
record() { echo "{\"type\": \"RECORD\", \"stream\": \"$1\", \"record\": {\"id\": $2, \"v\": \"$3\"}, \"version\": ${4:-1}}"; }
state() { echo "{\"type\": \"STATE\", \"value\": {\"at\": $1}}"; }
active() { echo "{\"type\": \"ACTIVATE_VERSION\", \"stream\": \"$1\", \"version\": $2}"; }
file() { cat >"$BARO_DATA/s/$1.singer"; }
skip() { notices "SELECT stream, files, read, inserted, updated FROM baro_run('${1:-t}', on_failure => 'skip')"; }
rows() { sql "SELECT string_agg(id || '=' || v, ' ' ORDER BY id) FROM ${2:-t}.$1"; }
state_() { sql "SELECT value FROM barometre.singer_state WHERE tap = 't'"; }

for n in 1 3 4; do { schema a; record a 1 f$n; record a 1$n f$n; schema b; record b $n f$n; state $n; } | file $n; done
{ schema a; record a 1 f2; record a 12 f2; echo '{"type": "RECORD", "str'; } | file 2
out=$(skip)
like "a file that is cut off is left out" "$out" '^WARNING:  1 file was left out'
like "for each stream" "$out" '^b\|4\|3\|3\|0'
is "the others are loaded" "$(rows a)|$(rows b)" "1=f4 11=f1 13=f3 14=f4|1=f1 3=f3 4=f4"
is "it is a failed step of the tap" "$(sql "SELECT kind || ' ' || name FROM barometre.step WHERE status = 'failed'")" "file t s/2.singer"
like "and a failure" "$(sql "SELECT place FROM barometre_internal.failure")" '^file s/2.singer of tap t$'
is "the state is that of the last file that was loaded" "$(state_)" '{"at": 4}'
{ schema a; record a 1 f2; record a 12 f2; record a 13 f2; schema b; record b 2 f2; state 2; } | file 2
out=$(skip)
like "repaired it is loaded, and those after it again" "$out" '^NOTICE:  tap "t": 2 files were read again, which come after s/2.singer, without which they were loaded'
is "as if all had been loaded in order" "$(rows a)|$(rows b)" "1=f4 11=f1 12=f2 13=f3 14=f4|1=f1 2=f2 3=f3 4=f4"
is "no failure is left" "$(sql "SELECT count(*) FROM barometre_internal.failure")" 0
is "the state stays that of the greatest name" "$(state_)" '{"at": 4}'

# A record of one stream that does not fit.
{ schema a; record a 5 f5; schema b integer; echo '{"type": "RECORD", "stream": "b", "record": {"id": "x", "v": null}}'; } | file 5
{ schema a; record a 6 f6; } | file 6
skip >/dev/null
is "a file whose records are refused in one table is left out for all" "$(rows a)" "1=f4 6=f6 11=f1 12=f2 13=f3 14=f4"
like "its rejects can be looked at" "$(sql "SELECT file || ' ' || stream FROM barometre.reject")" '^s/5.singer b$'
{ schema a; record a 5 f5; schema b; record b 5 f5; } | file 5
skip >/dev/null

# Versions.
{ schema a; record a 1 f7 2; record a 5 f7 2; } | sed '$s/$/x/' | file 7
{ schema a; record a 6 f8 2; active a 2; } | file 8
like "versions are not obeyed while a file before is left out" "$(skip)" '^WARNING:  stream "t\.a": rows of earlier versions stay, because a file that is left out'
is "all rows stay" "$(rows a)" "1=f4 5=f5 6=f8 11=f1 12=f2 13=f3 14=f4"
{ schema a; record a 1 f7 2; record a 5 f7 2; } | file 7
skip >/dev/null
is "they are when it is loaded" "$(rows a)" "1=f7 5=f7 6=f8"

# The tap as a whole.
skip u >/dev/null
{ schema a; record a 9 f9 2; schema b; record b 9 f9; } | file 9
open_session lock postgres; ask lock "BEGIN; LOCK TABLE u.b" >/dev/null
out=$(PGOPTIONS='-c lock_timeout=200' psql -X -q -At -d "$db" -U meltano -c "SELECT stream, files, read FROM baro_run(on_failure => 'skip')" 2>&1)
ask lock "ROLLBACK" >/dev/null; close_session lock
like "a tap is left out as a whole" "$(sql "SELECT string_agg(kind || ' ' || name || ' ' || status, ', ' ORDER BY number) FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run)")" 'stream t\.b succeeded, stream u\.a skipped, stream u\.b failed$'
is "and others are loaded" "$(rows a | grep -c '9=f9')$(rows a u | grep -c '9=f9')" "10"
skip u >/dev/null
is "the next run loads it" "$(rows a u | grep -c '9=f9')$(sql "SELECT count(*) FROM barometre_internal.failure")" "10"
rm "$BARO_DATA"/s/*; { schema a; record a 1 x; echo '{"type": "SCHEMA", "stream": "A", "schema": {"properties": {"id": {"type": "integer"}}}, "key_properties": []}'; } | file 1
skip u >/dev/null
is "what is wrong with all of it is a failed step of the tap" "$(sql "SELECT kind || ' ' || name || ' ' || sqlstate FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run)")" "tap u BM007"
like "and a failure" "$(sql "SELECT place FROM barometre_internal.failure")" '^tap u$'
{ schema a; record a 1 x; schema b; } | file 1
skip u >/dev/null
is "until it is loaded" "$(sql "SELECT count(*) FROM barometre_internal.failure WHERE place LIKE 'tap%'")" 0
finish
