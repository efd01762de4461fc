# One server against a coordinator and two workers on the same machine, which shows what a cluster costs and not what more machines give; sourced by
# bench.sh. Only where the server has Citus.
. bench/eight.sh
[ -n "$(sql -c "SELECT 1 FROM pg_available_extensions WHERE name = 'citus'")" ] || { echo "citus: skipped, the server has no Citus" >&2; return 0; }

# The three nodes, below the folder of the private server, which go with this script.
nodes=()
remove_nodes() {
    local node
    for node in "${nodes[@]}"; do (cluster_init "$folder/$node"; cluster_remove); done
}
trap 'remove_nodes; clean_up' EXIT
start_node() ( # NAME
    cluster_init "$folder/$1"
    cluster_create "shared_preload_libraries = 'citus'" "citus.local_hostname = '$PGHOST'" "shared_buffers = 512MB" "max_wal_size = 16GB" "checkpoint_timeout = 1h" \
        "max_prepared_transactions = 100" "log_min_messages = error"
    cluster_start
    psql -X -q -c "CREATE EXTENSION barometre" -c "CREATE EXTENSION citus"
)
at_node() { echo "host=$(cat "$folder/$1/location") port=$(cat "$folder/$1/port") dbname=postgres"; }
for node in worker1 worker2 coordinator; do nodes+=("$node"); start_node "$node"; done
on_nodes() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$(at_node coordinator)" "$@"; }
place() { echo "'$(cat "$folder/$1/location")', $(cat "$folder/$1/port")"; }
on_nodes -c "SELECT citus_set_coordinator_host($(place coordinator))" -c "SELECT citus_add_node($(place worker1))" -c "SELECT citus_add_node($(place worker2))" >/dev/null

mkdir -p "$data/grown"; chmod 777 "$data/grown"
project_of() { # FOLDER SPREAD BESIDE: the same project, whose tables are spread or not
    mkdir -p "$1/models"
    printf 'version: 1\nname: grown\ntaps:\n  - {name: grown, streams: [{name: t, path: grown, pattern: .*csv, key_properties: [id], columns: [{name: created, type: timestamp}, {name: updated, type: timestamp}]%s}]}\n' "$2" >"$1/barometre.yml"
    echo "{{ config(volatile=true$3) }} select id, name, city, note, created, updated, amount * 2 as amount, score from {{ source('grown', 't') }}" >"$1/models/big.sql"
    echo "select city, count(*) as rows, sum(amount) as amount from {{ ref('big') }} group by city" >"$1/models/cities.sql"
}
project_of "$data/one" "" ""
project_of "$data/three" ", distributed_by: id" ", distributed_by='id', colocate_with='grown.t'"
sql -c "ALTER DATABASE postgres SET barometre.project_directory = '$data/one'"
on_nodes -c "ALTER DATABASE postgres SET barometre.project_directory = '$data/three'" -c "ALTER DATABASE postgres SET barometre.data_directory = '$data'"

records_file() { sql -c "COPY ($(eight timestamp)) TO '$data/grown/a.csv' CSV HEADER"; }
both() { # WORK SQL
    measure "$1" barometre "$2"
    database=$(at_node coordinator) measure "$1" "a coordinator and two workers" "$2"
}
equal() { # TABLE
    local hash="count(*), sum(hashtextextended(ROW($names)::text, 0)::numeric)"
    [ "$(sql -c "SELECT $hash FROM $1")" = "$(on_nodes -c "SELECT $hash FROM $1")" ] || { echo "the cluster has other rows of $1" >&2; exit 1; }
}
for _ in $(seq "$rounds"); do
    records_file
    for where in sql on_nodes; do
        $where -c "DROP SCHEMA IF EXISTS grown, analytics CASCADE" -c "DELETE FROM barometre.file" -c "DELETE FROM barometre.bookmark" -c "DELETE FROM barometre_internal.build"
    done
    both "spread tables: first load, key" "SELECT baro_run('grown')"
    both "spread tables: first build" "CALL baro_transform()"
    sed -i '3~20s/gendarmerie/police/' "$data/grown/a.csv" # of the rows with that word one of ten
    both "spread tables: 1 of 60 rows changed, load" "SELECT baro_run('grown')"
    both "spread tables: 1 of 60 rows changed, build" "CALL baro_transform()"
    equal grown.t; equal analytics.big
done
sql -c "ALTER DATABASE postgres RESET barometre.project_directory"
