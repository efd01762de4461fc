#!/usr/bin/env bash
# No operator or function of a stranger is called by SQL that barometre makes: in `public`, where everybody may create, are
# ones that fit better than the server's own. Values of users' types are compared by the operators of their types.
. "$(dirname "$0")/../lib.sh"
new_database
own() { PGOPTIONS='-c search_path=pg_catalog' psql -X -q -At -d "$db" -U postgres -c "$1" 2>&1; } # of the test itself
own "CREATE ROLE ${db}_stranger; GRANT CREATE ON SCHEMA public TO ${db}_stranger; CREATE SCHEMA stranger AUTHORIZATION ${db}_stranger; GRANT USAGE ON SCHEMA stranger TO PUBLIC" >/dev/null
has_contrib=$(own "SELECT count(*) = 2 FROM pg_available_extensions WHERE name IN ('citext', 'hstore')")
[ "$has_contrib" != t ] || own "CREATE EXTENSION citext SCHEMA public; CREATE EXTENSION hstore SCHEMA public" >/dev/null
[ "$has_contrib" = t ] && citext=citext hstore=hstore || citext=text hstore=xml
[ "$has_contrib" = t ] && citext_type=public.citext hstore_type=public.hstore || citext_type=text hstore_type=money
own "CREATE TYPE public.mood AS ENUM ('low', 'high'); CREATE TYPE public.pair AS (a int, b text); CREATE DOMAIN public.label AS $citext_type; CREATE DOMAIN public.code AS varchar(9)" >/dev/null
[[ $(own "CREATE COLLATION public.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)") != ERROR* ]] ||
    own 'CREATE COLLATION public.any_case FROM pg_catalog."C"' >/dev/null # a server that was built without ICU

# --- the stranger ------------------------------------------------------------------------------------------------------
# Each call adds to a sequence, which no rollback takes back, and is told.
cat > "$BARO_DATA/stranger.sql" <<SQL
SET client_min_messages = error;
SET search_path = pg_catalog;
SET ROLE "${db}_stranger";
CREATE SEQUENCE stranger.calls;
GRANT USAGE ON SEQUENCE stranger.calls TO PUBLIC;
DO \$do\$
DECLARE
    plain text[] := '{varchar,text,name,bpchar,"\"char\"",int4,int8,numeric,float8,oid,regclass,date,timestamp,timestamptz,interval,tid,xid8,bool,json,jsonb}';
    lists text[] := '{text[],varchar[],name[],int4[],int8[],int2[],oid[],public.mood,public.pair,public.label,public.code,public.mood[],$citext_type,$hstore_type}';
    l text; r text; f text; o text; made int := 0;
    body text := 'BEGIN PERFORM pg_catalog.nextval(''stranger.calls''); RAISE WARNING ''stranger: %s''; RETURN NULL; END';
    made_of text := 'CREATE FUNCTION %s RETURNS %s LANGUAGE plpgsql AS %L';
BEGIN
    FOREACH l IN ARRAY plain || lists LOOP
        FOREACH r IN ARRAY plain || lists LOOP
            CONTINUE WHEN l <> r AND (l = ANY (lists) OR r = ANY (lists)) AND NOT (l LIKE '%[]' AND r LIKE '%[]') AND NOT 'text' IN (l, r) AND NOT 'varchar' IN (l, r);
            made := made + 1;
            FOR f, o IN VALUES ('bool', '=,<>,<,>,<=,>=,~,!~,~~,!~~,@>,?'), ('text', '||,->>'), ('jsonb', '->'), ('numeric', '+,-,*,/') LOOP
                EXECUTE format(made_of, format('stranger.%I(%s, %s)', f || '_' || made, l, r), f, format(body, f || ' (' || l || ', ' || r || ')'));
                FOREACH o IN ARRAY string_to_array(o, ',') LOOP
                    CONTINUE WHEN to_regoperator(format('public.%s(%s,%s)', o, l, r)) IS NOT NULL;
                    EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = stranger.%I)', o, l, r, f || '_' || made);
                END LOOP;
            END LOOP;
        END LOOP;
    END LOOP;
    FOR f IN SELECT DISTINCT p.proname FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ (
        '^(lower|upper|count|max|min|sum|format|md5|left|right|substr|substring|length|char_length|octet_length|to_char|to_jsonb|to_json|to_timestamp|jsonb_agg|array_agg|string_agg|unnest|now|clock_timestamp|'
        'row_number|rank|lag|lead|date_part|date_trunc|quote_ident|quote_literal|concat|concat_ws|replace|split_part|pg_get_serial_sequence|nextval|starts_with|obj_description|col_description|generate_series|'
        'cardinality|array_length|round|div|bool_and|bool_or|every|num_nonnulls|to_regclass|to_regtype|has_.*_privilege|current_setting|set_config|format_type|jsonb_each|jsonb_object_keys|jsonb_array_elements_text|'
        'json_array_elements_text|jsonb_build_object|array_to_json|pg_size_bytes|pg_table_size|age|abs|greatest|least|timezone|extract|encode|decode|btrim|trim|translate|strpos|position|text|varchar|name|int4|int8|numeric|bool|date|timestamptz)$') LOOP
        FOREACH l IN ARRAY '{"",varchar,text,name,int4,int8,numeric,float8,timestamptz,timestamp,date,interval,jsonb,json,oid,regclass,bool,public.mood,public.pair,public.label,public.code,text[],varchar[],"varchar, int4","text, int4","text, int8",
            "timestamptz, text","text, timestamptz","text, timestamp","timestamptz, varchar","varchar, varchar","text, text","varchar, name","name, text","text, varchar","int4, int4","int8, int4","int4, int8","numeric, int4","text, text, text","varchar, int4, int4","text, int4, int4"}'::text[] LOOP
            EXECUTE format(made_of, format('public.%I(%s)', f, l), 'text', format(body, f || ' (' || l || ')'));
        END LOOP;
    END LOOP;
END
\$do\$;
SQL
like "a stranger fills public" "$(psql -X -q -v ON_ERROR_STOP=1 -d "$db" -U postgres -f "$BARO_DATA/stranger.sql" 2>&1; own "SELECT count(*) > 5000 FROM pg_operator WHERE oprnamespace = 'public'::regnamespace")" '^t$'
calls() { own "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM stranger.calls"; }
path='"$user", public'
notices() { psql -X -q -At -d "$db" -U "${role:-meltano}" -c "SET search_path = $path" -c "$1" 2>&1; }
silent() { # NAME OUTPUT: nobody was called since
    local told
    told=$(sed -n 's/.*stranger: //p' <<<"$2" | sort | uniq -c)
    is "$1: no stranger is called" "$(calls)$told" 0
    unlike "$1: no error" "$2" 'ERROR'
    own "SELECT setval('stranger.calls', 1, false)" >/dev/null
}
like "the stranger is called by who is careless" "$(sql "SELECT 'a'::varchar = 'b'::varchar")" 'stranger: bool \(varchar, varchar\)'
own "SELECT setval('stranger.calls', 1, false)" >/dev/null

# --- the extension -----------------------------------------------------------------------------------------------------
silent "CREATE EXTENSION" "$(path='public, pg_catalog' role=postgres notices "DROP EXTENSION barometre CASCADE; CREATE EXTENSION barometre SCHEMA public")"

# --- a project ---------------------------------------------------------------------------------------------------------
in=$BARO_DATA/in
mkdir -p "$in"/{keyed,cased,files,composite,enums,named} "$project"/{models,seeds,tests,snapshots,functions}
YML() { cat <<YML
version: 1
name: hostile
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - name: keyed
        path: in/keyed
        pattern: .*\\.csv
        key_properties: [id]
        freshness: {column: at, warn_after: 2 days}
        columns: [{name: id, type: varchar(9), tests: [unique, not_null]}, {name: c, type: $citext}, {name: h, type: $hstore}, {name: j, type: json}, {name: p, type: point}, {name: m, type: mood}, {name: r, type: pair},
          {name: l, type: label}, {name: v, type: varchar, tests: [{accepted_values: {values: [a, b, B]}}]}, {name: n, type: numeric}, {name: f, type: float8}, {name: a, type: "text[]"}, {name: i, type: "int[]"}, {name: at, type: timestamptz}]
      - name: cased
        path: in/cased
        pattern: .*\\.csv
        key_properties: [k]
        columns: [{name: k, type: label, tests: [unique, {relationships: {to: "source('tap', 'cased')", field: k}}]}, {name: v, type: code}]
      - name: composite
        path: in/composite
        pattern: .*\\.csv
        key_properties: [a, b]
        columns: [{name: a, type: bigint}, {name: b, type: code}, {name: v, type: text}]
      - {name: enums, path: in/enums, pattern: .*\\.csv, key_properties: [m], columns: [{name: m, type: mood}, {name: v, type: xml}]}
      - name: files
        path: in/files
        pattern: .*\\.csv
        freshness: {warn_after: 2 days, column: day, format: "DD/MM/YYYY"}
        columns: [{name: c, type: $citext}, {name: j, type: json}]
      - {name: named, path: in/named, pattern: .*\\.csv, key_properties: [id], map: {id: id, secret: md5(secret)}, columns: [{name: id, type: int}]}
jobs:
  - name: nightly
    interval: "0 3 * * *"
    steps: [{run: tap}, {transform: "*"}, {test: "*"}]
YML
}
YML | use_project
role=postgres notices 'SELECT * FROM baro_grant()' | sed 's/^/# /'
seed() { printf 'id,name\n1,%s\n2,b\n' "$1" > "$project/seeds/small.csv"; }
seed a
echo "select id, v, c, l, m, at, v collate public.any_case as cv, id collate public.any_case as ci from {{ source('tap', 'keyed') }}" > "$project/models/plain.sql"
cat > "$project/models/plain.yml" <<'YML'
models:
  - name: plain
    indexes: [{columns: [id], unique: true}]
    tests: [{unique: {column_name: id}}]
    columns:
      - name: v
        description: a text
        tests: [not_null, {relationships: {to: ref('small'), field: name, severity: warn}}, {accepted_values: {values: [a, b, B]}}]
      - {name: c, tests: [{relationships: {to: "source('tap', 'keyed')", field: c}}]}
      - {name: cv, tests: [not_null, {relationships: {to: ref('small'), field: name, severity: warn}}, {accepted_values: {values: [A, b]}}]}
      - {name: ci, tests: [unique]}
YML
echo "{{ config(materialized='view') }} select * from {{ ref('plain') }}" > "$project/models/seen.sql"
echo "{{ config(materialized='materialized_view') }} select id, v from {{ ref('plain') }}" > "$project/models/kept.sql"
echo "{{ config(materialized='incremental', unique_key=['l', 'm']) }} select l, m, v from {{ source('tap', 'keyed') }} where m is not null" > "$project/models/grows.sql"
echo "{{ config(materialized='incremental', unique_key='v', incremental_strategy='delete+insert') }} select v, id from {{ source('tap', 'keyed') }}" > "$project/models/swaps.sql"
echo "{{ config(materialized='incremental', unique_key='cv', incremental_strategy='delete+insert') }} select cv, id from {{ ref('plain') }}" > "$project/models/folds.sql"
cat > "$project/snapshots/past.sql" <<'SQL'
{% snapshot by_value %}{{ config(strategy='check', unique_key=['id', 'l'], check_cols='all', hard_deletes='new_record') }} select id, l, c, h, j, p, m, r, v, n, a from {{ source('tap', 'keyed') }}{% endsnapshot %}
{% snapshot by_case %}{{ config(strategy='check', unique_key='ci', check_cols=['cv'], hard_deletes='invalidate') }} select ci, cv from {{ ref('plain') }}{% endsnapshot %}
{% snapshot by_time %}{{ config(strategy='timestamp', unique_key='id', updated_at='at', hard_deletes='invalidate') }} select id, v, at from {{ source('tap', 'keyed') }}{% endsnapshot %}
SQL
echo "select 1 as one from {{ ref('plain') }} where false" > "$project/tests/none.sql"
echo "create or replace function analytics.one() returns int language sql immutable as 'select 1';" > "$project/functions/one.sql"
keyed() { { echo "id;c;h;j;p;m;r;l;v;n;f;a;i;at"; cat; } > "$in/keyed/k.csv"; touch -d "@$((RANDOM * 32768 + RANDOM))" "$in/keyed/k.csv"; }
[ "$has_contrib" = t ] && h1='a=>1, b=>2' h2='b=>2,a=>1' || h1=x h2=x
keyed <<CSV
k1;Ab;$h1;"{""a"": 1}";(1,2);low;(1,x);La;a;1.0;1.5;{a,b};{1,2};2021-01-01 00:00+00
k2;Cd;;"{""a"": 2}";(3,4);high;;Lb;b;2;;;;2021-01-02 00:00+00
k3;;;;;;;Lc;B;;0;;;2021-01-03 00:00+00
CSV
printf 'k,v\nAnn,1\nBob,2\n' > "$in/cased/c.csv"
printf 'a,b,v\n1,x,one\n1,y,two\n' > "$in/composite/c.csv"
printf 'm,v\nlow,<a/>\n' > "$in/enums/e.csv"
printf 'c,j,day\nAb,{},01/02/2021\nAb,{},02/02/2021\n' > "$in/files/a.csv"
printf 'c,j,day\nAb,{},01/02/2021\n' > "$in/files/b.csv"
printf 'id,secret\n1,x\n2,y\n' > "$in/named/n.csv"

everything() {
    notices "SELECT * FROM baro_load_project()"
    notices "SELECT * FROM baro_check('tap')"
    notices "SELECT * FROM baro_preview('tap', 'keyed')"
    notices "SELECT * FROM baro_run('tap')"
    notices "SELECT * FROM baro_seed()"
    notices "SELECT * FROM baro_plan()"
    [ -z "${built:-}" ] || for name in plain seen kept grows swaps folds by_value by_case; do notices "SELECT * FROM baro_diff('$name')"; done
    notices "CALL baro_transform()"
    notices "SELECT * FROM baro_test()"
    notices "SELECT * FROM baro_test_tap()"
    notices "SELECT * FROM baro_ls()"
    notices "SELECT baro_compile('plain')"
    notices "SELECT * FROM baro_show('plain')"
    notices "SELECT * FROM baro_show('plain.v.relationships')"
    notices "SELECT baro_export()"
    notices "SELECT * FROM baro_register_model('extra', 'select 1 as one', '{\"materialized\": \"table\"}')"
    notices "SELECT * FROM baro_register_test('extra_test', 'select 1 where false')"
    notices "SELECT * FROM baro_register_stream('tap', 'more', '{\"path\": \"in/named\", \"pattern\": \"n.*\", \"key_properties\": [\"id\"], \"columns\": [{\"name\": \"id\", \"type\": \"varchar(9)\"}]}')"
    notices "SELECT * FROM baro_run('tap', '{more}')"
    notices "SELECT * FROM baro_unregister('stream', 'tap.more')"
    notices "SELECT * FROM baro_unregister('test', 'extra_test')"
    notices "SELECT * FROM baro_unregister('model', 'extra')"
    notices "CALL baro_job('nightly')"
    for view in $views; do notices "SELECT * FROM barometre.$view"; done
}
views=$(own "SELECT string_agg(c.relname, ' ') FROM pg_class c WHERE c.relnamespace OPERATOR(pg_catalog.=) 'barometre'::regnamespace::oid AND c.relkind OPERATOR(pg_catalog.=) 'v'")
own "SELECT setval('stranger.calls', 1, false)" >/dev/null
silent "first loads" "$(everything)"
silent "a second time" "$(role=postgres everything)"
keyed <<CSV
k1;AB;$h2;"{""a"": 1}";(1,2);low;(1,x);LA;a;1.00;1.5;{a,b};{1,2};2021-01-01 01:00+01
k2;ce;;"{""a"":  2}";(3,4);high;;Lb;b;2;;;;2021-01-02 00:00+00
k4;;;;;;;Ld;B;;0;;;2021-02-01 00:00+00
CSV
printf 'k,v\nANN,1\nBOB,3\nann,1\n' > "$in/cased/c.csv"
printf 'a,b,v\n1,x,one\n1,y,TWO\n2,x,three\n' > "$in/composite/c.csv"
printf 'm,v\nlow,<b/>\nhigh,<a/>\n' > "$in/enums/e.csv"
printf 'c,j,day\nAb,{},02/02/2021\nab,{},02/02/2021\n' > "$in/files/a.csv"
printf 'id,secret\n1,x\n2,z\n3,y\n' > "$in/named/n.csv"
seed c
path='public, pg_catalog' built=1
silent "changed files, and the caller's own path" "$(everything)"
loads() { notices "SELECT stream, records, inserted, updated, unchanged FROM baro_run('tap', '{$1}', ${2:-false})"; }
last() { own "SELECT inserted || ' ' || updated || ' ' || unchanged FROM barometre.step WHERE name OPERATOR(pg_catalog.=) 'tap.$1' AND kind OPERATOR(pg_catalog.=) 'stream' AND read OPERATOR(pg_catalog.>) 0 ORDER BY run DESC LIMIT 1"; }
if [ "$has_contrib" = t ]; then
    is "citext, hstore, numeric and timestamptz are compared by their values, json and point as text" "$(last keyed)" "1 1 1"
    is "a domain of citext is a key as citext is" "$(last cased)" "0 1 1"
fi
is "keys of several columns" "$(last composite)" "1 1 1"
is "a key of an enum, a type without equality" "$(last enums)" "1 1 0"
is "md5 of the map" "$(own "SELECT secret FROM tap.named WHERE id OPERATOR(pg_catalog.=) 2")" "$(printf z | md5sum | cut -c1-32)"
path='"$user", public'
silent "a full refresh" "$(loads keyed true; loads files true; role=postgres notices "CALL baro_transform(full_refresh => true)")"
silent "grants" "$(role=postgres notices "SELECT * FROM baro_grant()")"
finish
