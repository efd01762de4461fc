# The same records as JSON lines and as CSV; sourced by bench.sh.
. bench/eight.sh
sql -c "ALTER DATABASE postgres SET barometre.project_directory = '$data/project'" -c "CREATE SCHEMA hand"
mkdir -p "$data/project" "$data/lines" "$data/csv" "$data/document"
chmod 777 "$data"/*
records_sql=$(eight timestamp)
columns="id bigint, name text, city text, note text, created timestamp, updated timestamp, amount bigint, score numeric"
types="{name: created, type: timestamp}, {name: updated, type: timestamp}"
cat >"$data/project/barometre.yml" <<YML
version: 1
name: bench
taps:
  - {name: lines, streams: [{name: t, path: lines, pattern: .*, format: jsonl, columns: [$types]}]}
  - {name: keyed, streams: [{name: t, path: lines, pattern: .*, format: jsonl, key_properties: [id], columns: [$types]}]}
  - {name: csv, streams: [{name: t, path: csv, pattern: .*, columns: [$types]}]}
  - {name: document, streams: [{name: t, path: document, pattern: .*, format: json, records_path: data, max_document_size: 4 GB, columns: [$types]}]}
YML
echo "Making files ..."
sql -c "COPY ($records_sql) TO '$data/csv/a.csv' CSV HEADER" -c "COPY (SELECT row_to_json(x) FROM ($records_sql) x) TO '$data/lines/a.jsonl'"
{ printf '{"data": [\n'; sed '$!s/$/,/' "$data/lines/a.jsonl"; printf ']}\n'; } >"$data/document/a.json"
by_hand="CREATE TEMP TABLE s (doc jsonb); COPY s FROM '$data/lines/a.jsonl' CSV QUOTE e'\x01' DELIMITER e'\x02';
    INSERT INTO hand.t SELECT $(sed -E "s/([a-z]+) ([a-z]+)/(doc->>'\1')::\2/g" <<<"$columns") FROM s"
upsert="$by_hand ON CONFLICT (id) DO UPDATE SET name = excluded.name, city = excluded.city, note = excluded.note,
    created = excluded.created, updated = excluded.updated, amount = excluded.amount, score = excluded.score"
hand_table() { sql -c "DROP TABLE IF EXISTS hand.t; CREATE TABLE hand.t ($columns${1:-})"; }

echo "First load ..."
for _ in $(seq "$rounds"); do
    hand_table
    measure "JSON lines, first load, no key" "COPY into jsonb, INSERT ... SELECT" "$by_hand"
    forget csv; measure "JSON lines, first load, no key" "the same as CSV by barometre" "SELECT baro_run('csv')"
    forget lines; measure "JSON lines, first load, no key" barometre "SELECT baro_run('lines')"
    forget document; measure "JSON document, first load, no key" barometre "SELECT baro_run('document')"
done
same hand.t lines.t; same csv.t lines.t; same csv.t document.t
for tap in csv lines document; do forget $tap; done
echo "With a key ..."
forget keyed
hand_table ", PRIMARY KEY (id)"
measure "JSON lines, first load, key" "COPY into jsonb, ON CONFLICT" "$upsert"
measure "JSON lines, first load, key" barometre "SELECT baro_run('keyed')"
same hand.t keyed.t
for _ in $(seq "$rounds"); do
    sleep 2.1; touch "$data/lines/a.jsonl"
    measure "JSON lines, touched, unchanged" "COPY into jsonb, ON CONFLICT" "$upsert"
    measure "JSON lines, touched, unchanged" barometre "SELECT baro_run('keyed')"
    sql -c "VACUUM hand.t"
done
sql -c "DROP TABLE hand.t"; forget keyed
