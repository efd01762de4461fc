# A private server with what is built here; sourced by the scripts of this folder, which are in the folder above it.
folder=$PWD/.bench

test/packages.sh
. test/cluster.sh
clean_up() {
    trap - EXIT INT TERM
    [ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null || true
    [ ! -f "$folder/location" ] || { cluster_init "$folder"; cluster_remove; }
}
clean_up # what an earlier one left; takes traps away
trap clean_up EXIT
trap 'exit 130' INT TERM
mkdir -p "$folder"
{ make -j"$(nproc)" && make install; } >"$folder/build.log" 2>&1 || { tail -n 20 "$folder/build.log" >&2; exit 1; }
cluster_init "$folder"
cluster_create "shared_buffers = 1GB" "max_wal_size = 16GB" "checkpoint_timeout = 1h" "log_min_messages = error" ${BENCH_SETTINGS:+"$BENCH_SETTINGS"}
cluster_start
data=$cluster_home/data
export PGDATABASE=postgres PGOPTIONS="-c client_min_messages=warning"
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
