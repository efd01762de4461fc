#!/usr/bin/env bash
# What becomes of a job whose page can't be written, or whose writing is stopped: the same as without one.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
new_database
pages=$BARO_DATA/pages
mkdir -p "$pages" "$project/models"
chmod 777 "$pages"
echo "select 1 as n" >"$project/models/m.sql"
use_project <<'YML'
version: 1
name: writing
roles: {loader: meltano}
jobs:
  - {name: job, page: state.html, steps: [{transform: m}]}
  - {name: short, page: state.html, timeout: 1 s, steps: [{transform: m}]}
  - {name: sorry, page: state.html, steps: [{transform: m}, {sql: SELECT 1 / 0}]}
YML
super "ALTER DATABASE $db SET barometre.page_directory = '$pages'" >/dev/null
psql_is() { psql -X -q -At -d "$db" -U meltano -c "$1" 2>&1; }
last() { sql "SELECT DISTINCT ON (kind) kind || ' ' || status FROM barometre.run WHERE kind IN ('job', 'page') ORDER BY kind, id DESC" | tr '\n' ' '; } # of each
# in_use FILE: another session writes it, and does not come to an end.
in_use() { exec 9>"$pages/.$1.new"; chown --reference="$pages/state.html" "$pages/.$1.new"; flock 9; }
stop() { soon "SELECT count(*) = 1 FROM barometre.run WHERE kind = 'page' AND status = 'running'" 10; super "SELECT pg_${1}_backend(pid) FROM pg_stat_activity WHERE datname = '$db' AND query LIKE 'CALL%'" >/dev/null; wait "$calling"; }
psql_is "CALL baro_job('job')" >/dev/null
is "a page is written" "$(last)|$(ls -A "$pages")" "job succeeded page succeeded |state.html"
old=$(md5sum <"$pages/state.html")

in_use state.html
said=$(PGOPTIONS="-c statement_timeout=2s" psql_is "CALL baro_job('job')")
like "a timeout while it waits is told" "$said" 'WARNING: +the page of job "job" was not written: canceling statement due to statement timeout'
unlike "and no error of the job's" "$said" ERROR
is "which succeeded" "$(last)" "job succeeded page failed "
psql_is "CALL baro_job('short')" >"$BARO_DATA/said" & calling=$!
soon "SELECT count(*) = 1 FROM barometre.run WHERE kind = 'page' AND status = 'running'" 10; sleep 2
is "a job's own time does not count for its page" "$(last)" "job succeeded page running "
stop cancel
like "a cancel stops it" "$(cat "$BARO_DATA/said")" 'WARNING: +the page of job "short" was not written: canceling statement due to user request'
is "the last page stays" "$(md5sum <"$pages/state.html")" "$old"
psql_is "CALL baro_job('sorry')" >"$BARO_DATA/said" & calling=$!
stop cancel
like "a job that failed has its own error, whatever became of its page" "$(cat "$BARO_DATA/said")" 'ERROR: +job "sorry" failed: .*division by zero'
psql_is "CALL baro_job('job')" >"$BARO_DATA/said" & calling=$!
stop terminate
is "nor does the end of its session undo it" "$(sql "SELECT status FROM barometre.run WHERE kind = 'job' ORDER BY id DESC LIMIT 1")" succeeded
exec 9>&-
is "what is left beside it" "$(ls -A "$pages" | tr '\n' ' ')" ".state.html.new state.html "
psql_is "CALL baro_job('job')" >/dev/null
is "is written anew" "$(last)|$(ls -A "$pages")" "job succeeded page succeeded |state.html"
finish
