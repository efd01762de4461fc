#!/usr/bin/env bash
# Snapshots whose query is compared with the open versions as its rows come, so that only rows which may be new or other ones get a private table.
# A key of type numeric, in which 1 is 1.0, is not compared so: each snapshot has a twin with such a key, which is built by joins of all rows.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: changes
roles: {loader: meltano}
snapshots: {+schema: past, +volatile: true}
YML
mkdir -p "$project/snapshots"
super() { role=postgres sql "$1"; }
super "CREATE SCHEMA shop AUTHORIZATION meltano" >/dev/null
sql "CREATE TABLE shop.rows (id int, kind text, n numeric, j json, at timestamp, far float8)" >/dev/null
names=
snapshot() { # NAME CONFIG KEYS: and its twin
    names+=" $1"
    cat >"$project/snapshots/$1.sql" <<SQL
{% snapshot $1 %}{{ config(unique_key=$3, $2) }} select id, kind, n, j, at, far from shop.rows{% endsnapshot %}
{% snapshot $1_twin %}{{ config(unique_key=$3, $2) }} select id::numeric as id, kind, n, j, at, far from shop.rows{% endsnapshot %}
SQL
}
snapshot stamped "strategy='timestamp', updated_at='at'" "'id'"
snapshot stamped_ends "strategy='timestamp', updated_at='at', invalidate_hard_deletes=true" "'id'"
snapshot stamped_says "strategy='timestamp', updated_at='at', hard_deletes='new_record'" "['kind', 'id']"
snapshot checked "strategy='check', check_cols='all'" "'id'"
snapshot checked_ends "strategy='check', check_cols=['n', 'far'], updated_at='at', hard_deletes='invalidate'" "'id'"
snapshot checked_says "strategy='check', check_cols=['j', 'kind'], hard_deletes='new_record'" "'id'"
snapshot keys "strategy='check', check_cols=['id'], hard_deletes='invalidate'" "['id', 'kind']"
transform() { PGOPTIONS='' psql -X -q -At -d "$db" -U meltano -c "${1:-CALL baro_transform()}" 2>&1; }
# The same versions, values, times and identities, and the same is told of them.
same() { # NAME
    local name differ=
    for name in $names; do
        differ+=$(sql "SELECT '$name: ' || x FROM (SELECT format('%s %s', way, t) AS x FROM
            ((SELECT '-' AS way, to_jsonb(t)::text AS t FROM past.$name t EXCEPT ALL SELECT '-', to_jsonb(t)::text FROM past.${name}_twin t) UNION ALL
            (SELECT '+', to_jsonb(t)::text FROM past.${name}_twin t EXCEPT ALL SELECT '+', to_jsonb(t)::text FROM past.$name t)) t ORDER BY 1 LIMIT 3) x")
    done
    is "$1: the same versions" "$differ" ""
    is "$1: the same steps" "$(sql "SELECT string_agg(DISTINCT a.name, ' ') FROM barometre.step a JOIN barometre.step b ON b.run = a.run AND b.name = a.name || '_twin'
        WHERE a.run = (SELECT max(id) FROM barometre.run) AND (a.status, a.inserted, a.deleted, a.unchanged, a.records) IS DISTINCT FROM (b.status, b.inserted, b.deleted, b.unchanged, b.records)")" ""
}
changed() { sql "SELECT string_agg(concat_ws('/', inserted, deleted), ' ' ORDER BY name) FROM barometre.step WHERE run = (SELECT max(id) FROM barometre.run) AND name NOT LIKE '%twin'"; }

sql "INSERT INTO shop.rows SELECT g, 'k' || g % 3, CASE WHEN g % 7 > 0 THEN g % 5 END, '{\"a\":1}', timestamp '2024-01-01' + g % 9 * interval '1 day', g % 4 FROM generate_series(1, 400) g" >/dev/null
transform >/dev/null
same "the first versions"
transform >/dev/null
same "nothing changed"
is "and nothing is written" "$(changed)" "0/0 0/0 0/0 0/0 0/0 0/0 0/0"
said=$(transform "CALL baro_transform('checked')")
like "which is told as of any other version" "$said" 'snapshot checked: built, 400 rows \(versions: 0 began, 0 ended\)'

# --- what changes ------------------------------------------------------------------------------------------------------
sql "UPDATE shop.rows SET n = n + 1, at = at + interval '1 day' WHERE id % 10 = 0; UPDATE shop.rows SET n = n + 1 WHERE id % 10 = 1; UPDATE shop.rows SET at = at - interval '1 day' WHERE id % 10 = 2;
    UPDATE shop.rows SET j = '{\"a\": 1}', far = -0.0 WHERE id % 20 = 4; UPDATE shop.rows SET n = 3.00 WHERE id % 5 = 3 AND n = 3; UPDATE shop.rows SET n = NULL, at = at + interval '1 s' WHERE id % 30 = 5" >/dev/null
transform >/dev/null
same "values change, and look otherwise"
is "what only looks otherwise is no change" "$(sql "SELECT count(*) FROM past.checked_ends WHERE id % 10 IN (3, 8)")" 80
sql "DELETE FROM shop.rows WHERE id % 8 = 0; INSERT INTO shop.rows SELECT g, 'k' || g % 3, g % 5, NULL, '2024-03-01', g % 4 FROM generate_series(401, 440) g" >/dev/null
transform >/dev/null
same "rows go and come"
transform >/dev/null
same "rows are gone"
is "once" "$(changed)" "0/0 0/0 0/0 0/0 0/0 0/0 0/0"
sql "INSERT INTO shop.rows SELECT g, 'k' || g % 3, g % 5, NULL, '2024-01-01', g % 4 FROM generate_series(8, 400, 16) g; UPDATE shop.rows SET kind = 'k9' WHERE id % 50 = 7" >/dev/null
transform >/dev/null
same "rows come back"
sql "CREATE TABLE shop.away AS SELECT * FROM shop.rows WHERE id % 20 = 12; DELETE FROM shop.rows WHERE id % 20 = 12" >/dev/null
transform >/dev/null
sql "INSERT INTO shop.rows SELECT * FROM shop.away" >/dev/null
transform >/dev/null
same "as they were"
sql "UPDATE shop.rows SET n = id" >/dev/null
transform "BEGIN; CALL baro_transform(); UPDATE shop.rows SET n = n + 1, at = at + interval '1 day' WHERE id < 30; DELETE FROM shop.rows WHERE id BETWEEN 30 AND 40; CALL baro_transform(); COMMIT" >/dev/null
same "all rows, and twice in a transaction"
for round in 1 2 3 4; do
    sql "SELECT setseed(0.$round); DELETE FROM shop.rows WHERE random() < 0.1; UPDATE shop.rows SET n = (random() * 3)::int, at = at + (random() * 2)::int * interval '1 day', far = CASE WHEN random() < 0.5 THEN 'NaN' ELSE 0 END WHERE random() < 0.3;
        INSERT INTO shop.rows SELECT g, 'k' || g % 3, NULL, NULL, timestamp '2024-02-01' + (random() * 9)::int * interval '1 day' FROM generate_series(1, 460) g WHERE random() < 0.5 AND NOT EXISTS (SELECT FROM shop.rows r WHERE r.id = g)" >/dev/null
    transform >/dev/null
    same "by chance $round"
done

# --- a key that looks otherwise is the same ------------------------------------------------------------------------------
sql "CREATE TABLE shop.scaled (id numeric, word text); INSERT INTO shop.scaled VALUES (1, 'a'), (2, 'b')" >/dev/null
echo "{% snapshot scaled %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select * from shop.scaled{% endsnapshot %}" >"$project/snapshots/scaled.sql"
transform "CALL baro_transform('scaled')" >/dev/null
sql "UPDATE shop.scaled SET id = 1.0 WHERE id = 1" >/dev/null
transform "CALL baro_transform('scaled')" >/dev/null
is "1 is 1.0" "$(sql "SELECT id, dbt_valid_to FROM past.scaled ORDER BY 1")" "1|
2|"
sql "INSERT INTO shop.scaled VALUES (1, 'a')" >/dev/null
like "also of rows that come twice" "$(transform "CALL baro_transform('scaled')")" '2 rows of its SELECT have the key id = 1'
rm "$project/snapshots/scaled.sql"

# --- only these get a private table --------------------------------------------------------------------------------------
super "CREATE TABLE public.made (rows bigint); GRANT ALL ON public.made TO PUBLIC; CREATE FUNCTION public.count() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ DECLARE r record; n bigint; BEGIN
    FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE TABLE AS' LOOP EXECUTE 'SELECT count(*) FROM ' || r.object_identity INTO n; INSERT INTO public.made VALUES (n); END LOOP; END \$\$;
    CREATE EVENT TRIGGER made ON ddl_command_end EXECUTE FUNCTION public.count()" >/dev/null
made() { sql "DELETE FROM public.made" >/dev/null; transform "CALL baro_transform('$1')" >/dev/null; sql "SELECT count(*) || ' ' || max(rows) FROM public.made"; }
echo "{% snapshot alone %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select id, n from shop.rows{% endsnapshot %}" >"$project/snapshots/alone.sql"
transform >/dev/null
is "of one that tells of deleted rows no row" "$(made checked_says)" "1 0"
made alone >/dev/null
is "of an unchanged one no row" "$(made alone)" "1 0"
sql "UPDATE shop.rows SET n = 77 WHERE id = (SELECT min(id) FROM shop.rows)" >/dev/null
is "of a changed one few" "$(made alone)" "5 2"
rm "$project/snapshots/alone.sql"
super "DROP EVENT TRIGGER made" >/dev/null
is "none of the private tables is left" "$(sql "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_baro\\_%'")" 0

# --- what is refused -----------------------------------------------------------------------------------------------------
refused() { # NAME SQL SNAPSHOT: in the same words as by joins
    sql "$2" >/dev/null
    local one other
    one=$(transform "CALL baro_transform('$3')" | grep -E '^(ERROR|DETAIL|HINT)')
    other=$(transform "CALL baro_transform('${3}_twin')" | grep -E '^(ERROR|DETAIL|HINT)' | sed 's/_twin//g')
    is "$1" "$one" "$other"
    like "$1: said" "$one" "$4"
}
transform >/dev/null
id=$(sql "SELECT max(id) FROM shop.rows")
refused "a row comes twice, unchanged" "INSERT INTO shop.rows SELECT * FROM shop.rows WHERE id IN ($id, $id - 1)" checked_ends '2 rows of its SELECT have the key id = '
refused "twice, changed" "UPDATE shop.rows SET n = 5.5 WHERE id = $id" checked_ends '2 rows of its SELECT have the key id = '
refused "once unchanged, and others" "DELETE FROM shop.rows WHERE id = $id AND ctid <> (SELECT min(ctid) FROM shop.rows WHERE id = $id); INSERT INTO shop.rows VALUES ($id, 'again')" checked_says '2 rows of its SELECT have the key id = '
refused "a key that is NULL" "DELETE FROM shop.rows a USING shop.rows b WHERE a.id = b.id AND a.ctid > b.ctid; INSERT INTO shop.rows VALUES (NULL, 'x', 1, NULL, now()), (NULL, 'y', 1, NULL, now())" checked 'the key is NULL in 2 rows of its SELECT'
refused "a time that is NULL" "DELETE FROM shop.rows WHERE id IS NULL; UPDATE shop.rows SET at = NULL WHERE id % 9 = 0" checked_ends 'column "at" is NULL in [0-9]+ rows of its SELECT'
refused "two open versions" "UPDATE shop.rows SET at = '2024-05-05' WHERE at IS NULL; INSERT INTO past.checked SELECT * FROM past.checked WHERE id = 3 AND dbt_valid_to IS NULL; INSERT INTO past.checked_twin SELECT * FROM past.checked_twin WHERE id = 3 AND dbt_valid_to IS NULL" checked 'has 2 open versions of the key id = 3'
sql "DELETE FROM past.checked a USING past.checked b WHERE a.ctid > b.ctid AND a.dbt_scd_id = b.dbt_scd_id; DELETE FROM past.checked_twin a USING past.checked_twin b WHERE a.ctid > b.ctid AND a.dbt_scd_id = b.dbt_scd_id" >/dev/null
sed -i 's/, far from/, 1 \/ (far - 100) as far from/' "$project/snapshots/checked.sql"
refused "an error of its query" "UPDATE shop.rows SET far = 100 WHERE id = $id" checked '^ERROR:  snapshot "checked" \(snapshots/checked.sql\): division by zero'
sed -i 's/, 1 \/ (far - 100) as far from/, far, 1 as more from/' "$project/snapshots/checked.sql"
transform >/dev/null
same "a new column"

# --- what a hook writes into it before counts --------------------------------------------------------------------------------
for t in checked_says checked_says_twin; do sed -i "s/snapshot $t %}{{ config(/&pre_hook=\"update past.$t set j = 'null' where id in (3, 5) and dbt_valid_to is null\", /" "$project/snapshots/checked_says.sql"; done
transform >/dev/null
same "a hook"
like "which changed rows" "$(sql "SELECT inserted FROM barometre.step WHERE name = 'checked_says' ORDER BY run DESC LIMIT 1")" '^[1-9]'
sed -i 's/pre_hook="[^"]*", //' "$project/snapshots/checked_says.sql"

# --- where it goes by joins, too -------------------------------------------------------------------------------------------
super "ALTER DATABASE $db SET maintenance_work_mem = '1MB'" >/dev/null
sql "INSERT INTO shop.rows SELECT g, 'k', g % 5, NULL, '2024-05-05', 1 FROM generate_series(1000, 40000) g" >/dev/null
transform "CALL baro_transform('checked_ends checked_ends_twin')" >/dev/null
sql "UPDATE shop.rows SET n = n + 1, at = at + interval '1 day' WHERE id % 100 = 5; DELETE FROM shop.rows WHERE id % 100 = 6" >/dev/null
transform "CALL baro_transform('checked_ends checked_ends_twin')" >/dev/null
same "without the memory"
sql "DELETE FROM shop.rows WHERE id >= 1000; ALTER TABLE past.checked ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON past.checked USING (true); UPDATE shop.rows SET n = n + 1 WHERE id % 100 = 8" >/dev/null
transform >/dev/null
same "with row security"
finish
