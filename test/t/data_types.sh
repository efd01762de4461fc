#!/usr/bin/env bash
# data_type of a model's columns in properties, and contract: {enforced: true}.
. "$(dirname "$0")/../lib.sh"
new_database
project_file() {
    use_project <<YML
version: 1
name: data_types
roles: {loader: meltano}
${1:-}
YML
}
project_file
m=$project/models
transform() { notices "CALL baro_transform('${1:-*}', full_refresh => true)"; }
properties() { # of model m: COLUMNS [MORE]
    printf 'models:\n  - name: m\n%s    columns:\n' "${2:-}" >"$m/m.yml"
    local one
    while IFS= read -r one; do echo "      - {$one}" >>"$m/m.yml"; done <<<"$1"
}
enforced=$'    config: {contract: {enforced: true}}\n'

# --- a WARNING ----------------------------------------------------------------------------------------------------------
cat >"$m/m.sql" <<'SQL'
select 1 as a, 2::bigint as b, 'x'::varchar(6) as c, 1.5::numeric(6,2) as d, now()::timestamp as e, array[1] as f, 'x'::text as g, 'x'::char as h,
  now() as i, 1.5::float8 as j, true as k, 'x'::varchar(3) as "Odd"
SQL
properties 'name: a, data_type: INT4
name: b, data_type: int8
name: c, data_type: varchar
name: d, data_type: "decimal(6, 2)"
name: e, data_type: timestamp without time zone
name: f, data_type: "integer[]"
name: g, data_type: string
name: h, data_type: char
name: i, data_type: timestamptz
name: j, data_type: double precision
name: k, data_type: bool
name: Odd, data_type: character varying(3)'
unlike "spellings that the server takes for the same type are the same" "$(transform)" 'WARNING|ERROR'
properties 'name: a, data_type: bigint
name: c, data_type: varchar(3)
name: g, data_type: varchar
name: i, data_type: datetime
name: k, data_type: "{not a type"'
told=$(transform)
like "another type is told" "$told" 'WARNING:  models/m.yml:4: column "a" of model "m" is integer, and its data_type is bigint'
like "another length" "$told" 'models/m.yml:5: column "c" of model "m" is character varying\(6\), and its data_type is varchar\(3\)'
like "text is no varchar" "$told" 'column "g" of model "m" is text, and its data_type is varchar'
like "what is no type" "$told" 'column "i" of model "m" is timestamp with time zone, and its data_type is datetime, which is no type of this database'
like "nor this" "$told" 'column "k" of model "m" is boolean, and its data_type is \{not a type, which is no type of this database'
is "it is published all the same" "$(sql "SELECT a, b FROM analytics.m")" "1|2"
is "the step keeps what was told" "$(sql "SELECT jsonb_array_length(warnings) FROM barometre.step WHERE name = 'm' ORDER BY run DESC LIMIT 1")" 5
unlike "and baro_plan is silent" "$(notices "SELECT * FROM baro_plan()")" 'WARNING'
{ printf 'models:\n  - name: wide\n    columns:\n'; for i in {1..23}; do echo "      - {name: c$i, data_type: text}"; done; } >"$m/wide.yml"
{ echo "select 0 as c"; for i in {1..23}; do echo ", $i as c$i"; done; } >"$m/wide.sql"
told=$(transform wide)
is "of many columns twenty are told one by one" "$(grep -c 'of model "wide"' <<<"$told")" 20
like "and the others counted" "$told" 'model "wide": 3 more columns are not of their data_type'
rm "$m"/wide.*
echo "{{ config(materialized='view') }} select 1 as a" >"$m/m.sql"
properties 'name: a, data_type: text'
like "a view" "$(transform)" 'column "a" of model "m" is integer, and its data_type is text'
echo "{{ config(materialized='incremental', unique_key='a') }} select 1 as a" >"$m/m.sql"
like "an incremental model" "$(transform)" 'column "a" of model "m" is integer'
like "as its table goes on" "$(sed -i 's/1 as a/2 as a/' "$m/m.sql"; notices "CALL baro_transform()")" 'column "a" of model "m" is integer'

# --- a contract ---------------------------------------------------------------------------------------------------------
echo "select 1 as a, 2::bigint as b, 'x' as c, 1 as extra" >"$m/m.sql"
properties 'name: a, data_type: bigint
name: b, data_type: bigint
name: c
name: gone, data_type: text' "$enforced"
told=$(transform)
like "a contract that is broken is an error" "$told" 'ERROR:  models/m.yml:3: model "m": its columns are not those of its contract'
is "that lists all at once" "$(grep DETAIL <<<"$told")" 'DETAIL:  Column "a" is integer, and its data_type is bigint (models/m.yml:5). Column "c" has no data_type (models/m.yml:7). Column "gone" is missing (models/m.yml:8). Column "extra" is integer, and not declared.'
is "before anything is published" "$(sql "SELECT string_agg(attname, ' ') FROM pg_attribute WHERE attrelid = 'analytics.m'::regclass AND attnum > 0")" a
like "baro_plan says so" "$(sql "SELECT state || ' ' || replace(reason, E'\n', ' ') FROM baro_plan()")" 'blocked .*not those of its contract'
like "baro_diff too" "$(sql "SELECT * FROM baro_diff('m')")" 'ERROR:  models/m.yml:3: model "m": its columns are not those of its contract'
properties 'name: a, data_type: int
name: b, data_type: bigint
name: c, data_type: text
name: extra, data_type: int' "$enforced"
unlike "one that is kept is none" "$(transform)" 'WARNING|ERROR'
is "and is published" "$(sql "SELECT a, b, c, extra FROM analytics.m")" "1|2|x|1"
like "nothing changed" "$(notices "CALL baro_transform()")" 'model m: unchanged'
sed -i 's/data_type: bigint/data_type: numeric/' "$m/m.yml"
like "a contract that changes is looked at without a change of the SQL" "$(notices "CALL baro_transform()")" 'Column "b" is bigint, and its data_type is numeric'
sed -i '/config:/d' "$m/m.yml"
unlike "without contract it is no error" "$(transform)" 'ERROR'
project_file "models: {contract: {enforced: true}}"
like "for a folder of models" "$(transform)" 'ERROR:  barometre.yml:4: model "m": its columns are not those of its contract'
sed -i '1i {{ config(contract={"enforced": false}) }}' "$m/m.sql"
unlike "the nearest counts" "$(transform)" 'ERROR'
sed -i '1s/false/true, "alias_types": true/' "$m/m.sql"
like "in config()" "$(transform)" 'ERROR:  models/m.sql:1: model "m": its columns are not those of its contract'
project_file
echo "select 1 as one" >"$m/n.sql"
notices "CALL baro_transform(on_failure => 'skip')" >/dev/null
is "with on_failure => skip the others go on" "$(sql "SELECT one FROM analytics.n")" 1
sed -i '1s/enforced/enforce/' "$m/m.sql"
like "a near miss" "$(transform)" 'unknown key "enforce" in the contract of config\(\)'
echo "{{ config(materialized='ephemeral', contract={'enforced': true}) }} select 1 as a" >"$m/m.sql"
like "what is never published can't have one" "$(transform)" 'models/m.sql:1: model "m" is ephemeral, and has no columns that are published'
finish
