#!/usr/bin/env bash
# What happens between two steps of a call: another session does it just there, at a named point.
. "$(dirname "$0")/../lib.sh"
new_database
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: races
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: s, path: in, pattern: .*\.csv, key_properties: [id]}
      - {name: kept, path: no, pattern: '.*\.csv(\.gz)?', key_properties: [id], max_rejects: 99%}
      - {name: first, path: first, pattern: .*\.csv, key_properties: [id], max_rejects: 99%}
      - {name: many, path: many, pattern: .*\.csv, max_rejects: 1}
      - {name: blank, path: blank, pattern: .*\.csv}
jobs:
  - {name: nightly, interval: '@daily', steps: [{sql: insert into public.done values ('nightly')}, {sql: select 1}]}
YML
super() { role=postgres sql "$1"; }
sql "CREATE TABLE public.done (what text)"
printf 'id,v\n1,a\n2,b\n' >"$BARO_DATA/in/a.csv"
sql "SELECT * FROM baro_run('tap.s')" >/dev/null
said=$BARO_DATA/said
# begin POINT SQL: a call in the background that stands at the point; end POINT: it goes on, and what it said is in $words.
begin() {
    stop_at "$1"
    PGOPTIONS=-cclient_min_messages=warning psql -X -q -At -v VERBOSITY=verbose -d "$db" -U meltano -c "$2" >"$said" 2>&1 & call=$!
    at_point "$1"
    pid=$(super "SELECT pid FROM pg_locks WHERE $here AND locktype = 'advisory' AND NOT granted AND objsubid = 1 LIMIT 1")
}
end() { go_on "$1"; wait $call; words=$(cat "$said"); }
last="SELECT status, sqlstate FROM barometre.run ORDER BY id DESC LIMIT 1"

is "without the setting nobody stops" "$(use_points >/dev/null; super "ALTER DATABASE $db RESET barometre.points"; stop_at load.staged; sql "SELECT inserted FROM baro_run('tap.s')"; go_on load.staged)" 0
like "only a superuser sets it" "$(sql "SELECT count(*) FROM baro_ls(); SET barometre.points = on")" 'permission denied to set parameter "barometre.points"'
use_points

# --- A load ---
printf 'id,v\n3,c\n4,d\n' >"$BARO_DATA/in/b.csv"
begin load.discovered "SELECT inserted FROM baro_run('tap.s')"
printf '5,e\n' >>"$BARO_DATA/in/b.csv"
end load.discovered
like "a file that grows after it was listed is refused" "$words" 'ERROR:  BM005: .*changed while it was read'
is "and nothing of it is there" "$(sql "SELECT count(*) FROM tap.s")" 2
begin load.staged "SELECT inserted, updated, unchanged FROM baro_run('tap.s')"
sql "INSERT INTO tap.s (id, v) VALUES (3, 'mine')"
end load.staged
is "a row that came between reading and merging is updated" "$words" "2|1|0"
is "and is what the file says" "$(sql "SELECT string_agg(v, '' ORDER BY id) FROM tap.s")" abcde
printf 'id,v\n6,f\n' >"$BARO_DATA/in/c.csv"
begin load.merged "SELECT inserted FROM baro_run('tap.s')"
is "what is merged is for nobody to see" "$(sql "SELECT count(*) FROM tap.s")" 5
like "the same stream can't be loaded meanwhile" "$(sql "SELECT * FROM baro_run('tap.s')")" 'is being run by another session'
super "SELECT pg_terminate_backend($pid)" >/dev/null; end load.merged
soon "SELECT status = 'interrupted' FROM barometre.run WHERE id = (SELECT max(id) - 1 FROM barometre.run)"
ok "a session that is ended before it is recorded is interrupted" $?
is "and left nothing" "$(sql "SELECT count(*) FROM tap.s"; sql "SELECT count(*) FROM barometre.file WHERE path LIKE '%c.csv'")" "5
0"
is "the next load has it" "$(sql "SELECT inserted FROM baro_run('tap.s')")" 1

# --- Files whose times are coarse, as whole seconds are ---
# rewrite FILE TEXT: in its place; nothing but the content tells of it. same_times: nor does the time of change in the ledger.
rewrite() { local when=$(stat -c %.9Y "$BARO_DATA/in/$1"); printf "$2" >"$BARO_DATA/in/$1"; touch -d "@$when" "$BARO_DATA/in/$1"; }
same_times() { local f; for f; do super "UPDATE barometre.file SET ctime = to_timestamp($(stat -c %.6Z "$BARO_DATA/in/$f")) WHERE path = 'in/$f'" >/dev/null; done; }
of() { sql "SELECT string_agg(v, '' ORDER BY id) FROM tap.s WHERE id >= 20"; }
printf 'id,v\n20,a\n' >"$BARO_DATA/in/old.csv"; sql "SELECT * FROM baro_run('tap.s')" >/dev/null
printf 'id,v\n21,a\n' >"$BARO_DATA/in/new.csv"; touch -d "@$(date +%s)" "$BARO_DATA"/in/{old,new}.csv
begin load.staged "SELECT inserted FROM baro_run('tap.s')"
rewrite new.csv 'id,v\n21,b\n'; rewrite old.csv 'id,v\n20,b\n'; sleep 2.1
end load.staged; same_times new.csv old.csv
is "what a long load read, or compared, is what it was then" "$words $(of)" "1 aa"
is "a file that was written anew meanwhile, within the same time, is read again" "$(sql "SELECT updated FROM baro_run('tap.s')") $(of)" "2 bb"
super "UPDATE barometre.file SET listed_at = NULL" >/dev/null
rewrite new.csv 'id,v\n21,c\n'; same_times new.csv
is "so is one that 0.1.0 loaded" "$(sql "SELECT updated FROM baro_run('tap.s')") $(of)" "1 bc"
rewrite new.csv 'id,v\n21,d\n'; same_times new.csv; super "UPDATE barometre.file SET listed_at = ctime + interval '2.1 s'" >/dev/null
is "times that were old when the file was listed are trusted" "$(sql "SELECT updated FROM baro_run('tap.s')") $(of)" "0 bc"
rm "$BARO_DATA"/in/{old,new}.csv

# --- Files that are something else before what the table refuses of them is looked up ---
mkdir "$BARO_DATA"/{no,first,many,blank,away}
put() { { echo id,v; printf '%s,%s\n' "$@"; } >"$BARO_DATA/$file"; } # id and value of each record
for f in stays renamed removed replaced packed.gz cut rewritten forged; do file=no/${f/packed.gz/packed}.csv; put "$f" good "no $f" "${f}_raw"; done
gzip "$BARO_DATA/no/packed.csv"; touch -d 2021-01-01 "$BARO_DATA"/no/stays.csv
sql "CREATE TABLE tap.kept (id text PRIMARY KEY, v text CHECK (v NOT LIKE '%raw'), _baro_file int, _baro_line bigint)" >/dev/null
begin load.staged "SELECT inserted, rejected FROM baro_run('tap.kept')"
cd "$BARO_DATA/no"
mv renamed.csv ../away; rm removed.csv; for f in replaced packed; do printf 'id,v\nx,x\nother,other\n' >../away/$f.csv; done; gzip ../away/packed.csv; mv ../away/replaced.csv ../away/packed.csv.gz .
: >cut.csv; printf 'id,v\nother,other\nother,other\n' >rewritten.csv; file=no/forged.csv; cp --attributes-only --preserve=timestamps forged.csv ../away; put forged good "no forged" forged_lie; touch -r ../away/forged.csv forged.csv
cd - >/dev/null
end load.staged
like "files that are replaced, cut, renamed or removed after they were read stop no load" "$words" '^8\|8$'
is "what of them is rejected is shown as it was read, or not at all" "$(sql "SELECT string_agg(regexp_replace(file, 'no/|.csv', '', 'g') || ' ' || line || ' ' || coalesce(convert_from(raw, 'UTF8'), '-'), '; ' ORDER BY file) FROM barometre.reject WHERE stream = 'kept'")" \
    "cut 3 -; forged 3 -; packed.gz 3 no packed.gz,packed.gz_raw; removed 3 no removed,removed_raw; renamed 3 no renamed,renamed_raw; replaced 3 no replaced,replaced_raw; rewritten 3 -; stays 3 no stays,stays_raw"
is "and a warning names each of which nothing is shown" "$(grep -o 'file "no/[a-z]*.csv" changed after it was read; of 1 record that the table refuses only the line' <<<"$words" | cut -d'"' -f2 | sort | tr '\n' ' ')" "no/cut.csv no/forged.csv no/rewritten.csv "
file=first/a.csv; put a 1 a 2 "$(head -c 6000 /dev/urandom | base64 -w 0)" 3
begin load.staged "SELECT inserted, rejected FROM baro_run('tap.first')"
file=away/a.csv; put b 1 c 2 d 3; mv "$BARO_DATA"/{away,first}/a.csv
end load.staged
is "so it is when the key of a new table refuses a record" "$words $(sql "SELECT count(*) FILTER (WHERE octet_length(raw) IS DISTINCT FROM 1024) FROM barometre.reject WHERE stream = 'first'")" "1|1 0"
for f in {1000..1400}; do echo "$f" >"$BARO_DATA/many/$f.csv"; done; sed -i '1i v' "$BARO_DATA"/many/*
sql "CREATE TABLE tap.many (v bigint CHECK (v <> 1400), _baro_file int, _baro_line bigint)" >/dev/null
begin load.staged "SELECT inserted, rejected FROM baro_run('tap.many')"
printf 'v\n9999\n' >"$BARO_DATA/away/1400.csv"; mv "$BARO_DATA"/{away,many}/1400.csv
end load.staged
like "of files that are too many to be kept open the same holds" "$words $(sql "SELECT line, raw FROM barometre.reject WHERE stream = 'many'")" '^400\|1 2\|$'
printf '\n\n\n\n\n' >"$BARO_DATA/blank/a.csv"
begin load.shaped "SELECT inserted FROM baro_run('tap.blank')"
printf 'v\n123' >"$BARO_DATA/blank/a.csv"
end load.shaped
like "a file that had no header when it was opened, and has one now, counts as changed" "$words" 'ERROR:  BM005: .*"blank/a.csv" changed while it was read'
is "and the next load has it" "$(sql "SELECT inserted FROM baro_run('tap.blank')")" 1
rm -r "$BARO_DATA"/{no,first,many,blank}

# --- The memory of runs ---
echo "select 1 as one" >"$project/models/m.sql"
begin run.success "CALL baro_transform()"
is "before success is written a run is running" "$(super "SELECT status FROM barometre_internal.run_state ORDER BY id DESC LIMIT 1")" running
end run.success
is "then it succeeded" "$(sql "$last")" "succeeded|"
echo "select 2 as one" >"$project/models/m.sql"
begin call.done "CALL baro_transform()"
super "SELECT pg_cancel_backend($pid)" >/dev/null; wait $call; go_on call.done
like "a cancel before the commit" "$(cat "$said")" 'ERROR:  57014'
is "is a failure that is remembered" "$(sql "$last")" "failed|57014"
is "and nothing is published" "$(sql "SELECT one FROM analytics.m" 2>&1 | head -n 1)" 1

# --- A transformation ---
echo "select 3 as one" >"$project/models/m.sql"
printf 'select id, v from {{ source("tap", "s") }}\n' >"$project/models/of_s.sql"
begin transform.locked "CALL baro_transform()"
like "the same models can't be built meanwhile" "$(sql "CALL baro_transform()")" 'is being run by another session'
printf 'id,v\n7,g\n' >"$BARO_DATA/in/d.csv"
is "but a load is not held up" "$(sql "SELECT inserted FROM baro_run('tap.s')")" 1
end transform.locked
is "and what is committed before the work begins is seen" "$words$(sql "SELECT count(*) FROM analytics.of_s WHERE id = 7")" 1
printf 'select id, v from {{ source("tap", "s") }} where true\n' >"$project/models/of_s.sql"
begin transform.built "CALL baro_transform()"
printf 'id,v\n8,h\n' >"$BARO_DATA/in/e.csv"
is "a load that commits between building and testing" "$(sql "SELECT inserted FROM baro_run('tap.s')")" 1
end transform.built
is "is not in what is published" "$words$(sql "SELECT count(*) FROM analytics.of_s WHERE id = 8")" 0
is "and makes it stale" "$(sql "SELECT state FROM baro_ls('of_s')")" stale
begin transform.audited "CALL baro_transform()"
sql "INSERT INTO analytics.of_s (id, v) VALUES (0, 'mine')"
end transform.audited
like "who writes into a model's table before it is published makes the call fail" "$words" 'ERROR:  40001: .*another session changed analytics.of_s'
is "which succeeds when it is called again" "$(sql "CALL baro_transform()" >/dev/null; sql "SELECT count(*) FILTER (WHERE id = 0), count(*) FILTER (WHERE id = 8) FROM analytics.of_s")" "0|1"
echo "select 4 as one" >"$project/models/m.sql"
begin transform.published "CALL baro_transform()"
is "before the commit readers see the old version" "$(sql "SELECT one FROM analytics.m")" 3
end transform.published
is "and then the new one" "$(sql "SELECT one FROM analytics.m")" 4

# --- Jobs ---
at="'$(super "SELECT date_trunc('day', now(), timezone) FROM barometre_internal.project")'"
begin job.lock "CALL baro_job('nightly', $at)"
sql "CALL baro_job('nightly', $at)" >"$BARO_DATA/other" 2>&1 & other=$!
soon "SELECT count(*) = 2 FROM pg_stat_activity WHERE datname = '$db' AND wait_event = 'advisory'"
end job.lock; wait $other
is "two calls for the same time run a job once" "$(sql "SELECT count(*) FROM public.done")" 1
is "and remember one run" "$(sql "SELECT count(*) FROM barometre.run WHERE kind = 'job'")" 1
begin job.step "CALL baro_job('nightly')"
like "between its steps a job is running" "$(sql "SELECT last_run FROM barometre.status")" running
like "and can't be run again" "$(sql "CALL baro_job('nightly')")" 'is being run by another session'
end job.step
is "it succeeds" "$(sql "SELECT last_run FROM barometre.status")" succeeded

# --- Registering ---
begin register.locked "SELECT * FROM baro_register_model('first', 'select 1 as one')"
PGOPTIONS='' psql -X -q -At -d "$db" -U meltano -c "SELECT * FROM baro_register_model('second', 'select * from first')" >"$BARO_DATA/other" 2>&1 & other=$!
soon "SELECT count(DISTINCT (classid, objid)) = 2 FROM pg_locks WHERE $here AND locktype = 'advisory' AND NOT granted AND objsubid IN (1, 1650)"
ok "who registers meanwhile waits" $?
end register.locked; wait $other
like "and sees what was registered" "$words $(cat "$BARO_DATA/other")" '^model\|first\|added model\|second\|added$'
is "both are there" "$(sql "SELECT name FROM baro_ls('second')"; sql "SELECT input FROM barometre_internal.model_edge WHERE model = 'second'")" "second
first"
finish
