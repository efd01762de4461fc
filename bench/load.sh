# Loading; sourced by bench.sh.
sql -c "ALTER DATABASE postgres SET barometre.project_directory = '$data/project'" -c "CREATE SCHEMA hand"

# The shapes: each a query that makes its records, and the types that barometre finds or is told.
mkdir -p "$data/project"
for shape in eight numbers french nulls many small; do mkdir -p "$data/$shape"; done
chmod 777 "$data"/*
words="(ARRAY['gendarmerie','brigade','unité','compagnie','région','département'])"
declare -A query=(
    [eight]="SELECT i AS id, $words[1 + i % 6] || ' ' || i % 977 AS name, 'ville-' || i % 3001 AS city, 'n' || i % 17 AS note,
        timestamp '2023-01-01' + i * interval '13 seconds' AS created, timestamp '2024-01-01' + i * interval '7 seconds' AS updated,
        i % 1000 AS amount, round(i % 8000 / 8.0, 3) AS score FROM generate_series(1, $records) i"
    [numbers]="SELECT $(for c in $(seq 60); do printf '%s' "(i * $c) % 100 AS c$c"; [ "$c" = 60 ] || printf ', '; done) FROM generate_series(1, $records / 5) i"
    [french]="SELECT i AS id, repeat($words[1 + i % 6] || E' à l''accueil,\n', 20) AS avis, 'né « ' || i || ' »' AS titre FROM generate_series(1, $records / 5) i"
    [nulls]="SELECT i AS id, CASE WHEN i % 5 > 1 THEN 'x' || i END AS a, CASE WHEN i % 5 > 2 THEN i END AS b, CASE WHEN i % 5 < 3 THEN i / 4.0 END AS c,
        CASE WHEN i % 5 <> 1 THEN 'y' END AS d, CASE WHEN i % 2 = 0 THEN i END AS e FROM generate_series(1, $records) i"
)
declare -A shape_of=(
    [eight]="id bigint, name text, city text, note text, created timestamp, updated timestamp, amount bigint, score numeric"
    [text]="id text, name text, city text, note text, created text, updated text, amount text, score text"
    [numbers]="$(for c in $(seq 60); do printf 'c%s bigint' "$c"; [ "$c" = 60 ] || printf ', '; done)"
    [french]="id bigint, avis text, titre text"
    [nulls]="id bigint, a text, b bigint, c numeric, d text, e bigint"
)
times="{name: created, type: timestamp}, {name: updated, type: timestamp}"
cat >"$data/project/barometre.yml" <<YML
version: 1
name: bench
taps:
  - {name: eight, streams: [{name: t, path: eight, pattern: .*csv, columns: [$times]}]}
  - {name: text, streams: [{name: t, path: eight, pattern: .*csv, columns: [$(sed 's/\([a-z]*\) text/{name: \1, type: text}/g' <<<"${shape_of[text]}")]}]}
  - {name: numbers, streams: [{name: t, path: numbers, pattern: .*csv}]}
  - {name: french, streams: [{name: t, path: french, pattern: .*csv}]}
  - {name: nulls, streams: [{name: t, path: nulls, pattern: .*csv}]}
  - {name: keyed, streams: [{name: t, path: eight, pattern: .*csv, key_properties: [id], columns: [$times]}]}
  - {name: many, streams: [{name: t, path: many, pattern: .*csv}]}
  - {name: small, streams: [{name: t, path: small, pattern: .*csv, key_properties: [id]}]}
YML
echo "Making files ..."
for shape in eight numbers french nulls; do sql -c "COPY (${query[$shape]}) TO '$data/$shape/a.csv' CSV HEADER"; done
for i in $(seq 10000); do printf 'id,v\n' >"$data/many/$i.csv"; seq -f '%.0f,x' $((i * 50)) $((i * 50 + 49)) >>"$data/many/$i.csv"; done
printf 'id,v\n1,a\n' >"$data/small/a.csv"
main=$data/eight/a.csv

forget() { sql -c "DROP SCHEMA IF EXISTS $1 CASCADE; DELETE FROM barometre.file WHERE tap = '$1'; DELETE FROM barometre.bookmark WHERE tap = '$1'"; }
hand_table() { sql -c "DROP TABLE IF EXISTS hand.$1; CREATE TABLE hand.$1 (${shape_of[$2]}${3:-})"; }
same() { # TABLE TABLE SHAPE: the same rows?
    local names
    names=$(names_of "$3")
    [ "$(sql -c "SELECT count(*), sum(hashtextextended(ROW($names)::text, 0)::numeric) FROM $1")" = \
      "$(sql -c "SELECT count(*), sum(hashtextextended(ROW($names)::text, 0)::numeric) FROM $2")" ] ||
        { echo "$1 and $2 do not hold the same rows" >&2; exit 1; }
}
copy() { echo "COPY hand.$1 ${3:-} FROM '$2' CSV HEADER"; }
names_of() { sed -E 's/([a-z0-9]+) [a-z]+/\1/g' <<<"${shape_of[$1]}"; }

for shape in eight text numbers french nulls; do
    echo "First load, $shape ..."
    file=$data/$shape/a.csv; [ -f "$file" ] || file=$main
    for _ in $(seq "$rounds"); do
        hand_table $shape $shape
        measure "first load, no key: $shape" COPY "$(copy $shape "$file")"
        case $shape in eight | text) # what COPY takes for rows that know their line, as barometre's do
            sql -c "DROP SEQUENCE IF EXISTS hand.line CASCADE; CREATE SEQUENCE hand.line CACHE 1000"
            hand_table lineage $shape ", _baro_file integer DEFAULT 1, _baro_line bigint DEFAULT nextval('hand.line')"
            measure "first load, no key: $shape" "COPY, lineage by DEFAULT" "$(copy lineage "$file" "($(names_of $shape))")"
            sql -c "DROP TABLE hand.lineage" ;;
        esac
        forget $shape
        measure "first load, no key: $shape" barometre "SELECT baro_run('$shape')"
    done
    same hand.$shape $shape.t $shape
    sql -c "DROP TABLE hand.$shape"; forget $shape
done

upsert() { # [WHERE] [TABLE]: the statement for staging and ON CONFLICT
    local set="name = excluded.name, city = excluded.city, note = excluded.note, created = excluded.created, updated = excluded.updated, amount = excluded.amount, score = excluded.score"
    echo "CREATE TEMP TABLE s (${shape_of[eight]}); COPY s FROM '$main' CSV HEADER; INSERT INTO hand.${2:-k} AS k SELECT * FROM s ON CONFLICT (id) DO UPDATE SET $set $1"
}
distinct="WHERE (k.name, k.city, k.note, k.created, k.updated, k.amount, k.score) IS DISTINCT FROM (excluded.name, excluded.city, excluded.note, excluded.created, excluded.updated, excluded.amount, excluded.score)"
echo "First load with a key ..."
for _ in $(seq "$rounds"); do
    hand_table k eight ", PRIMARY KEY (id)"
    measure "first load, key" "COPY into the keyed table" "$(copy k "$main")"
    hand_table k eight ", PRIMARY KEY (id)"
    measure "first load, key" "staging, ON CONFLICT" "$(upsert "")"
    forget keyed
    measure "first load, key" barometre "SELECT baro_run('keyed')"
done
same hand.k keyed.t eight
# The plain upsert, whose WAL is compared, writes all rows each time; vacuumed, so that it does not grow.
sql -c "CREATE TABLE hand.plain (LIKE hand.k INCLUDING ALL)" -c "INSERT INTO hand.plain SELECT * FROM hand.k"
plain() { measure "$1" "staging, ON CONFLICT" "$(upsert "" plain)"; sql -c "VACUUM hand.plain"; }
sql -c "VACUUM ANALYZE hand.plain" -c "VACUUM ANALYZE hand.k" -c "VACUUM ANALYZE keyed.t"

both() { # WORK
    measure "$1" "staging, ON CONFLICT WHERE" "$(upsert "$distinct")"
    measure "$1" barometre "SELECT baro_run('keyed')"
}
echo "Loading again ..."
for round in $(seq "$rounds"); do
    sleep 2.1; touch "$main"
    both "touched, unchanged"
    sql -c "COPY (SELECT x.id + $records + $round * 10000000::bigint, x.name, x.city, x.note, x.created, x.updated, x.amount, x.score FROM (${query[eight]} LIMIT $records / 100) x) TO '$data/tail.csv' CSV"
    cat "$data/tail.csv" >>"$main"
    both "1 % appended"
    awk -v from=$((records / 10 * round)) -v n=$((records / 20)) 'NR > from && NR <= from + n { $0 = $0 "1" } { print }' "$main" >"$main.new"; mv "$main.new" "$main"
    both "5 % changed, contiguous"; plain "5 % changed, contiguous"
    awk -v at="$round" 'NR > 1 && NR % 20 == at { $0 = $0 "1" } { print }' "$main" >"$main.new"; mv "$main.new" "$main"
    both "5 % changed, scattered"; plain "5 % changed, scattered"
    same hand.k keyed.t eight
done

echo "Many files ..."
for _ in $(seq "$rounds"); do
    forget many; sleep 2.1
    measure "10,000 files of 50 records, first load" barometre "SELECT baro_run('many')"
    sleep 2.1
    measure "10,000 files, unchanged" barometre "SELECT baro_run('many')"
done
sql -c "SELECT baro_run('small')" >/dev/null; sleep 2.1
sql -c "SELECT baro_run('small')" >/dev/null
for _ in $(seq "$rounds"); do
    measure "1 file, unchanged (in one session: the second call)" barometre "SELECT baro_run('small')" "SELECT baro_run('small')"
done
