#!/usr/bin/env bash
# A source that is empty, or that lost files, does not stay green: what was passed over is said and kept, and no refresh empties a table by it.
. "$(dirname "$0")/../lib.sh"
new_database
in=$BARO_DATA/in
mkdir -p "$in"
config() { use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {path: in, pattern: '.*\.csv', delimiter: ','$1}
taps:
  - name: t
    streams: [{name: s}, {name: k, key_properties: [k]}]
YML
}
file() { printf 'k,v\n' >"$in/$1.csv"; shift; printf '%s,x\n' "$@" >>"$in/$name.csv"; }
put() { name=$1; file "$@"; touch -d "${when:-1 hour ago}" "$in/$1.csv"; }
load() { notices "SELECT stream, files, read, inserted FROM baro_run('t')"; }
refresh() { notices "SELECT stream, inserted, unchanged FROM baro_run('t', '{$1}', full_refresh => true)"; }
rows() { sql "SELECT string_agg(k::text, ' ' ORDER BY k) FROM t.$1"; }

# --- What was passed over ---
config ", start_date: 2020-01-01, min_age: 1 min"
like "no file matches when none does" "$(load)" 'WARNING:  stream "t.s": no file in "in" matches "\.\*\\\.csv"'
when=2019-05-05 put a 1
like "one that is too old is no file that is not there" "$(load)" 'WARNING:  stream "t.s": the only file in "in" that matches ".*" is not read: 1 is older than start_date'
when=2019-05-06 put b 2; when='1 second ago' put c 3; when='1 hour' put d 4
out=$(load)
like "of several each kind is counted" "$out" 'WARNING:  stream "t.s": none of the 4 files in "in" that match ".*" is read: 2 are older than start_date, 1 is younger than min_age, 1 is dated in the future'
like "with what to do" "$out" 'HINT:  Set start_date of the stream to an earlier day. A later run reads files that are old enough. What is dated in the future waits until then: correct its time'
like "and so does a preview" "$(notices "SELECT * FROM baro_preview('t.s')")" 'WARNING:  stream "t.s": none of the 4 files'
put e 5
out=$(load)
like "when some are read those that wait are named" "$out" 'NOTICE:  stream "t.s": 2 files are younger than min_age and wait for a later run, 1 of them dated in the future: "in/c.csv", "in/d.csv"'
unlike "and nothing is a warning" "$out" WARNING

# --- full_refresh ---
config ""
load >/dev/null
seq 10 40 >"$in/x"; put f $(<"$in/x")
load >/dev/null
mkdir "$in/away"
all=$(rows s)
mv "$in"/*.csv "$in/away"
for s in s k; do
    like "full_refresh of a folder without a file refuses to empty the table ($s)" "$(refresh $s)" "ERROR:  stream \"t.$s\": full_refresh would empty its table, because no file in \"in\" matches"
    is "its rows stay ($s)" "$(rows $s)" "$all"
done
like "which is no matter of max_deletes" "$(config ", max_deletes: 100%"; refresh s)" 'ERROR:  stream "t.s": full_refresh would empty its table.*'
config ", start_date: 2030-01-01"; mv "$in"/away/*.csv "$in"
like "nor do files that are too old" "$(refresh s)" 'ERROR:  stream "t.s": full_refresh would empty its table, because none of the 6 files .* is read: 6 are older than start_date'
config ""
mv "$in"/f.csv "$in/away"
for s in s k; do
    out=$(refresh $s)
    like "rows of files that are gone beyond max_deletes stop ($s)" "$out" "ERROR:  stream \"t.$s\": full_refresh would take away 31 of 36 rows, whose files are gone, and max_deletes is 10%"
    like "the file is named ($s)" "$out" 'DETAIL:  The files are "in/f.csv"\.'
    like "the HINT names the key ($s)" "$out" 'max_deletes: 100%'
    is "nothing went ($s)" "$(rows $s)" "$all"
done
is "nothing of it is forgotten" "$(sql "SELECT count(*) FROM barometre.file WHERE path = 'in/f.csv'")" 2
put g $(<"$in/x")
is "rows that another file has are not lost" "$(refresh k | grep ERROR)$(refresh s | grep ERROR) $(rows s)" " $all"
cp "$in/g.csv" "$in/h.csv"; echo 41,x >>"$in/h.csv"; rm "$in/g.csv"; touch -d '1 hour ago' "$in/h.csv"
like "with a key neither those in a file with more" "$(refresh k)" '^k\|1\|36'
like "without one a row belongs to its file" "$(refresh s)" 'would take away 31 of 36 rows'
mv "$in/h.csv" "$in/g.csv"; refresh s >/dev/null; load >/dev/null
rm "$in/e.csv"
like "within the limit they go, and are told" "$(refresh s)" 'NOTICE:  stream "t.s": 1 row goes, of files that are gone: "in/e.csv"'
config ", max_deletes: 0"; rm "$in/d.csv"
like "none may go if the stream says so" "$(refresh k)" 'would take away 2 of 37 rows, whose files are gone, and max_deletes is 0'
config ", max_deletes: 2"
like "or two" "$(refresh k)" 'NOTICE:  stream "t.k": 2 rows go, of files that are gone: "in/d.csv", "in/e.csv"'
config ", start_date: $(date -d '10 minutes ago' +%F), max_deletes: 100%"; touch -d '3 days ago' "$in/g.csv"
like "a later start_date takes rows like a file that is gone" "$(refresh s)" 'NOTICE:  stream "t.s": 35 rows go, of files that are gone or older than start_date: "in/a.csv", "in/b.csv", "in/d.csv", "in/g.csv"'
config ", max_deletes: many"
like "what is no limit is told" "$(load)" 'key "max_deletes" must be a number of rows or a percentage'

# --- What was told is kept ---
new_database
use_project <<YML
version: 1
name: p
roles: {loader: meltano}
stream_defaults: {delimiter: ','}
taps:
  - name: u
    streams:
      - {name: none, path: in/away, pattern: 'typo\\.csv', tests: [{unique: {column_name: k}}]}
      - {name: some, path: in, pattern: 'a\\.csv'}
seeds: [{name: codes}]
jobs:
  - {name: nightly, steps: [{run: u}, {transform: '*'}, {test: '*'}]}
YML
echo "select k from {{ source('u', 'none') }}" >"$project/models/later.sql"
echo "select k from {{ ref('later') }}" >"$project/models/behind.sql"
echo "select k from {{ source('u', 'some') }}" >"$project/models/well.sql"
printf "version: 1\nmodels:\n  - {name: later, columns: [{name: k, tests: [not_null]}]}\n  - {name: well, columns: [{name: k, tests: [{accepted_values: {values: [7], severity: warn}}, {relationships: {to: ref('later'), field: k}}]}]}\n" >"$project/models/well.yml"
touch -d '1 hour ago' "$in/a.csv"
one_line() { sql "$1" | tr '\n' ' '; }
said=$(notices "CALL baro_job('nightly')")
like "a job says how many warnings its steps had" "$said" 'job nightly, step 1/3 run u: succeeded, 1 warning'
like "the summary of a transformation counts skipped tests" "$said" 'NOTICE:  transform: 1 models built, .* 2 tests, 1 skipped'
is "warnings are kept with their step" "$(sql "SELECT name, warnings -> 0 ->> 'message', (warnings -> 0 ->> 'hint') IS NOT NULL FROM barometre.step WHERE kind = 'stream' AND warnings IS NOT NULL")" 'u.none|stream "u.none": no file in "in/away" matches "typo\.csv"|t'
is "those of models too" "$(sql "SELECT name, status, jsonb_array_length(warnings) FROM barometre.step WHERE kind = 'model' ORDER BY name")" $'behind|skipped|1\nlater|skipped|1\nwell|succeeded|'
is "status counts them" "$(sql "SELECT last_run, warnings > 3 FROM barometre.status")" 'succeeded|t'
is "failures has them as warnings" "$(sql "SELECT severity, place, why FROM barometre_internal.failure WHERE place IS NOT NULL ORDER BY place")" 'warning|model later|model "later" is skipped: stream "u.none" was never loaded
warning|stream u.none|stream "u.none": no file in "in/away" matches "typo\.csv"
warning|test later.k not_null and 1 more|2 tests were skipped: "later" does not exist yet
warning|test u.none.k unique|1 test was skipped: "u.none" does not exist yet
warning|test well.k accepted_values|1 failing row'
like "the report has skipped tests" "$(one_line "SELECT what FROM barometre.report")" '"later" does not exist yet'
sql "CALL baro_transform()" >/dev/null
like "and skipped models" "$(one_line "SELECT name, status, what FROM barometre.report")" 'later\|skipped\|stream "u.none" was never loaded'
sql "SELECT * FROM baro_run('u')" >/dev/null
like "and what a load was told" "$(one_line "SELECT what FROM barometre.report")" 'nothing new; WARNING: stream "u.none": no file in "in/away" matches'
like "for people too" "$(one_line "SELECT what, why FROM barometre.failures")" 'WARNING: stream "u.none": no file in.*HINT: The pattern is a'
like "history tells skipped tests" "$(one_line "SELECT what FROM barometre.history WHERE kind = 'test'")" '1 warned, 0 passed, *3 skipped'
like "and warnings" "$(one_line "SELECT what FROM barometre.history WHERE kind = 'run' LIMIT 1")" 'nothing new, 1 *warning'
like "a seed without a file is told with its folders" "$(one_line "SELECT * FROM baro_seed()")" 'Put codes.csv into seeds/ of the project, or into seeds/ below barometre.data_directory.*codes.missing'
is "and remembered" "$(sql "SELECT warnings -> 0 ->> 'message' FROM barometre.step WHERE kind = 'seed'")" 'seed "codes": its file is missing'
printf 'k\n7\n' >"$in/away/typo.csv"; printf 'k\n7\n' >"$in/a.csv"; printf 'a\n1\n' >"$project/seeds/codes.csv"
sql "CALL baro_job('nightly')" >/dev/null; sql "SELECT * FROM baro_seed()" >/dev/null
is "they go when the same things are done without" "$(sql "SELECT severity, place, why FROM barometre_internal.failure") $(sql "SELECT warnings FROM barometre.status")" " 0"
finish
