#!/usr/bin/env bash
# values.sh FILE: type, text and what src/core/value decided (what the type's send function gives, in hexadecimal, or the SQLSTATE of
# a refusal), parted by tabs. PostgreSQL's input functions, in a server of their own, must decide the same, whatever the DateStyle.
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=$PWD/build/fuzz/server.$$
. test/cluster.sh
cluster_init "$folder"
clean_up() { trap - EXIT INT TERM; cluster_remove; }
trap clean_up EXIT
trap 'exit 130' INT TERM
cluster_create "fsync = off" "autovacuum = off" && cluster_start || exit 1
export PGDATABASE=postgres PGOPTIONS='-c client_min_messages=warning'
psql -X -q -v ON_ERROR_STOP=1 <<SQL || exit 1
CREATE TABLE judged (type text, v text, decided text);
\\copy judged FROM PROGRAM 'LC_ALL=C sort -u $1' (FORMAT text)
-- What the server decides: in one row of a day, each with the error of its own.
CREATE FUNCTION server_decides(type text, v text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE out text;
BEGIN
    EXECUTE format('SELECT encode(pg_catalog.%I(%L::%s), ''hex'')',
        CASE type WHEN 'smallint' THEN 'int2send' WHEN 'integer' THEN 'int4send' WHEN 'bigint' THEN 'int8send'
            WHEN 'boolean' THEN 'boolsend' WHEN 'numeric' THEN 'numeric_send' WHEN 'float4' THEN 'float4send'
            WHEN 'float8' THEN 'float8send' ELSE type || '_send' END, v, type) INTO out;
    RETURN out;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END \$\$;
SQL
bad=0
for setting in 'ISO, MDY' 'German, DMY'; do
    for zone in UTC Europe/Paris; do
        out=$(psql -X -At -F ' | ' -c "SET datestyle = '$setting'" -c "SET timezone = '$zone'" -c "
            SELECT type, quote_literal(v), 'decided ' || decided, 'the server ' || server FROM (SELECT *, server_decides(type, v) AS server FROM judged) j
            WHERE decided <> server ORDER BY length(v) LIMIT 20" 2>&1 | grep -v '^SET$')
        [ -z "$out" ] || { bad=1; printf 'values, %s, %s: FOUND\n%s\n' "$setting" "$zone" "$out"; }
    done
done
printf '%-12s %8s decided as the server does\n' values "$(psql -X -At -c 'SELECT count(*) FROM judged')"
exit $bad
