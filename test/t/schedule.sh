#!/usr/bin/env bash
# The entries of cron.job, with a real pg_cron that connects as a client does (libpq), on a server of its own.
. "$(dirname "$0")/../lib.sh"
has_extension pg_cron || skip_all "pg_cron is not installed"
own_server "shared_preload_libraries = 'pg_cron'" "cron.database_name = '$db'" "cron.host = '{}'"
new_database
role=postgres sql "CREATE EXTENSION pg_cron" >/dev/null
long=a-job-whose-name-is-longer-than-what-a-name-of-the-server
yml() { printf 'version: 1\nname: schedule\nroles: {loader: meltano}\njobs:\n'; printf '  - {name: %s, interval: "%s", steps: [{sql: select 1}]}\n' "$@"; }
yml each-minute '* * * * *' nightly '0 2 * * *' "${long}-1" '0 3 * * *' "${long}-2" '0 4 * * *' last_one '0 5 * * *' | use_project
super() { role=postgres sql "$1"; }
schedule() { sql "SELECT change || ' ' || count(*) FROM baro_schedule() GROUP BY change ORDER BY change"; }
entries() { super "SELECT string_agg(jobname || ' ' || schedule, ', ' ORDER BY jobname) FROM cron.job WHERE database = '$1'"; }

is "each job has an entry, with a name of its own" "$(schedule) $(super "SELECT count(DISTINCT jobname), max(octet_length(jobname)) FROM cron.job")" "added 5 5|63"
is "which is kept" "$(schedule)" "unchanged 5"
told=$(notices "SELECT count(*) FROM baro_schedule()")
like "who connects without a password is told" "$told" "connect by the server's socket as role \"meltano\", without a password"
like "and what pg_hba.conf needs" "$told" 'HINT: .*"connection failed".*local '"$db meltano trust"
for change in "active = false" "schedule = '9 9 * * *'" "nodename = 'elsewhere'" "nodeport = 1"; do
    super "UPDATE cron.job SET $change WHERE jobname = 'barometre $db nightly'" >/dev/null
    is "what was changed by hand is put right: $change" "$(schedule) / $(super "SELECT active, schedule, nodename = '$cluster_home', nodeport = current_setting('port')::int FROM cron.job WHERE jobname = 'barometre $db nightly'")" "changed 1
unchanged 4 / t|0 2 * * *|t|t"
done
yml each-minute '* * * * *' nightly '0 2 * * *' > "$project/barometre.yml"
is "what left the project is removed, by its name" "$(sql "SELECT job FROM baro_schedule() WHERE change = 'removed' ORDER BY job")" "${long}-1
${long}-2
last_one"
super "ALTER ROLE meltano NOLOGIN" >/dev/null
like "an owner who can't log in is told before the night" "$(role=postgres notices "SELECT * FROM baro_schedule()")" 'HINT:  As a superuser: ALTER ROLE meltano LOGIN'
super "ALTER ROLE meltano LOGIN" >/dev/null
is "a read-only transaction changes nothing" "$(sql "BEGIN READ ONLY; SELECT * FROM baro_unschedule()" | head -1) $(schedule)" "ERROR:  cron.job can't be changed in a read-only transaction unchanged 2"

# Another database of this server, whose jobs have the same names.
createdb -U postgres "${db}_2"
psql -X -q -U postgres -d "${db}_2" -c "CREATE EXTENSION barometre" -c "ALTER DATABASE ${db}_2 SET barometre.project_directory = '$project'" -c "SELECT count(*) FROM baro_grant()" >/dev/null 2>&1
there() { db=${db}_2 sql "$1"; }
statements() { there "$1" | sed -n '/^DETAIL/,/^HINT/p' | sed '1d;/^HINT/d;/^CONTEXT/,$d'; }
like "where pg_cron lives in another database, its DBA gets statements" "$(there "SELECT * FROM baro_schedule()")" "pg_cron lives in database \"$db\", and not in this one"
statements "SELECT * FROM baro_schedule()" > "$folder/statements"
for _ in 1 2; do psql -X -q -U postgres -d "$db" -v ON_ERROR_STOP=1 -f "$folder/statements" >/dev/null 2>&1 || echo "# the statements failed"; done
is "which make its entries, as often as they are run" "$(entries ${db}_2)" "barometre ${db}_2 each-minute * * * * *, barometre ${db}_2 nightly 0 2 * * *"
is "and leave the others alone" "$(schedule)" "unchanged 2"
like "of which the others are told" "$(notices "SELECT count(*) FROM baro_schedule()")" "NOTICE:  cron.job has 2 entries for database \"${db}_2\", too"
sed -i '/nightly/d' "$project/barometre.yml"
statements "SELECT * FROM baro_schedule()" > "$folder/statements"; psql -X -q -U postgres -d "$db" -f "$folder/statements" >/dev/null 2>&1
is "what left the project is removed there, too" "$(entries ${db}_2)" "barometre ${db}_2 each-minute * * * * *"
soon "SELECT count(*) > 1 FROM cron.job_run_details WHERE status = 'succeeded' AND database IN ('$db', '${db}_2')" 75
is "pg_cron runs jobs in both, by the socket" "$(super "SELECT string_agg(DISTINCT database || ' ' || status, ', ') FROM cron.job_run_details WHERE command LIKE '%each-minute%' AND status <> 'running'")" "$db succeeded, ${db}_2 succeeded"
is "and each knows that" "$(sql "SELECT last_run, next_run <> 'not scheduled' FROM barometre.status WHERE job = 'each-minute'") $(there "SELECT last_run, next_run <> 'not scheduled' FROM barometre.status WHERE job = 'each-minute'")" "succeeded|t succeeded|t"
statements "SELECT * FROM baro_unschedule()" > "$folder/statements"; psql -X -q -U postgres -d "$db" -f "$folder/statements" >/dev/null 2>&1
is "baro_unschedule says how, too" "$(entries ${db}_2)" ""
super "UPDATE cron.job SET database = 'gone' WHERE jobname = 'barometre $db nightly'" >/dev/null
like "entries of a database that is gone are told" "$(notices "SELECT count(*) FROM baro_unschedule()"; notices "SELECT count(*) FROM baro_schedule()")" 'for database "gone", too, which does not exist'
finish
