#!/usr/bin/env bash
# What a model has beside its rows: indexes, grants, hooks, meta; by folder, in its YAML, in config().
. "$(dirname "$0")/../lib.sh"
new_database
m=$project/models
mkdir -p "$m/api"
echo "select i as id, i % 3 as k, 'x' as note from generate_series(1, 5) i" > "$m/api/a.sql"
use_project <<'YML'
version: 1
name: attributes
roles: {loader: meltano}
models:
  grants: {select: attributes_reader}
  api: {indexes: [{columns: [id]}], tags: api}
YML
transform() { notices "CALL baro_transform(${1:-})"; }
indexes() { sql "SELECT string_agg(regexp_replace(indexdef, '^CREATE (.*INDEX) .* USING', '\1'), '; ' ORDER BY regexp_replace(indexdef, '^CREATE (.*INDEX) .* USING', '\1')) FROM pg_indexes WHERE schemaname = 'analytics' AND tablename = '$1'"; }
may() { sql "SELECT has_table_privilege('$1', 'analytics.$2', '$3')"; }
role=postgres sql "CREATE ROLE attributes_reader; CREATE ROLE attributes_other" >/dev/null

echo "select 1 as id" > "$m/b.sql"
echo "select id from {{ ref('a') }}" > "$m/api/v.sql"; sed -i '1i {{ config(materialized="view") }}' "$m/api/v.sql"
transform >/dev/null
is "indexes may stand for a folder" "$(indexes a)" "INDEX btree (id)"
is "and are none of other folders" "$(indexes b)" ""
is "grants too" "$(may attributes_reader b select)$(may attributes_reader v select)$(may attributes_other b select)" "ttf"
before=$(sql "SELECT 'analytics.a'::regclass::oid")
cat > "$m/p.yml" <<'YML'
models:
  - name: a
    meta: {owner: team, level: 2}
    tags: [daily]
    grants: {"+select": [attributes_other], insert: attributes_other}
    indexes:
      - {columns: [k, id], unique: true}
      - {columns: [note], type: hash}
YML
like "what is new is given to what is there" "$(transform)" 'model a: unchanged'
is "nearer indexes win" "$(indexes a)" "INDEX hash (note); UNIQUE INDEX btree (k, id)"
is "grants add up where they say so" "$(may attributes_reader a select)$(may attributes_other a select)$(may attributes_other a insert)" "ttt"
is "the table is the same" "$(sql "SELECT 'analytics.a'::regclass::oid")" "$before"
is "meta and tags are in the registry" "$(sql "SELECT meta->>'owner', meta->'level', tags FROM barometre_internal.model WHERE name = 'a'")" "team|2|{api,daily}"
sql "CREATE INDEX mine ON analytics.a (id); GRANT DELETE ON analytics.a TO attributes_reader" >/dev/null
sed -i '/grants:/d; /type: hash/d' "$m/p.yml"
transform >/dev/null
is "what the project no longer wants goes, what others made stays" "$(indexes a)" "INDEX btree (id); UNIQUE INDEX btree (k, id)"
is "likewise grants" "$(may attributes_other a select)$(may attributes_other a insert)$(may attributes_reader a select)$(may attributes_reader a delete)" "fftt"
sed -i 's/\[k, id\]/[k]/' "$m/p.yml"
like "a unique index that can't be is an error of the model, with its place" "$(transform)" 'models/p.yml:6: index unique btree \(k\) of model "a": could not create unique index'
is "and leaves all as it was" "$(indexes a)" "INDEX btree (id); UNIQUE INDEX btree (k, id)"
sed -i 's/\[k\]/[nope]/' "$m/p.yml"
like "so is a column that isn't there" "$(transform)" 'models/p.yml:6: index unique btree \(nope\) of model "a": column "nope" does not exist'
sed -i 's/\[nope\]/[k, id]/' "$m/p.yml"
sed -i 's/grants: {select: attributes_reader}/grants: {select: nobody_here}/' "$project/barometre.yml"
like "a role that isn't there is an error with a hint" "$(transform)" 'barometre.yml:5: model "[abv]": role "nobody_here" does not exist'
sed -i 's/grants: {select: nobody_here}/grants: {select: attributes_reader}/' "$project/barometre.yml"
sql "ALTER TABLE analytics.a RENAME TO a_old" >/dev/null
transform >/dev/null
is "names of indexes don't collide with those of a table that was kept aside" "$(indexes a)" "UNIQUE INDEX btree (k, id)"
printf '{{ config(materialized="materialized_view", indexes=[{"columns": ["id"], "unique": true}]) }}\nselect id, k from {{ ref("a") }}' > "$m/api/mv.sql"
transform >/dev/null
is "materialized views have indexes" "$(indexes mv)" "UNIQUE INDEX btree (id)"
sed -i 's/select id, k/select id, k + 1 as k/' "$m/api/mv.sql"
transform >/dev/null
is "and keep them when they are made anew" "$(indexes mv)" "UNIQUE INDEX btree (id)"
is "they are granted as well" "$(may attributes_reader mv select)" t
sed -i 's/i % 3 as k/(i % 3)::text as k/' "$m/api/a.sql"; sed -i 's/k + 1/k || 1/' "$m/api/mv.sql"
transform >/dev/null
is "also when what they read gets other columns" "$(indexes mv)$(may attributes_reader mv select)" "UNIQUE INDEX btree (id)t"

# Hooks.
rm -r "$m"/*
sed -i '/api:/d' "$project/barometre.yml"
sql "CREATE TABLE public.log (n serial, what text)" >/dev/null
cat > "$m/h.sql" <<'SQL'
{{ config(pre_hook="insert into public.log (what) values ('before ' || '{{ this }}')",
          post_hook=["insert into public.log (what) select 'after ' || count(*) from {{ this }}", "analyze {{ this }};"]) }}
select 1 as id
SQL
transform >/dev/null
is "hooks run around the build" "$(sql "SELECT string_agg(what, ', ' ORDER BY n) FROM public.log")" "before analytics.h, after 1"
transform >/dev/null
is "not where nothing is built" "$(sql "SELECT count(*) FROM public.log")" 2
sed -i 's/select 1 as id/select 1 as id union all select 2/' "$m/h.sql"
echo "select * from {{ ref('h') }} where id > 1" > "$project/tests/small.sql"
transform >/dev/null
is "what they did is undone when a test fails" "$(sql "SELECT count(*) FROM public.log")" 2
rm "$project/tests/small.sql"
transform >/dev/null
is "a post_hook sees what is published" "$(sql "SELECT what FROM public.log ORDER BY n DESC LIMIT 1")" "after 2"
cat > "$m/p.yml" <<'YML'
models:
  - name: h
    description: with a broken hook
YML
sed -i 's/analyze {{ this }};/analyze nothing_there/' "$m/h.sql"
like "an error in a hook names it and its place" "$(transform)" 'post_hook of model "h" \(models/h.sql:1\): relation "nothing_there" does not exist'
sed -i "s/analyze nothing_there/select count(*) from {{ ref('gone') }}/" "$m/h.sql"
like "what it refers to must be there" "$(transform)" "models/h.sql.*ref\('gone'\) is neither a model nor a seed"
finish
