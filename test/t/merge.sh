#!/usr/bin/env bash
# Merging by key gives what hand-written SQL gives, in whatever order and form the
# records come, and writes no row that is the same.
. "$(dirname "$0")/../lib.sh"
new_database
files=$BARO_DATA/in
mkdir -p "$files" "$files.swap"
use_project <<'YML'
version: 1
name: merges
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - name: m
        path: in
        pattern: .*\.csv
        key_properties: [id]
        columns: [{name: id, type: integer}, {name: t, type: text}, {name: at, type: timestamp}, {name: yes, type: boolean}, {name: n, type: numeric}]
      - {name: swap, path: in.swap, pattern: .*\.csv, key_properties: [id]}
YML
run() { sql "SELECT records, inserted, updated, unchanged FROM baro_run('tap', '{m}')"; }
load() { cat > "$files/m.csv"; touch -d "@$((RANDOM * 32768 + RANDOM))" "$files/m.csv"; run; }
rows() { sql "SELECT string_agg(m::text, ' ' ORDER BY id) FROM (SELECT id, t, at::date, yes, n FROM tap.m) m"; }

load <<'CSV' >/dev/null
id,t,at,yes,n
1,a,2021-01-01,t,1.5
7,b,2021-01-01,,2
9,,2021-01-01,f,
CSV
stamps=$(sql "SELECT string_agg(xmin::text || ctid, ' ' ORDER BY id) FROM tap.m")
is "the same records again, and a new one" "$(load <<'CSV'
id,t,at,yes,n
0,new,2021-01-01,,
1,a,2021-01-01,t,1.5
7,b,2021-01-01,,2
9,,2021-01-01,f,
CSV
)" "4|1|0|3"
is "leave every row as it was" "$(sql "DELETE FROM tap.m WHERE id = 0; SELECT string_agg(xmin::text || ctid, ' ' ORDER BY id) FROM tap.m")" "$stamps"
is "an equal value in another form is the same too" "$(load <<'CSV'
id,t,at,yes,n
+1,a,20210101,yes,1.50
7,b,2021-01-01 00:00,,2.0
CSV
)" "2|0|0|2"
load <<'CSV' >/dev/null
id,t,at,yes,n
7,changed,20210102,,2
7,b,2021-01-01,,2
CSV
is "the last record of a key wins, also when it is what the table holds" "$(rows)" "(1,a,2021-01-01,t,1.5) (7,b,2021-01-01,,2) (9,,2021-01-01,f,)"
load <<'CSV' >/dev/null
id,t,at,yes,n
1,a,2021-01-01,t,1.5
7,changed,2021-01-01,,2
1,x,2021-01-01,t,1.5
7,b,2021-01-01,,2
CSV
is "the same after the order broke" "$(rows)" "(1,x,2021-01-01,t,1.5) (7,b,2021-01-01,,2) (9,,2021-01-01,f,)"
is "a value that became NULL, one that was NULL, and a new record" "$(load <<'CSV'
id,t,at,yes,n
1,,2021-01-01,t,1.5
8,y,2021-01-01,t,1
9,,2021-01-01,f,0
CSV
)" "3|1|2|0"
is "arrive" "$(rows)" "(1,,2021-01-01,t,1.5) (7,b,2021-01-01,,2) (8,y,2021-01-01,t,1) (9,,2021-01-01,f,0)"
load <<'CSV' >/dev/null
id,t,at,yes,n
-5,first,2021-01-01,t,1
9,,2021-01-01,f,
CSV
is "a key before all others" "$(sql "SELECT count(*) || min(t) FILTER (WHERE id = -5) FROM tap.m")" 5first

printf 'id,a,b\n1,x,\n2,,y\n' > "$files.swap/s.csv"
sql "SELECT FROM baro_run('tap', '{swap}')" >/dev/null
printf 'id,a,b\n1,,x\n2,y,\n' > "$files.swap/s.csv"; touch -d 2021-01-01 "$files.swap/s.csv"
is "a value that moved to another column is a change" "$(sql "SELECT updated FROM baro_run('tap', '{swap}')") $(sql "SELECT string_agg(s::text, ' ' ORDER BY id) FROM (SELECT id, a, b FROM tap.swap) s")" "2 (1,,x) (2,y,)"

role=postgres sql "ALTER TABLE tap.m ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY all_rows ON tap.m USING (true)" >/dev/null
is "row security does not change the outcome" "$(load <<'CSV'
id,t,at,yes,n
8,y,2021-01-01,t,1
9,z,2021-01-01,f,
CSV
)" "2|0|1|1"
role=postgres sql "DROP POLICY all_rows ON tap.m; ALTER TABLE tap.m DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY" >/dev/null
sql "ALTER TABLE tap.m DROP COLUMN n; ALTER TABLE tap.m ADD COLUMN n numeric; UPDATE tap.m SET n = 1" >/dev/null
is "nor does a table whose columns were moved" "$(load <<'CSV'
id,t,at,yes,n
8,y,2021-01-01,t,1
9,z,2021-01-01,f,2
CSV
)" "2|0|1|1"
sql "DROP TABLE tap.m" >/dev/null

# Random changes, duplicates, disorder and forms; the truth is kept by SQL.
role=postgres sql "GRANT ALL ON SCHEMA public TO meltano" >/dev/null
sql "CREATE TABLE truth (id int PRIMARY KEY, t text, at timestamp, yes boolean, n numeric); CREATE TABLE given (seq int, id int, t text, at text, yes text, n numeric)" >/dev/null
for seed in 1 2 3 4 5 6; do
    # Odd rounds come in order, even ones with leaps and repeated keys.
    sql "SELECT setseed($seed / 10.0); TRUNCATE given;
        INSERT INTO given SELECT row_number() OVER (ORDER BY i.n + CASE WHEN $seed % 2 = 0 AND random() < 0.001 THEN 500 * random() ELSE 0 END),
            CASE WHEN $seed % 2 = 0 AND random() < 0.002 THEN i.n - 1 ELSE i.n END,
            CASE WHEN random() < 0.05 THEN NULL WHEN random() < 0.02 THEN 'new ' || $seed ELSE repeat('é', i.n % 90) END,
            CASE WHEN random() < 0.01 THEN '20210103' ELSE '2021-01-03 00:00:0' || i.n % 7 END,
            CASE WHEN random() < 0.01 THEN 'yes' WHEN i.n % 3 = 0 THEN 't' WHEN i.n % 3 = 1 THEN 'f' END, i.n / 4.0
        FROM generate_series($seed * 100, 6000 + $seed * 200) AS i (n) WHERE random() > 0.01" >/dev/null
    psql -X -q -d $db -U meltano -c "COPY (SELECT id, t, at, yes, n FROM given ORDER BY seq) TO STDOUT CSV HEADER" | load > "$files/../counts"
    differ=$(sql "WITH last AS (SELECT DISTINCT ON (id) id, t, at::timestamp, yes::boolean, n FROM given ORDER BY id, seq DESC),
        written AS (INSERT INTO truth AS o SELECT * FROM last ON CONFLICT (id) DO UPDATE SET t = excluded.t, at = excluded.at, yes = excluded.yes, n = excluded.n
            WHERE (o.t, o.at, o.yes, o.n) IS DISTINCT FROM (excluded.t, excluded.at, excluded.yes, excluded.n) RETURNING xmax = 0 AS new)
        SELECT count(*) FILTER (WHERE new) || ' ' || count(*) FILTER (WHERE NOT new) FROM written")
    is "round $seed: the rows are those of SQL" "$(sql "SELECT count(*) FROM (SELECT id, t, at, yes, n FROM tap.m EXCEPT SELECT * FROM truth) x") $(sql "SELECT count(*) - (SELECT count(*) FROM truth) FROM tap.m")" "0 0"
    is "round $seed: as many were written" "$(cut -d'|' -f2,3 "$files/../counts" | tr '|' ' ')" "$differ"
done
finish
