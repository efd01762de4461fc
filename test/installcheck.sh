#!/usr/bin/env bash
# make installcheck: the pgTAP tests against the server of the environment, which
# runs on this machine. Makes and drops a database baro_installcheck.
set -eu
cd "$(dirname "$0")/.."
data=$(mktemp -d /tmp/barometre.XXXXXX)
chmod 777 "$data"
trap 'psql -X -q -d postgres -c "DROP DATABASE IF EXISTS baro_installcheck WITH (FORCE)"; rm -rf "$data"' EXIT
for script in test/sql/*.sql; do
    test/fresh_database.sh baro_installcheck
    psql -X -q -d postgres -c "ALTER DATABASE baro_installcheck SET barometre.data_directory = '$data'"
    PGDATABASE=baro_installcheck PGOPTIONS="-c client_min_messages=warning" pg_prove --pset tuples_only=1 "$script"
done
