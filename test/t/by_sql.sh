#!/usr/bin/env bash
# Tables whose rows are in no heap of their own: partitioned ones, and, by a setting that only tests have, ordinary ones, end as ordinary ones do:
# the same random calls give the same rows and the same counts.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
mkdir -p "$BARO_DATA"/{k,n}

write_models() { # the columns of m beside g and v
    cat >"$project/models/m.sql" <<<"select id % 3 as g, v, '1.' || repeat('0', length(v))::text as text, ('1.' || repeat('0', length(v)))::numeric as n, json_build_object('v', v) as j $1 from {{ source('t', 'n') }}"
}
begin() { # HOW: heap, parts or setting
    local how=$1
    new_database
    rm -rf "$BARO_DATA"/{k,n}/* "$project"
    use_project "GRANT ALL ON SCHEMA public TO meltano" <<'YML'
version: 1
name: by_sql
roles: {loader: meltano}
stream_defaults: {delimiter: ',', pattern: '.*\.csv', max_rejects: 100%, max_deletes: 100%}
taps:
  - name: t
    streams:
      - {name: k, path: k, key_properties: [id], columns: [{name: id, type: bigint}, {name: v, type: text}]}
      - {name: n, path: n, columns: [{name: id, type: bigint}, {name: v, type: text}]}
seeds: [{name: s, columns: [{name: id, type: bigint}]}]
YML
    write_models ""
    echo "select id, v, v as u from {{ source('t', 'k') }}" >"$project/models/r.sql"
    echo "{{ config(materialized='incremental', unique_key='g', incremental_strategy='delete+insert', volatile=true) }} select id % 4 as g, v from {{ source('t', 'n') }} {% if is_incremental() %} where id % 4 <> 1 {% endif %}" >"$project/models/i.sql"
    echo "{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns', volatile=true) }} select id, v from {{ source('t', 'k') }} {% if is_incremental() %} where id % 4 <> 1 {% endif %}" >"$project/models/j.sql"
    echo "select g, count(*) as rows from {{ ref('i') }} group by g union all select id, count(*) from {{ ref('j') }} group by id" >"$project/models/sums.sql"
    mkdir -p "$project/snapshots"
    echo "{% snapshot h %}{{ config(unique_key='id', strategy='check', check_cols='all', target_schema='analytics', hard_deletes='new_record') }} select id, v from {{ source('t', 'k') }}{% endsnapshot %}" >"$project/snapshots/h.sql"
    table() { # NAME COLUMN COLUMNS, partitioned by the column or not
        if [ "$how" != parts ]; then sql "CREATE TABLE $1 ($3)"; else
            sql "CREATE TABLE $1 ($3) PARTITION BY RANGE ($2); CREATE TABLE $1_low PARTITION OF $1 FOR VALUES FROM (MINVALUE) TO (2); CREATE TABLE $1_high PARTITION OF $1 FOR VALUES FROM (2) TO (MAXVALUE)"; fi
        sql "CREATE INDEX ON $1 ($2)"
    }
    sql "CREATE SCHEMA IF NOT EXISTS t; CREATE SCHEMA IF NOT EXISTS analytics"
    table t.k id "id bigint PRIMARY KEY, v text, _baro_file int, _baro_line bigint"
    table t.n id "id bigint, v text, extra int DEFAULT 3, _baro_file int, _baro_line bigint"
    table analytics.m g "g bigint, v text, text text, n numeric, j json"
    table analytics.r id "id bigint PRIMARY KEY, v text, u text"
    table analytics.i g "g bigint, v text"
    table analytics.j id "id bigint, v text"
    table analytics.s id "id bigint, v text"
    table analytics.h id "id bigint, v text, dbt_scd_id text, dbt_updated_at timestamp, dbt_valid_from timestamp, dbt_valid_to timestamp, dbt_is_deleted text"
    sql "CREATE TABLE public.refers (id bigint PRIMARY KEY REFERENCES analytics.r (id) ON DELETE CASCADE, since int); INSERT INTO t.n (id, v) VALUES (1, '0'), (1, '0'), (2, '1'); INSERT INTO t.k VALUES (1, '0')"
    printf 'id,v\n2,1\n1,0\n1,0\n' >"$BARO_DATA/n/9.csv"
    [ "$how" != setting ] || { super "ALTER DATABASE $db SET barometre.by_sql = on" >/dev/null; }
}
draw() { # FOLDER: a file of random records, of which some are equal, and some have no number
    local i id rows=$((RANDOM % 7)) name="$BARO_DATA/$1/$((RANDOM % 3)).csv"
    echo id,v >"$name"
    for ((i = 0; i < rows; ++i)); do
        if [ "$1" = k ]; then id=$((RANDOM % 9 == 0 ? 77 : i + RANDOM % 2 * 7)); else id=$((RANDOM % 5)); [ $((RANDOM % 12)) != 0 ] || id=x$id; fi
        echo "$id,$((RANDOM % 3))"
    done >>"$name"
    touch -d "@$((1500000000 + ++clock))" "$name"
}
state() { # all rows, and what the last calls counted
    local table all
    for table in t.k t.n analytics.{m,r,i,j,s,sums} public.refers; do
        all+="SELECT '$table ' || coalesce(string_agg(concat_ws(',', x), ' ' ORDER BY x), '') FROM (SELECT to_jsonb(x) - '_baro_line' - '_baro_file' || jsonb_build_object('file', (SELECT f.path FROM barometre.file f WHERE f.id::text = to_jsonb(x) ->> '_baro_file')) AS x FROM $table x) x UNION ALL "
    done
    sql "${all}SELECT 'h ' || coalesce(string_agg(concat_ws(',', id, v, dbt_is_deleted, dbt_valid_to IS NULL), ' ' ORDER BY id, v, dbt_is_deleted, dbt_valid_to IS NULL), '') FROM analytics.h
        UNION ALL SELECT string_agg(concat_ws(' ', name, status, inserted, updated, unchanged, deleted, rejected, rows), ', ' ORDER BY run, number) FROM barometre.step WHERE run > $last
        UNION ALL SELECT 'left ' || count(*) FROM pg_class WHERE relname LIKE '\_baro%'"
    last=$(sql "SELECT max(id) FROM barometre.run")
}
play() { # HOW: what all steps gave
    local clock=0 step last=0
    RANDOM=$seed
    begin "$1"
    for ((step = 0; step < steps; ++step)); do
        echo "# $step"
        draw k; draw n; draw n
        printf 'id,v\n%s,a\n%s,a\n1,b\n' $((RANDOM % 3)) $((RANDOM % 3)) >"$project/seeds/s.csv"
        case $((step % 8)) in
        2) sql "DELETE FROM analytics.m WHERE v = '1'; INSERT INTO analytics.m SELECT m.* FROM analytics.m m WHERE v = '0'" ;;
        3) sql "TRUNCATE analytics.m, analytics.i" ;;
        4) rm -f "$BARO_DATA/n/1.csv"; sql "SELECT inserted, updated, unchanged FROM baro_run('t', full_refresh => true)" ;;
        5) sql "SELECT * FROM baro_forget('t', 'n', 'n/0.csv', false)"; write_models ", 7 as more" ;;
        6) write_models ", 7::bigint as more"; echo "{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns', volatile=true) }} select id, v, 1 as w from {{ source('t', 'k') }}" >"$project/models/j.sql" ;;
        esac
        sql "SELECT inserted, updated, unchanged, rejected FROM baro_run('t')"
        [ $step != 3 ] || for name in m r i j h s; do sql "SELECT change, key, column_name, rows FROM baro_diff('$name') WHERE rows IS NOT NULL" | grep -v dbt_; done
        sql "CALL baro_transform()"
        sql "INSERT INTO public.refers SELECT id, $step FROM analytics.r WHERE id % 2 = 0 ON CONFLICT DO NOTHING"
        state
    done 2>&1
}
seed=${SEED:-3} steps=${STEPS:-7}
play heap >"$BARO_DATA/heap"
is "ordinary tables are filled" "$(grep -c "^analytics.m {" "$BARO_DATA/heap")" "$steps"
is "no step fails" "$(grep -A2 '^ERROR' "$BARO_DATA/heap")" ""
for how in parts setting; do
    play $how >"$BARO_DATA/$how"
    is "$how: rows and counts are those of ordinary tables" "$(diff "$BARO_DATA/heap" "$BARO_DATA/$how" | head -20)" ""
done

# --- What else becomes of partitioned tables ---
begin parts
rm -r "$project"/{snapshots,models}/* "$BARO_DATA/n/9.csv"
printf 'id,v\n1,a\n2,b\n3,c\n3,c\n3,c\n' >"$BARO_DATA/n/0.csv"
model() { echo "$2" >"$project/models/$1.sql"; } # NAME SQL
transform() { notices "CALL baro_transform(${1-})"; }
rows() { sql "SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM analytics.$1 AS x"; }
sql "DELETE FROM t.n; SELECT count(*) FROM baro_run('t.n'); DROP TABLE analytics.m, analytics.j; CREATE TABLE analytics.m (id bigint, v text) PARTITION BY LIST (id); CREATE TABLE analytics.m3 PARTITION OF analytics.m FOR VALUES IN (3); CREATE TABLE analytics.rest PARTITION OF analytics.m FOR VALUES IN (1, 2, 9)" >/dev/null
model m "select id, v from {{ source('t', 'n') }}"
like "partitions are filled" "$(transform)" 'm: built, 5 rows \(5 added, 0 removed, 0 unchanged\)'
is "each with its own" "$(sql "SELECT string_agg(tableoid::regclass || ' ' || n, ', ' ORDER BY tableoid::regclass::text) FROM (SELECT tableoid, count(*) AS n FROM analytics.m GROUP BY 1) AS x (tableoid, n)")" "analytics.m3 3, analytics.rest 2"
sql "CREATE TABLE public.log (what text); CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.log VALUES (TG_OP || coalesce(new.id, old.id)); RETURN NULL; END'; CREATE TRIGGER note AFTER INSERT OR DELETE ON analytics.m FOR EACH ROW EXECUTE FUNCTION public.note()" >/dev/null
printf 'id,v\n1,a\n2,b\n3,c\n' >"$BARO_DATA/n/0.csv"
sql "SELECT count(*) FROM baro_run('t.n')" >/dev/null
like "of equal rows some go, and are counted" "$(transform)" 'm: built, 3 rows \(0 added, 2 removed, 3 unchanged\)'
is "all are deleted, and those that stay put back" "$(sql "SELECT string_agg(what, ' ' ORDER BY what) FROM public.log") $(rows m)" "DELETE3 DELETE3 DELETE3 INSERT3 (1,a) (2,b) (3,c)"
sql "DROP TRIGGER note ON analytics.m" >/dev/null
is "what is current is not built" "$(sql "SELECT state FROM baro_ls('m')")" current
sql "TRUNCATE analytics.rest" >/dev/null
like "a partition that somebody emptied is filled again" "$(transform "'m', full_refresh => true")" 'm: built, 3 rows \(2 added, 0 removed, 1 unchanged\)'
model m "{{ config(pre_hook='delete from analytics.m where id = 3', volatile=true) }} select id, v from {{ source('t', 'n') }} where id < 3"
model reader "select count(*) as n from {{ ref('m') }}"
transform >/dev/null
sql "INSERT INTO analytics.m3 VALUES (3, 'z')" >/dev/null
like "what a hook writes into a partition is seen" "$(transform)" 'reader: built'
model m "select id::int, v from {{ source('t', 'n') }}"
like "its partition key stays what it is" "$(transform)" 'ERROR:  model "m": column "id" can.t become integer, because analytics.m is partitioned by it'
like "which the plan says as well" "$(sql "SELECT state, reason FROM baro_plan('m')" | tr '\n' ' ')" '^blocked\|.*is partitioned by it'
model m "select v from {{ source('t', 'n') }}"
like "nor does it go" "$(transform)" 'ERROR:  model "m": column "id" can.t go, because analytics.m is partitioned by it'

# Others that write meanwhile
use_points
model m "{{ config(volatile=true) }} select id, v from {{ source('t', 'n') }}"
transform >/dev/null
during() { # SQL: what a call says during which it is run
    stop_at transform.built
    notices "CALL baro_transform('m')" >"$BARO_DATA/said" & local call=$!
    at_point transform.built && sql "SET lock_timeout = '5s'; $1" >/dev/null
    go_on transform.built
    wait $call
    cat "$BARO_DATA/said"
}
sql "CREATE TABLE analytics.m10 (id bigint, v text); INSERT INTO analytics.m10 VALUES (10, 'theirs')" >/dev/null
for change in "INSERT INTO analytics.m VALUES (9, 'theirs')" "UPDATE analytics.m3 SET v = 'theirs'" "ALTER TABLE analytics.m ATTACH PARTITION analytics.m10 FOR VALUES IN (10)"; do
    like "who writes meanwhile is told: ${change%% *}" "$(during "$change")" 'ERROR:  .*another session changed analytics.m while it was being built'
    like "and by the next call it is put right" "$(transform "'m'")" 'm: built, 3 rows \([01] added, 1 removed'
done
is "who reads is not held up" "$(during "SELECT * FROM analytics.m" | grep -c ERROR; rows m)" "0
(1,a) (2,b) (3,c)"

# What can't be written by SQL
super "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE analytics.far (id bigint, v text) SERVER files OPTIONS (program 'echo 8,x', format 'csv'); ALTER FOREIGN TABLE analytics.far OWNER TO meltano; GRANT pg_execute_server_program TO meltano; ALTER TABLE analytics.m ATTACH PARTITION analytics.far FOR VALUES IN (8)" >/dev/null
like "rows at a foreign server that can't go are told" "$(transform "'m'")" 'ERROR:  model "m": analytics.m can.t be written: cannot delete from foreign table "far"'
like "with why" "$(transform "'m'")" 'DETAIL:  It is no plain table: it is a partitioned table'
super "REVOKE pg_execute_server_program FROM meltano" >/dev/null
finish
