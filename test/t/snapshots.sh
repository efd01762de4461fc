#!/usr/bin/env bash
# Snapshots: the history of a source that changes.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: history
roles: {loader: meltano}
snapshots:
  +schema: past
  +tags: history
YML
mkdir -p "$project/snapshots"
s=$project/snapshots
transform() { ask builder "CALL baro_transform(${1:-})"; }
open_session builder meltano
role=postgres sql "CREATE SCHEMA shop AUTHORIZATION meltano" >/dev/null
sql "CREATE TABLE shop.orders (id int, status text, at timestamp); CREATE TABLE shop.prices (item text, region text, price numeric, note json)" >/dev/null
orders() { sql "TRUNCATE shop.orders; INSERT INTO shop.orders VALUES $1" >/dev/null; }
prices() { sql "DELETE FROM shop.prices; INSERT INTO shop.prices VALUES $1" >/dev/null; }
cat > "$s/orders.sql" <<'SQL'
{# the history of orders #}
{% snapshot orders_then %}
{{ config(strategy='timestamp', unique_key='id', updated_at='at', invalidate_hard_deletes=true) }}
select * from shop.orders
{% endsnapshot %}

{% snapshot prices_then %}
{{ config(strategy='check', unique_key=['item', 'region'], check_cols='all', hard_deletes='new_record') }}
select item, region, price from shop.prices -- {{ this }}
{% endsnapshot %}
SQL
echo "select status, count(*) as n from {{ ref('orders_then') }} where dbt_valid_to is null group by 1" > "$project/models/open_orders.sql"
versions="SELECT id, status, at::date, dbt_valid_from::date, dbt_valid_to::date FROM past.orders_then ORDER BY id, dbt_valid_from, dbt_valid_to"
own="SELECT item || region, price, dbt_valid_to IS NULL AS open, dbt_is_deleted FROM past.prices_then ORDER BY 1, dbt_valid_from, dbt_valid_to"
# What holds whatever happened: versions of a key follow each other, each with an identity of its own.
sound() {
    is "$1" "$(sql "SELECT count(*) FILTER (WHERE dbt_valid_to < dbt_valid_from), count(*) FILTER (WHERE follows < dbt_valid_to), count(*) - count(DISTINCT dbt_scd_id)
        FROM (SELECT *, lead(dbt_valid_from) OVER (PARTITION BY $2 ORDER BY dbt_valid_from, dbt_valid_to) AS follows FROM past.$3) AS t")" "0|0|0"
}

# --- the first versions ------------------------------------------------------------------------------------------------
orders "(1, 'placed', '2024-01-01'), (2, 'placed', '2024-01-01'), (3, 'paid', '2024-01-01')"
prices "('tea', 'n', 1, '{}'), ('tea', 's', 2, '{}'), ('milk', 'n', NULL, '{}')"
like "the report calls them what they are" "$(sql "SELECT kind, name, change FROM baro_load_project()")" '^snapshot\|orders_then\|added'
like "snapshots are built" "$(transform)" 'snapshot orders_then: built'
is "a row is a version that began when the source says" "$(sql "$versions")" "1|placed|2024-01-01|2024-01-01|
2|placed|2024-01-01|2024-01-01|
3|paid|2024-01-01|2024-01-01|"
is "or when it was seen" "$(sql "SELECT bool_and(dbt_valid_from > now() AT TIME ZONE 'UTC' - interval '10 minutes' AND dbt_updated_at = dbt_valid_from), count(*) FROM past.prices_then")" "t|3"
is "its columns are dbt's" "$(sql "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'past.prices_then'::regclass AND attnum > 0")" \
    "item text, region text, price numeric, dbt_scd_id text, dbt_updated_at timestamp without time zone, dbt_valid_from timestamp without time zone, dbt_valid_to timestamp without time zone, dbt_is_deleted text"
is "its identity is dbt's" "$(sql "SELECT dbt_scd_id = md5('1|2024-01-01 00:00:00') FROM past.orders_then WHERE id = 1")" t
is "models read it" "$(sql "SELECT * FROM analytics.open_orders ORDER BY 1")" "paid|1
placed|2"
is "baro_ls says what it is" "$(sql "SELECT name, materialized FROM baro_ls('tag:history') ORDER BY 1")" "orders_then|snapshot
prices_then|snapshot"
is "it is selected as a snapshot" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM baro_ls('resource_type:snapshot')")" "orders_then prices_then"
like "this is the snapshot itself, of several in a file" "$(sql "SELECT baro_compile('prices_then')")" '-- "?past"?\."?prices_then'

# --- what changes, and what does not -----------------------------------------------------------------------------------
places() { sql "SELECT string_agg(ctid || xmin::text, ' ' ORDER BY dbt_scd_id) FROM past.$1"; }
before="$(places orders_then) $(places prices_then)"
transform >/dev/null
is "what did not change is not written" "$(places orders_then) $(places prices_then)" "$before"
kept=$(sql "SELECT ctid FROM past.orders_then WHERE id = 3")
orders "(1, 'paid', '2024-01-02'), (2, 'a change without a new time', '2024-01-01'), (3, 'paid', '2024-01-01'), (4, 'placed', '2024-01-02')"
transform >/dev/null
is "a change ends a version and begins one" "$(sql "$versions")" "1|placed|2024-01-01|2024-01-01|2024-01-02
1|paid|2024-01-02|2024-01-02|
2|placed|2024-01-01|2024-01-01|
3|paid|2024-01-01|2024-01-01|
4|placed|2024-01-02|2024-01-02|"
is "the others stay where they are" "$(sql "SELECT ctid FROM past.orders_then WHERE id = 3")" "$kept"
is "models see the new versions in the same call" "$(sql "SELECT * FROM analytics.open_orders ORDER BY 1")" "paid|2
placed|2"
prices "('tea', 'n', 1.00, '{}'), ('tea', 's', NULL, '{}'), ('milk', 'n', 3, '{}')"
# The server lists 64 subtransactions of a session at most, and then none of any; those with one stand before and behind it.
for other in few many few_more; do
    open_session $other meltano
    ask $other "BEGIN; DO \$\$ BEGIN FOR i IN 1..$([ $other = many ] && echo 65 || echo 1) LOOP
        BEGIN INSERT INTO shop.prices (item) VALUES ('$other'); EXCEPTION WHEN division_by_zero THEN END; END LOOP; END \$\$" >/dev/null
done
like "other sessions may have more subtransactions than the server lists" "$(transform)" 'snapshot prices_then: built'
ask many "SAVEPOINT one_more; INSERT INTO past.prices_then (item) VALUES ('mine')" >/dev/null
like "what is written in one of them is seen" "$(transform "'prices_then'")" 'another session changed past.prices_then while it was being built'
for other in few many few_more; do ask $other ROLLBACK >/dev/null; close_session $other; done
is "check compares values, NULL too" "$(sql "$own")" "milkn||f|False
milkn|3|t|False
tean|1|t|False
teas|2|f|False
teas||t|False"

# --- rows that vanish and come back ------------------------------------------------------------------------------------
orders "(1, 'paid', '2024-01-02'), (2, 'placed', '2024-01-01'), (4, 'placed', '2024-01-02')"
prices "('tea', 'n', 1, '{}'), ('tea', 's', NULL, '{}')"
transform >/dev/null
is "invalidate ends the version of a row that vanished" "$(sql "SELECT count(*), bool_and(dbt_valid_to > now() AT TIME ZONE 'UTC' - interval '10 minutes') FROM past.orders_then WHERE id = 3")" "1|t"
is "new_record says that it was deleted" "$(sql "$own" | grep milk)" "milkn||f|False
milkn|3|f|False
milkn|3|t|True"
before="$(places orders_then) $(places prices_then)"
transform >/dev/null
is "once" "$(places orders_then) $(places prices_then)" "$before"
orders "(1, 'paid', '2024-01-02'), (2, 'placed', '2024-01-01'), (3, 'paid', '2024-01-01'), (4, 'placed', '2024-01-02')"
prices "('tea', 'n', 1, '{}'), ('tea', 's', NULL, '{}'), ('milk', 'n', 3, '{}')"
transform >/dev/null
is "what comes back has a version of its own, which begins after it was away" "$(sql "SELECT count(*), count(*) FILTER (WHERE dbt_valid_to IS NULL), max(dbt_valid_from) > max(dbt_valid_to), max(dbt_updated_at)::date FROM past.orders_then WHERE id = 3")" "2|1|t|2024-01-01"
is "and ends the one that said it was deleted" "$(sql "$own" | grep milk)" "milkn||f|False
milkn|3|f|False
milkn|3|f|True
milkn|3|t|False"
sound "versions of orders follow each other" id orders_then
sound "versions of prices too" "item, region" prices_then

# --- history is not lost -----------------------------------------------------------------------------------------------
before="$(places orders_then) $(places prices_then)"
transform "full_refresh => true" >/dev/null
is "full_refresh keeps history" "$(places orders_then) $(places prices_then)" "$before"
oid=$(sql "SELECT 'past.prices_then'::regclass::oid")
sed -i 's/select item, region, price/select item, region, price, note/' "$s/orders.sql"
prices "('tea', 'n', 1, '{}'), ('tea', 's', NULL, NULL), ('milk', 'n', 3, '{}')"
transform >/dev/null
is "a new column comes to the same table" "$(sql "SELECT 'past.prices_then'::regclass::oid")" "$oid"
is "with a version for each row that has something in it" "$(sql "SELECT item || region, note FROM past.prices_then WHERE dbt_valid_to IS NULL ORDER BY 1")" "milkn|{}
tean|{}
teas|"
is "and NULL in those that were" "$(sql "SELECT count(*), count(note) FROM past.prices_then WHERE dbt_valid_to IS NOT NULL")" "6|0"
sed -i 's/select item, region, price, note/select item, region, note/' "$s/orders.sql"
prices "('tea', 'n', 1, '{\"a\": 1}'), ('tea', 's', NULL, NULL), ('milk', 'n', 3, '{}')"
transform >/dev/null
is "a column that the source lost stays, and is NULL in new versions" "$(sql "SELECT price, note FROM past.prices_then WHERE item = 'tea' AND region = 'n' ORDER BY dbt_valid_from, dbt_valid_to")" "1|
1|{}
|{\"a\": 1}"
sed -i 's/select item, region, note/select item, region, price, note/' "$s/orders.sql"
sql "BEGIN; CALL baro_transform('prices_then'); UPDATE shop.prices SET price = 9 WHERE region = 's'; CALL baro_transform('prices_then'); COMMIT" >/dev/null
sound "two calls in one transaction have one time, and identities of their own" "item, region" prices_then
is "the second one's version is the open one" "$(sql "SELECT price FROM past.prices_then WHERE region = 's' AND dbt_valid_to IS NULL")" 9

# --- what is refused ---------------------------------------------------------------------------------------------------
before=$(places orders_then)
orders "(1, 'paid', '2024-01-05'), (2, 'one', '2024-01-05'), (2, 'two', '2024-01-05')"
out=$(transform "'orders_then'")
like "a key that comes twice is an error" "$out" 'ERROR:  snapshot "orders_then": 2 rows of its SELECT have the key id = 2'
like "with what to do" "$out" 'HINT:  Let the SELECT give one row a key'
orders "(1, 'paid', '2024-01-05'), (NULL, 'one', '2024-01-05')"
like "so is a key that is NULL" "$(transform "'orders_then'")" 'the key is NULL in 1 row of its SELECT'
orders "(1, 'paid', NULL)"
like "and a time that is NULL" "$(transform "'orders_then'")" 'column "at" is NULL in 1 row of its SELECT'
is "nothing of it is published" "$(places orders_then)" "$before"
orders "(1, 'paid', '2024-01-02'), (2, 'lost', '2024-01-06'), (3, 'paid', '2024-01-01'), (4, 'placed', '2024-01-02')"
cat > "$s/orders.yml" <<'YML'
snapshots:
  - name: orders_then
    description: What orders were.
    columns:
      - {name: status, description: Where it is., tests: [{accepted_values: {values: [placed, paid]}}]}
YML
like "its tests run before it is published" "$(transform "'orders_then'")" 'accepted_values of orders_then.status: 1 failing rows'
is "and gate it" "$(places orders_then)" "$before"
orders "(1, 'paid', '2024-01-02'), (2, 'paid', '2024-01-06'), (3, 'paid', '2024-01-01'), (4, 'placed', '2024-01-02')"
transform "'orders_then'" >/dev/null
is "tests see all versions as they will be" "$(sql "SELECT count(*), count(*) FILTER (WHERE dbt_valid_to IS NULL) FROM past.orders_then")" "7|4"
is "descriptions become comments" "$(sql "SELECT obj_description('past.orders_then'::regclass), col_description('past.orders_then'::regclass, 2)")" "What orders were.|Where it is."
sed -i 's/select \* from shop.orders/select id, status, at::date as at from shop.orders/' "$s/orders.sql"
out=$(transform "'orders_then'")
like "history is not converted" "$out" 'column "at" is of type date in its SELECT, and timestamp without time zone in past.orders_then'
like "unless somebody does it" "$out" 'HINT:  Cast it in the SELECT, or: ALTER TABLE past.orders_then ALTER COLUMN "at" TYPE date;'
sed -i "s/unique_key='id'/unique_key='idd'/" "$s/orders.sql"
like "columns of its configuration must be there" "$(transform "'orders_then'")" 'snapshots/orders.sql:3: column "idd" in the key "unique_key" of snapshot "orders_then" is none of its SELECT'
like "baro_plan finds that too" "$(sql "SELECT replace(reason, E'\n', ' ') FROM baro_plan('orders_then')")" 'column "idd" in the key "unique_key"'
sed -i "s/unique_key='idd'/unique_key='id'/; s/select id, status, at::date as at from shop.orders/select id,\n  nope from shop.orders/" "$s/orders.sql"
like "an error in the SQL names the line of the file" "$(transform "'orders_then'")" 'snapshot "orders_then" \(snapshots/orders.sql, line 5\): column "nope" does not exist'
rm "$s/orders.sql" "$s/orders.yml" "$project/models/open_orders.sql"

# --- in YAML -----------------------------------------------------------------------------------------------------------
echo "select item, count(*) as n from shop.prices group by 1" > "$project/models/items.sql"
cat > "$project/models/items.yml" <<'YML'
snapshots:
  - name: items_then
    relation: ref('items')
    config: {strategy: check, unique_key: item, check_cols: [n], indexes: [{columns: [item, dbt_valid_from], unique: true}]}
YML
transform >/dev/null
sql "DELETE FROM shop.prices WHERE region = 's'" >/dev/null
transform >/dev/null
is "a snapshot may be an entry in YAML, and follows its model in one call" "$(sql "SELECT item, n, dbt_valid_to IS NULL FROM past.items_then ORDER BY item, dbt_valid_from")" "milk|1|t
tea|2|f
tea|1|t"
sql "DELETE FROM shop.prices WHERE item = 'milk'" >/dev/null
transform >/dev/null
is "without hard_deletes what vanished stays open" "$(sql "SELECT n FROM past.items_then WHERE item = 'milk' AND dbt_valid_to IS NULL")" 1
is "indexes are made" "$(sql "SELECT count(*) FROM pg_index WHERE indrelid = 'past.items_then'::regclass AND indisunique")" 1
is "tables of snapshots that the project no longer has stay" "$(sql "SELECT count(*) > 0 FROM past.orders_then")" t
sql "CREATE TABLE past.made_by_dbt AS SELECT item, n, md5('dbt' || item) AS dbt_scd_id, t AS dbt_updated_at, t AS dbt_valid_from, NULL::timestamp AS dbt_valid_to
    FROM (VALUES ('tea', 1::bigint), ('milk', 7)) AS v (item, n), CAST('2023-01-01' AS timestamp) AS t" >/dev/null
sed -i 's/items_then/made_by_dbt/; s/check_cols: .n./check_cols: [n], hard_deletes: invalidate/; s/, unique: true//' "$project/models/items.yml"
transform >/dev/null
is "a history that dbt has begun goes on" "$(sql "SELECT item, n, dbt_valid_from::date = '2023-01-01', dbt_valid_to IS NULL FROM past.made_by_dbt ORDER BY item")" "milk|7|t|f
tea|1|t|t"
sql "CREATE TABLE past.taken (item text, n bigint)" >/dev/null
sed -i 's/made_by_dbt/taken/' "$project/models/items.yml"
like "a table that is none of a snapshot is left alone" "$(transform)" 'past.taken is there already, and is no table of a snapshot'
printf '{%% snapshot kept %%}{{ config(strategy="check", unique_key="id", check_cols="all") }}select 1 as id, 2 as v{%% endsnapshot %%}' > "$project/snapshots/kept.sql"
notices "CALL baro_transform('kept')" >/dev/null
rm "$project/snapshots/kept.sql"; echo "{{ config(schema='past') }} select 1 as id, 2 as v" > "$project/models/kept.sql"
like "a model never takes the place of a history" "$(notices "CALL baro_transform('kept')")" 'holds the history of a snapshot'
rm "$project/models/kept.sql"

# --- keys that come twice, however many there are and whatever they look like -----------------------------------------
sql "CREATE TABLE shop.keys (k numeric, c char(4), j jsonb, v int); INSERT INTO shop.keys SELECT i, 'c', '{}', 0 FROM generate_series(1, 60000) i" >/dev/null
cat > "$s/keys.sql" <<'SQL'
{% snapshot keys_then %}{{ config(strategy='check', unique_key=['k', 'c', 'j'], check_cols=['v']) }}select * from shop.keys{% endsnapshot %}
SQL
for memory in 64MB 1MB; do # 1 MB has room for 47,000
    ask builder "SET maintenance_work_mem = '$memory'" >/dev/null
    transform "'keys_then'" >/dev/null
    is "$memory: 60,000 keys" "$(sql "SELECT count(*) FROM past.keys_then")" 60000
    sql "INSERT INTO shop.keys VALUES (59999.00, 'c ', '{ }', 1)" >/dev/null
    like "$memory: a key that is the same and looks otherwise" "$(transform "'keys_then'")" '2 rows of its SELECT have the key k = 59999'
    sql "DELETE FROM shop.keys WHERE v = 1" >/dev/null
    sql "INSERT INTO past.keys_then SELECT * FROM past.keys_then WHERE k = 60000" >/dev/null
    like "$memory: two open versions" "$(transform "'keys_then'")" 'past.keys_then has 2 open versions of the key k = 60000'
    sql "DELETE FROM past.keys_then WHERE ctid = (SELECT max(ctid) FROM past.keys_then WHERE k = 60000)" >/dev/null
done
sql "UPDATE shop.keys SET v = 5 WHERE k <= 3" >/dev/null
transform "'keys_then'" >/dev/null
is "one of many that ended may be there again" "$(sql "SELECT count(*), count(*) FILTER (WHERE dbt_valid_to IS NULL) FROM past.keys_then")" "60003|60000"
sql "UPDATE shop.keys SET v = 6 WHERE k <= 3" >/dev/null
transform "'keys_then'" >/dev/null
is "and again" "$(sql "SELECT count(*), count(*) FILTER (WHERE dbt_valid_to IS NULL) FROM past.keys_then")" "60006|60000"
finish
