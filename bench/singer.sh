# The same records as Singer messages and as CSV; sourced by bench.sh.
. bench/eight.sh
sql -c "ALTER DATABASE postgres SET barometre.project_directory = '$data/project'"
mkdir -p "$data/project" "$data/one" "$data/five" "$data/csv"
chmod 777 "$data"/*
records_sql=$(eight timestamptz)
times="columns: [{name: created, type: timestamptz}, {name: updated, type: timestamptz}]"
cat >"$data/project/barometre.yml" <<YML
version: 1
name: bench
taps:
  - {name: csv, streams: [{name: t, path: csv, pattern: .*, key_properties: [id], $times}]}
  - {name: csv_rows, streams: [{name: t, path: csv, pattern: .*, $times}]}
  - {name: one, format: singer, path: one, pattern: .*, streams: discover}
  - {name: one_rows, format: singer, path: rows, pattern: .*, streams: discover}
  - {name: five, format: singer, path: five, pattern: .*, streams: discover}
YML
echo "Making files ..."
schema() { # STREAM KEY
    echo '{"type": "SCHEMA", "stream": "'"$1"'", "key_properties": ['"$2"'], "schema": {"properties": {"id": {"type": "integer"}, "name": {"type": ["null", "string"]}, "city": {"type": ["null", "string"]}, "note": {"type": ["null", "string"]}, "created": {"type": "string", "format": "date-time"}, "updated": {"type": "string", "format": "date-time"}, "amount": {"type": "integer"}, "score": {"type": "number"}}}}'
}
sql -c "COPY ($records_sql) TO '$data/csv/a.csv' CSV HEADER" -c "COPY (SELECT row_to_json(x) FROM ($records_sql) x) TO '$data/records'"
mkdir "$data/rows"
messages() { sed 's/.*/{"type": "RECORD", "stream": "'"$1"'", "record": &, "time_extracted": "2024-01-01T00:00:00Z"}/'; }
{ schema t '"id"'; messages t <"$data/records"; } >"$data/one/a.singer"
{ schema t ''; messages t <"$data/records"; } >"$data/rows/a.singer"
{ for s in 0 1 2 3 4; do schema "s$s" '"id"'; done; awk '{ print "{\"type\": \"RECORD\", \"stream\": \"s" NR % 5 "\", \"record\": " $0 "}" }' "$data/records"; } >"$data/five/a.singer"
rm "$data/records"; chmod -R a+rX "$data"

echo "First load ..."
for _ in $(seq "$rounds"); do
    forget csv_rows; measure "Singer messages, first load, no key" "the same as CSV by barometre" "SELECT baro_run('csv_rows')"
    forget one_rows; measure "Singer messages, first load, no key" barometre "SELECT baro_run('one_rows')"
    forget csv; measure "Singer messages, first load, key" "the same as CSV by barometre" "SELECT baro_run('csv')"
    forget one; measure "Singer messages, first load, key" barometre "SELECT baro_run('one')"
    forget five; measure "Singer messages, first load, key" "Singer, five streams, interleaved" "SELECT baro_run('five')"
done
same csv.t one.t; same csv_rows.t one_rows.t
for tap in csv csv_rows one one_rows five; do forget $tap; done
