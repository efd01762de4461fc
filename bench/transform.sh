# Transforming; sourced by bench.sh.
models_project() { # DATABASE: a database with a project folder $project of its own
    database=$1 project=$data/$1
    mkdir -p "$project/models"
    sql -c "CREATE DATABASE $database"
    sql -d "$database" -c "CREATE EXTENSION barometre" -c "CREATE SCHEMA plain" -c "ALTER DATABASE $database SET barometre.data_directory = '$data'"
    [ -n "${2:-}" ] || sql -c "ALTER DATABASE $database SET barometre.project_directory = '$project'"
    printf 'version: 1\nname: %s\n' "$database" >"$project/barometre.yml"
}
in_database() { sql -d "$database" "$@"; }
forget_builds() { in_database -c "DELETE FROM barometre_internal.build WHERE kind = 'model'"; }
# The same models as CREATE TABLE AS statements, into schema plain.
plain_models() {
    in_database -c "SELECT format('DROP TABLE IF EXISTS plain.%1\$I; CREATE TABLE plain.%1\$I AS' || E'\\n' || '%2\$s;', name, baro_compile(name))
        FROM (SELECT name, row_number() OVER () AS n FROM baro_ls('resource_type:model') WHERE state <> 'blocked') m ORDER BY n"
}

echo "Default project ..."
models_project numerique default
mkdir -p "$data"/{easiware,ppel,perceval,seeds} "$data"/singer/tap_{twitter,partoo,atinternet_gn,atinternet_sp}; chmod 777 "$data" "$data"/* "$data"/singer/*
in_database -v dir="$data" -f demo/data.sql
in_database -c "SELECT baro_run()" >/dev/null
for _ in $(seq "$rounds"); do
    in_database -c "DROP SCHEMA IF EXISTS analytics CASCADE; DELETE FROM barometre_internal.build"
    measure "default project: seeds, models, tests (first)" barometre "SELECT baro_seed()" "CALL baro_transform()" "SELECT baro_test()"
    statements=$(plain_models)
    forget_builds; measure "default project: models again, same rows" "CREATE TABLE AS" "$statements"
    forget_builds; measure "default project: models again, same rows" barometre "CALL baro_transform()"
    for table in $(in_database -c "SELECT name FROM baro_ls('resource_type:model') WHERE state = 'current'"); do
        in_database -c "DELETE FROM analytics.$table"
    done
    forget_builds; measure "default project: models again, all rows new" barometre "CALL baro_transform()"
    measure "default project: models again, all rows new" "CREATE TABLE AS" "$statements"
    measure "default project: nothing stale" barometre "CALL baro_transform()"
done

echo "Generated models ..."
models_project many_models
for i in $(seq 500); do echo "select id + 1 as id, name, total * 2 as total from {{ ref('m$((i - 1 - (i - 1) % 10 ))') }} where id > 0" >"$project/models/m$i.sql"; done
echo "select g as id, 'n' || g as name, g::numeric as total from generate_series(1, 10) g" >"$project/models/m0.sql"
in_database -c "SELECT baro_load_project()" >/dev/null
for _ in $(seq "$rounds"); do
    measure "501 models: baro_plan" barometre "SELECT count(*) FROM baro_plan()"
    forget_builds; measure "501 models: build" barometre "CALL baro_transform()"
    statements=$(plain_models); measure "501 models: build" "CREATE TABLE AS" "$statements"
    measure "501 models: nothing stale" barometre "CALL baro_transform()"
done
models_project forty
for i in $(seq 40); do cp "$data/many_models/models/m$((i % 11)).sql" "$project/models/m$i.sql"; done
cp "$data/many_models/models/m0.sql" "$project/models/"
sed -i 's/m10/m0/' "$project"/models/m*.sql
in_database -c "CALL baro_transform()" -c "CALL baro_transform()"
for _ in $(seq "$rounds"); do measure "41 models: nothing stale" barometre "CALL baro_transform()"; done

echo "Large models ..."
models_project large
in_database -c "CREATE TABLE plain.source AS SELECT i AS id, 'name ' || i % 977 AS name, 'city-' || i % 3001 AS city, 'n' || i % 17 AS note,
    timestamp '2023-01-01' + i * interval '13 seconds' AS created, i % 1000 AS amount, round(i % 8000 / 8.0, 3) AS score
    FROM generate_series(1, $records::bigint) i" -c "VACUUM ANALYZE plain.source"
echo "{{ config(volatile=true) }} select * from plain.source" >"$project/models/big.sql"
echo "{{ config(volatile=true) }} select name, count(*) as n, sum(amount) as amount, avg(score) as score, count(distinct city) as cities, percentile_cont(0.5) within group (order by created - timestamp '2023-01-01') as middle from plain.source group by name" \
    >"$project/models/aggregate.sql"
for way in difference swap; do
    echo "{{ config(volatile=true, publish='$way', indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['city', 'name']}, {'columns': ['created']}]) }} select * from plain.source" >"$project/models/by_$way.sql"
done
indexed="BEGIN; CREATE TABLE plain.made AS SELECT * FROM plain.source; CREATE UNIQUE INDEX ON plain.made (id); CREATE INDEX ON plain.made (city, name); CREATE INDEX ON plain.made (created);
    DROP TABLE IF EXISTS plain.indexed; ALTER TABLE plain.made RENAME TO indexed; COMMIT"
in_database -c "CALL baro_transform('by_difference by_swap')"
mkdir -p "$project/snapshots"
echo "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols=['name', 'city', 'amount']) }} select id, name, city, amount from plain.source{% endsnapshot %}" >"$project/snapshots/history.sql"
versions="BEGIN; CREATE TEMPORARY TABLE other ON COMMIT DROP AS SELECT s.id, s.name, s.city, s.amount FROM plain.source s LEFT JOIN plain.history t ON t.id = s.id AND t.ends IS NULL
    WHERE t.id IS NULL OR (s.name, s.city, s.amount) IS DISTINCT FROM (t.name, t.city, t.amount);
    UPDATE plain.history t SET ends = now() FROM other o WHERE o.id = t.id AND t.ends IS NULL; INSERT INTO plain.history SELECT id, name, city, amount, now() FROM other; COMMIT"
ended="SELECT count(*), sum(hashtextextended(format('%s %s %s %s', id, name, city, amount), 0)::numeric)"
echo "{{ config(materialized='incremental', unique_key='id', indexes=[{'columns': ['id'], 'unique': true}]) }} select * from plain.source {% if is_incremental() %} where created > (select max(created) from {{ this }}) {% endif %}" >"$project/models/rising.sql"
in_database -c "CALL baro_transform('rising')" -c "CREATE TABLE plain.rising AS SELECT * FROM analytics.rising" -c "CREATE UNIQUE INDEX ON plain.rising (id)" -c "VACUUM ANALYZE plain.rising, analytics.rising"
newer="INSERT INTO plain.rising SELECT * FROM plain.source WHERE created > (SELECT max(created) FROM plain.rising)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, city = excluded.city, note = excluded.note, created = excluded.created, amount = excluded.amount, score = excluded.score"
big="DROP TABLE IF EXISTS plain.big; CREATE TABLE plain.big AS SELECT * FROM plain.source"
measure "$records rows: first build" "CREATE TABLE AS" "$big"
measure "$records rows: first build" barometre "CALL baro_transform('big')"
for round in $(seq "$rounds"); do
    measure "$records rows: none changed" "CREATE TABLE AS" "$big"
    measure "$records rows: none changed" barometre "CALL baro_transform('big')"
    in_database -c "UPDATE plain.source SET amount = amount + 1 WHERE id % 100 = $round" -c "VACUUM plain.source"
    measure "$records rows: 1 % changed" "CREATE TABLE AS" "$big"
    measure "$records rows: 1 % changed" barometre "CALL baro_transform('big')"
    measure "$records rows, three indexes: 1 % changed" "CREATE TABLE AS" "$indexed"
    measure "$records rows, three indexes: 1 % changed" barometre "CALL baro_transform('by_difference')"
    in_database -c "UPDATE plain.source SET amount = amount + 1" -c "VACUUM FULL plain.source"
    measure "$records rows: 100 % changed" "CREATE TABLE AS" "$big"
    measure "$records rows: 100 % changed" barometre "CALL baro_transform('big')"
    [ "$(in_database -c "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.big t")" = \
      "$(in_database -c "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM plain.big t")" ] || { echo "analytics.big is not what it should be" >&2; exit 1; }
    for way in swap difference; do
        measure "$records rows, three indexes: 100 % changed, by $way" "CREATE TABLE AS" "$indexed"
        measure "$records rows, three indexes: 100 % changed, by $way" barometre "CALL baro_transform('by_$way')"
    done
    in_database -c "VACUUM analytics.big"
    measure "aggregates" "CREATE TABLE AS" "DROP TABLE IF EXISTS plain.aggregate; CREATE TABLE plain.aggregate AS $(sed 's/{{.*}}//' "$project/models/aggregate.sql")"
    measure "aggregates" barometre "CALL baro_transform('aggregate')"
done


in_database -c "CALL baro_transform('history')" -c "CREATE TABLE plain.history AS SELECT id, name, city, amount, dbt_valid_from AS begins, dbt_valid_to AS ends FROM analytics.history" -c "VACUUM ANALYZE plain.history, analytics.history"
for round in $(seq "$rounds"); do
    in_database -c "UPDATE plain.source SET amount = amount + 1 WHERE id % 100 = $round" -c "VACUUM plain.source"
    measure "snapshot of $records rows: 1 % changed" "join, UPDATE, INSERT" "$versions"
    measure "snapshot of $records rows: 1 % changed" barometre "CALL baro_transform('history')"
    [ "$(in_database -c "$ended FROM analytics.history")" = "$(in_database -c "$ended FROM plain.history")" ] || { echo "analytics.history is not what it should be" >&2; exit 1; }
    in_database -c "INSERT INTO plain.source SELECT i, name, city, note, created + interval '1 second' * (i - m), amount, score FROM (SELECT max(id) AS m, max(created) AS at FROM plain.source) x,
        generate_series(m + 1, m + 10000) i, LATERAL (SELECT name, city, note, at AS created, amount, score FROM plain.source LIMIT 1) y" -c "VACUUM ANALYZE plain.source"
    measure "incremental, 10,000 of $records rows are new" "INSERT ... ON CONFLICT" "$newer"
    measure "incremental, 10,000 of $records rows are new" barometre "CALL baro_transform('rising')"
    [ "$(in_database -c "SELECT count(*), sum(id) FROM analytics.rising")" = "$(in_database -c "SELECT count(*), sum(id) FROM plain.rising")" ] || { echo "analytics.rising is not what it should be" >&2; exit 1; }
done

# What a reader notices: the longest time of a query that is asked every 5 ms while all rows of a table are replaced.
for table in big by_swap; do
in_database -c "UPDATE plain.source SET amount = amount + 1" -c "VACUUM plain.source"
cat >"$folder/reader.sql" <<SQL
\sleep 5 ms
SELECT amount FROM analytics.$table WHERE ctid = '(0,1)';
SQL
rm -f "$folder"/reader.log*
"$server_bin/pgbench" -n -f "$folder/reader.sql" -T 600 -l --log-prefix="$folder/reader.log" "$database" >/dev/null 2>&1 &
reader=$!
in_database -c "CALL baro_transform('$table')"
kill $reader; wait $reader 2>/dev/null || true
# The third field is the time in microseconds, the sleep of 5 ms with it.
sql -c "INSERT INTO public.measure (work, way, seconds, wal, memory) SELECT 'longest wait of a reader during a publication of $records rows$([ $table = big ] || echo , by swap)', 'barometre',
    $(cat "$folder"/reader.log* | awk '{ if ($3 > most) most = $3 } END { print (most - 5000) / 1e6 }'), 0, 0"
done

echo "Independent models ..."
models_project sixteen
for i in $(seq 16); do
    echo "{{ config(volatile=true) }} select i % 1000 as k, count(*) as n, sum(sqrt(i::float8 * $i)) as s, md5(string_agg(i::text, ',' order by i)) as h from generate_series(1, 400000) i group by 1" \
        >"$project/models/m$i.sql"
done
in_database -c "SELECT baro_load_project()" >/dev/null
statements=$(plain_models)
for _ in $(seq "$rounds"); do
    measure "16 independent models" "CREATE TABLE AS" "$statements"
    measure "16 independent models" "barometre, one thread" "SET barometre.threads = 1" "CALL baro_transform()"
    measure "16 independent models" barometre "CALL baro_transform()"
    [ "$(in_database -c "SELECT sum(hashtextextended(t::text, 0)::numeric) FROM analytics.m7 t")" = \
      "$(in_database -c "SELECT sum(hashtextextended(t::text, 0)::numeric) FROM plain.m7 t")" ] || { echo "analytics.m7 is not what it should be" >&2; exit 1; }
done
