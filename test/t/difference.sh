#!/usr/bin/env bash
# Publishing by difference, against SQL: a model that copies a table, after each change of that table.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: test
roles: {loader: meltano}
YML
echo "{{ config(volatile=true) }} select * from public.source" > "$project/models/m.sql"

# step NAME SQL: changes the source, and asks SQL first what must happen to the rows of the model.
wanted="SELECT coalesce(sum(greatest(source - model, 0)), 0) || '|' || coalesce(sum(greatest(model - source, 0)), 0) || '|' || coalesce(sum(least(source, model)), 0)
    FROM (SELECT count(*) FILTER (WHERE new) AS source, count(*) FILTER (WHERE NOT new) AS model
        FROM (SELECT row::text, true FROM public.source AS row UNION ALL SELECT row::text, false FROM analytics.m AS row) AS both_of (row, new) GROUP BY row) AS counted"
step() {
    local expected got left
    { read -r expected && read -r got && read -r left; } < <(psql -X -q -At -d "$db" -U meltano -c "$2" -c "$wanted" -c "SET maintenance_work_mem = '${memory:-64MB}'" -c "CALL baro_transform()" \
        -c "SELECT inserted, deleted, unchanged FROM barometre.step WHERE name = 'm' ORDER BY run DESC LIMIT 1" -c "$wanted" 2>&1)
    is "$1: the rows that differ are changed, and only those" "$got" "$expected"
    is "$1: the rows are those of the model" "${left%|*}" "0|0"
}
begin() { # NAME COLUMNS
    psql -X -q -d "$db" -U meltano -c "DROP TABLE IF EXISTS analytics.m, public.source; CREATE TABLE public.source ($2)" -c "CALL baro_transform()" >/dev/null 2>&1
}

begin ints "a int, b int"
step "no rows" "SELECT WHERE false"
step "the same numbers with NULL at other places" "INSERT INTO public.source VALUES (NULL, 1), (5, 6), (1, NULL), (NULL, NULL)"
step "NULL and number change places" "UPDATE public.source SET a = b, b = a"
step "equal rows: five where there were three" "DELETE FROM public.source; INSERT INTO public.source SELECT 1, 1 FROM generate_series(1, 3)"
step "equal rows: from three to five" "INSERT INTO public.source VALUES (1, 1), (1, 1)"
step "equal rows: from five to two" "DELETE FROM public.source WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.source LIMIT 3))"
step "all rows go" "DELETE FROM public.source"
step "and others come" "INSERT INTO public.source SELECT i, i FROM generate_series(1, 1000) i"
begin texts "a text, b text"
step "texts that are alike when joined" "INSERT INTO public.source VALUES ('ab', 'c'), ('', 'x'), (NULL, 'x')"
step "the same letters, divided otherwise" "UPDATE public.source SET a = 'a', b = 'bc' WHERE a = 'ab'; UPDATE public.source SET a = 'x', b = '' WHERE a = ''"
step "values that are stored apart or compressed" "INSERT INTO public.source SELECT repeat('x', k), (SELECT string_agg(md5((k * j)::text), '') FROM generate_series(1, 400) j) FROM generate_series(1, 20000, 797) k"
step "one letter at their ends" "UPDATE public.source SET b = b || 'y' WHERE length(a) % 5 = 0"
step "only what a load wrote again" "UPDATE public.source SET a = a"
sql "ALTER TABLE analytics.m ALTER b SET STORAGE EXTERNAL; ALTER TABLE analytics.m ALTER a SET COMPRESSION pglz" >/dev/null
step "another way of storing is no difference" "SELECT WHERE false"
begin types "n numeric, f float8, j json, jb jsonb, x xml, p point, c int[], i interval, t timestamptz, r int4range, h bytea, u uuid, s \"char\", b bool, ip inet, bits bit(3)"
step "types without equality" "INSERT INTO public.source SELECT k, k / 3.0, '{\"a\": 1}', '{\"a\": 1}', '<a/>', point(k, 1), ARRAY[k, NULL], k * interval '1 day', '2024-01-01Z', int4range(k, k + 3), '\\x00', md5(k::text)::uuid, 'x', k % 2 = 0, '10.0.0.1', B'101' FROM generate_series(1, 300) k"
step "1.0 becomes 1.00" "UPDATE public.source SET n = (n || '.00')::numeric WHERE n < 10"
step "json with a blank more" "UPDATE public.source SET j = '{\"a\":  1}' WHERE n > 290"
step "24 hours for a day" "UPDATE public.source SET i = interval '24 hours' WHERE i = interval '1 day'"
step "one element of an array" "UPDATE public.source SET c[2] = 7 WHERE n > 295"
begin none ""
step "rows without columns" "INSERT INTO public.source DEFAULT VALUES; INSERT INTO public.source DEFAULT VALUES"
step "one of them less" "DELETE FROM public.source WHERE ctid = (SELECT ctid FROM public.source LIMIT 1)"

# So large that a sample is asked whether the rows differ at all.
begin large "a int, b text, c text"
step "a large table" "INSERT INTO public.source SELECT i, 'b' || i, repeat(md5(i::text), 10) FROM generate_series(1, 30000) i"
step "all rows of a large table" "UPDATE public.source SET b = b || '.'"
step "all but some, in another order" "CREATE TABLE public.copy AS SELECT a, b || CASE WHEN a % 20 > 0 THEN '.' ELSE '' END AS b, c FROM public.source ORDER BY md5(b); TRUNCATE public.source; INSERT INTO public.source SELECT * FROM public.copy; DROP TABLE public.copy"
step "one copy of each more, or two, or one less" "UPDATE public.source SET b = a / 3, a = 0, c = repeat(md5((a / 3)::text), 10)"
step "most of them, and the rest comes once more" "UPDATE public.source SET b = b || 'x' WHERE b::int % 9 > 0; INSERT INTO public.source SELECT * FROM public.source WHERE b NOT LIKE '%x'"
memory=1MB
step "most rows of a large table" "UPDATE public.source SET b = b || ctid::text WHERE ctid::text NOT LIKE '%1)'"
step "most stay, in several rounds, and many more come" "UPDATE public.source SET b = 'other' WHERE ctid::text LIKE '%7)'; INSERT INTO public.source SELECT i, 'new', '' FROM generate_series(1, 240000) i"
step "and go again" "DELETE FROM public.source WHERE b = 'new'"
sql "ALTER TABLE analytics.m ADD d int; UPDATE analytics.m SET b = b; ALTER TABLE analytics.m DROP d" >/dev/null
step "the same rows in another layout" "SELECT WHERE false"
step "others in another layout" "UPDATE public.source SET c = c || a::text || ctid::text"
memory=64MB

begin many "a int, b text"
memory=1MB # so that it takes several rounds
step "many rows" "INSERT INTO public.source SELECT i, md5(i::text) FROM generate_series(1, 120000) i"
step "a third of many rows, in another order" "CREATE TABLE public.copy AS SELECT a, md5((a + (a % 3 = 0)::int)::text) AS b FROM public.source ORDER BY md5(b); TRUNCATE public.source; INSERT INTO public.source SELECT * FROM public.copy; DROP TABLE public.copy"
step "all of many rows" "UPDATE public.source SET b = b || '.'"
step "many equal rows" "UPDATE public.source SET a = a / 5, b = ''"
step "other numbers of equal rows" "UPDATE public.source SET a = a / 3 + 7000 WHERE a % 2 = 0"

# --- Tables whose rows are not all in their own heap ---
mkdir -p "$BARO_DATA/in" "$project/seeds"
printf 'id,v\n1,a\n2,b\n3,c\n' >"$BARO_DATA/in/a.csv"
printf 'id\n1\n' >"$project/seeds/plain.csv"
echo "{{ config(materialized='materialized_view') }} select 1 as x" >"$project/models/mv.sql"
echo "{{ config(materialized='incremental', unique_key='id', volatile=true) }} select id, v from {{ source('tap', 's') }}" >"$project/models/grows.sql"
use_project <<'YML'
version: 1
name: test
roles: {loader: meltano}
taps: [{name: tap, streams: [{name: s, path: in, pattern: '.*', key_properties: [id]}]}]
YML
super() { role=postgres sql "$1"; }
load() { sql "SELECT inserted, updated, unchanged FROM baro_run('tap', full_refresh => $1)"; }
super "CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; GRANT ALL ON SCHEMA public TO meltano" >/dev/null
load false >/dev/null; sql "CALL baro_transform()" >/dev/null
for what in "analytics.m|select m" "analytics.plain|seed plain" "analytics.grows|select grows"; do
    table=${what%|*} call="CALL baro_transform('${what##* }')"
    printf 'id\n2\n' >"$project/seeds/plain.csv"
    sql "ALTER TABLE $table SET ACCESS METHOD heap2; DELETE FROM $table WHERE ctid = '(0,1)'" >/dev/null
    like "$table of another access method was an internal error" "$(notices "$call")" ' rows \([01] added, [01] removed, [0-9 ]+ unchanged\)'
    is "and ends as it should be" "$(sql "SELECT count(*) > 0 FROM baro_diff('${what##* }') WHERE change <> 'unchanged'")" f
done
is "a materialized view is read as well" "$(sql "CALL baro_transform('mv')")" ""
touch -d 2020-01-01 "$BARO_DATA/in/a.csv"
sql "ALTER TABLE tap.s SET ACCESS METHOD heap2" >/dev/null
is "a stream's table of another access method goes by SQL" "$(load true)" "0|0|3"
sql "ALTER TABLE tap.s SET ACCESS METHOD heap; UPDATE tap.s SET v = 'old' WHERE id = 2" >/dev/null
sql "CREATE TABLE tap.child () INHERITS (tap.s)" >/dev/null
is "so does one with children" "$(load true)" "0|1|2"
rm -f "$project"/models/*; echo "{{ config(volatile=true) }} select * from public.source" > "$project/models/m.sql"
begin rows "a int, b text"
whole() { echo "select $1 from {{ ref('m') }} as m" > "$project/models/whole.sql"; sql "INSERT INTO public.source VALUES (1, 'x')" >/dev/null; notices "CALL baro_transform('m whole')"; }
like "a whole row of a model is no value of another" "$(whole 'm.a, m as pair')" 'ERROR:  model "whole".*: its column "pair" is a whole row of another model'
like "nor are many" "$(whole 'array_agg(m) as pairs')" 'ERROR:  model "whole".*: its column "pairs" is a whole row of another model'
like "what to do works" "$(whole 'to_jsonb(m) as pair')" 'model whole: built, [0-9]+ rows'
finish
