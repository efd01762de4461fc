# Calls that end alike whatever tables the project has: for scripts that source lib.sh. play HOW runs the same random loads and transformations of one
# project on tables that new_table makes in the way of HOW, and prints all rows and counts after each.
#   SEED, STEPS: which calls, and how many
#   new_table HOW NAME COLUMN COLUMNS: the script's own; the column is one that the rows may be spread by
#   new_place HOW: the script's own; after the database was made
super() { role=postgres sql "$1"; }
mkdir -p "$BARO_DATA"/{k,n}

write_models() { # the columns of m beside g and v
    cat >"$project/models/m.sql" <<<"select id % 3 as g, v, '1.' || repeat('0', length(v))::text as text, ('1.' || repeat('0', length(v)))::numeric as n, json_build_object('v', v) as j $1 from {{ source('t', 'n') }}"
}
begin() { # HOW: heap, parts or setting
    local how=$1
    new_database
    new_place "$how"
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
    table() { new_table "$how" "$@"; sql "CREATE INDEX ON $1 ($2)"; }
    sql "CREATE SCHEMA IF NOT EXISTS t; CREATE SCHEMA IF NOT EXISTS analytics"
    table t.k id "id bigint PRIMARY KEY, v text, _baro_file int, _baro_line bigint"
    table t.n id "id bigint, v text, extra int DEFAULT 3, _baro_file int, _baro_line bigint"
    table analytics.m g "g bigint, v text, text text, n numeric, j json"
    table analytics.r id "id bigint PRIMARY KEY, v text, u text"
    table analytics.i g "g bigint, v text"
    table analytics.j id "id bigint, v text"
    table analytics.s id "id bigint, v text"
    table analytics.h id "id bigint, v text, dbt_scd_id text, dbt_updated_at timestamp, dbt_valid_from timestamp, dbt_valid_to timestamp, dbt_is_deleted text"
    new_table "$how" public.refers id "id bigint PRIMARY KEY REFERENCES analytics.r (id) ON DELETE CASCADE, since int"
    sql "INSERT INTO t.n (id, v) VALUES (1, '0'), (1, '0'), (2, '1'); INSERT INTO t.k VALUES (1, '0')"
    printf 'id,v\n2,1\n1,0\n1,0\n' >"$BARO_DATA/n/9.csv"
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
        all+="SELECT '$table ' || coalesce(string_agg(concat_ws(',', x), ' ' ORDER BY x), '') FROM (SELECT to_jsonb(x) - '_baro_line' - '_baro_file' || jsonb_build_object('file', (SELECT f.path FROM barometre.file f WHERE f.id::text = to_jsonb(x) ->> '_baro_file')) AS x FROM (SELECT * FROM $table OFFSET 0) x) x UNION ALL "
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
