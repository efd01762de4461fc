#!/usr/bin/env bash
# make bench: barometre and the SQL that one would write by hand, in turn, on one private server.
#   BENCH_RECORDS (2000000)  records of the main file    BENCH_ROUNDS (3)  times that each pair is run
#   BENCH_PARTS ("load json singer transform")  what is measured; also "citus"
# Prints one table and keeps it in bench/results. bench/README.md says what the figures mean.
set -euo pipefail
cd "$(dirname "$0")/.."
records=${BENCH_RECORDS:-2000000} rounds=${BENCH_ROUNDS:-3}
. bench/server.sh
sql -c "CREATE EXTENSION barometre" -c "ALTER DATABASE postgres SET barometre.data_directory = '$data'" \
    -c "CREATE TABLE public.measure (n int GENERATED ALWAYS AS IDENTITY, work text, way text, seconds float8, wal numeric, memory float8)"

# measure WORK WAY SQL...: seconds, WAL bytes and the backend's own memory (not shared) of one session.
measure() {
    local work=$1 way=$2 began ended before peak=0 psql_pid sampler backend key size
    shift 2
    sql -c CHECKPOINT
    before=$(sql -c "SELECT pg_current_wal_lsn()")
    : >"$folder/said"
    began=$EPOCHREALTIME
    "$server_bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "${database:-postgres}" -c "SELECT pg_backend_pid()" "${@/#/-c}" >"$folder/said" &
    psql_pid=$!
    # Seldom and with little work: both cores belong to what is measured.
    echo 0 >"$folder/peak"
    while sleep 0.05; do
        read -r backend <"$folder/said" || continue
        while read -r key size _; do
            [ "$key" != RssAnon: ] || { [ "$size" -le "$peak" ] || { peak=$size; echo "$peak" >"$folder/peak"; }; break; }
        done 2>/dev/null <"/proc/$backend/status" || true
    done &
    sampler=$!
    wait $psql_pid
    ended=$EPOCHREALTIME
    kill $sampler; wait $sampler 2>/dev/null || true
    read -r peak <"$folder/peak" || peak=0 # killed while it wrote
    sql -c "INSERT INTO public.measure (work, way, seconds, wal, memory) SELECT '$work', '$way', ${ended/./}/1e6 - ${began/./}/1e6,
        pg_current_wal_lsn() - '$before', $peak / 1024.0"
}
for part in ${BENCH_PARTS:-load json singer transform}; do . "bench/$part.sh"; done

result=bench/results/$(date +%Y-%m-%d)${BENCH_PARTS:+-${BENCH_PARTS// /-}}.md
mkdir -p bench/results
{
    echo "# $(git log -1 --format=%h 2>/dev/null || echo 'no commit'), $records records, $rounds rounds"
    echo
    echo "$(nproc) cores, $(awk '/^model name/ {sub(/.*: /, ""); print; exit}' /proc/cpuinfo), $(awk '/^MemTotal/ {printf "%d GB", $2 / 1048576}' /proc/meminfo); PostgreSQL $(sql -c 'SHOW server_version'), fsync $(sql -c 'SHOW fsync'), wal_level $(sql -c 'SHOW wal_level'), shared_buffers 1GB."
    echo
    echo "| work | way | median s | barometre is faster by | WAL MB | backend memory MB |"
    echo "|---|---|---:|---:|---:|---:|"
    sql -F ' | ' -c "WITH m AS (SELECT work, way, min(n) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS s,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY wal) AS wal, max(memory) AS memory FROM public.measure GROUP BY 1, 2)
        SELECT '| ' || m.work, m.way, round(m.s::numeric, 3), CASE WHEN m.way <> 'barometre' THEN round((m.s / b.s)::numeric, 2) || ' x' ELSE '' END,
            round((m.wal / 1e6)::numeric, 1), round(m.memory::numeric) || ' |'
        FROM m LEFT JOIN m AS b ON b.work = m.work AND b.way = 'barometre' ORDER BY min(m.n) OVER (PARTITION BY m.work), m.n"
} | tee "$result"
