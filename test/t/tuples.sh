#!/usr/bin/env bash
# Rows of a first load, which the reader lays out, lie in their table as those that COPY makes of the same values: of any width, with NULLs anywhere.
. "$(dirname "$0")/../lib.sh"
has_extension pageinspect || skip_all "pageinspect is not installed"
new_database
admin() { role=postgres sql "$1"; }
admin "CREATE EXTENSION pageinspect" >/dev/null

types=(bigint text numeric integer timestamp boolean date float8 smallint 'varchar(40)' timestamptz uuid varchar bigint bigint text 'numeric(12,2)' 'numeric(30,9)')
values=("i * 1000003 - 500" "repeat('é', i % 90)" "(i * 7919 - 3000) / 100.0" "-i" "'2024-02-28 23:59:00'::timestamp + i * interval '1 hour 7 seconds'" "i % 3 = 0"
    "date '1999-12-30' + i" "i / 8.0" "i" "'v' || i" "'2024-02-28 23:59:00 UTC'::timestamptz - i * interval '1 day'" "md5(i::text)::uuid" "repeat('x', i % 200)" "i % 10" "i" "'t'"
    "(i % 8) * 2.5 - 5" "round((i * 104729 - 400) / 7.0 * 1000000, i % 10)")
yaml=''
widths=(1 5 6 7 13 14 15 18 62)
for width in "${widths[@]}"; do
    mkdir -p "$BARO_DATA/w$width"; chmod 777 "$BARO_DATA/w$width"
    query='' declared='' table=''
    for c in $(seq "$width"); do
        k=$(((c - 1) % 18))
        query+="${query:+, }CASE WHEN (i + $c * 3) % 4 > 0 OR i % 5 = 0 THEN ${values[k]} END AS c$c"
        table+="c$c ${types[k]}, "
        case ${types[k]} in bigint | numeric) ;; *) declared+="{name: c$c, type: '${types[k]}'}, " ;; esac # the others are found
    done
    admin "SET timezone = 'UTC'; COPY (SELECT $query FROM generate_series(1, 700) i) TO '$BARO_DATA/w$width/a.csv' CSV HEADER" >/dev/null
    admin "CREATE TABLE hand$width (${table}_baro_file integer, _baro_line bigint)" >/dev/null
    yaml+="  - {name: w$width, streams: [{name: t, path: w$width, pattern: '.*csv', columns: [${declared%, }]}]}"$'\n'
done
use_project <<YML
version: 1
name: tuples
timezone: UTC
roles: {loader: meltano}
taps:
$yaml
YML
lie() { # TABLE: its rows, as they lie there; not who wrote them, and what the server has found out since
    echo "SELECT t_hoff, t_bits, t_infomask & 7, t_infomask2 & 2047, t_data
        FROM generate_series(0, pg_relation_size('$1') / 8192 - 1) page, heap_page_items(get_raw_page('$1', page::int))"
}
for width in "${widths[@]}"; do
    is "$width columns are loaded" "$(sql "SELECT records FROM baro_run('w$width'); SELECT count(*) FROM w$width.t")" $'700\n700'
    admin "SET timezone = 'UTC'; COPY w$width.t TO '$BARO_DATA/w$width/copy'; COPY hand$width FROM '$BARO_DATA/w$width/copy'" >/dev/null
    is "$width columns lie as COPY lays them" "$(admin "SELECT count(*) FROM ($(lie "w$width.t") EXCEPT $(lie "hand$width")) d")" 0
done
finish
