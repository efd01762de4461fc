#!/usr/bin/env bash
# doc/security.md: the table of who may do what is what the catalogs say, and each promise names a test that there is.
. "$(dirname "$0")/../lib.sh"
super() { role=postgres sql "$1"; }
new_database
super "CREATE ROLE privileges_stranger LOGIN; CREATE ROLE privileges_observer LOGIN" >/dev/null
mkdir -p "$BARO_DATA/in"
use_project <<'YML'
version: 1
name: privileges
roles: {loader: meltano, readers: [express-api], observers: [privileges_observer]}
taps:
  - name: tap
    streams: [{name: s, path: in, pattern: .*\.csv, key_properties: [id]}]
YML
printf 'id,v\n1,a\n' >"$BARO_DATA/in/a.csv"
echo "select id from {{ source('tap', 's') }}" >"$project/models/m.sql"
sql "SELECT count(*) FROM baro_run('tap')" >/dev/null
sql "CALL baro_transform()" >/dev/null

# Views that show no value of the data, whatever happened.
for_observers="'failures', 'freshness', 'health', 'history', 'lineage', 'problems', 'progress', 'report', 'row_counts', 'status', 'usual_duration'"
# One line for what is granted alike. The order is that of what they are about.
super "LOAD 'barometre';
WITH role (place, role) AS (VALUES (1, 'meltano'), (2, 'express-api'), (3, 'privileges_observer'), (4, 'privileges_stranger')),
held (about, what, place, word, may) AS (
    SELECT 1, 'the database', r.place, w.word, has_database_privilege(r.role, current_database(), w.word)
    FROM role r, (VALUES ('CONNECT'), ('CREATE'), ('TEMPORARY')) AS w (word)
    UNION ALL
    SELECT CASE WHEN n.nspname LIKE 'barometre%' THEN 4 ELSE 2 END, 'schema \`' || n.nspname || '\`', r.place, w.word, has_schema_privilege(r.role, n.oid, w.word)
    FROM pg_namespace n, role r, (VALUES ('USAGE'), ('CREATE')) AS w (word)
    WHERE n.nspname IN ('tap', 'analytics', 'barometre', 'barometre_internal')
    UNION ALL
    SELECT CASE WHEN n.nspname LIKE 'barometre%' THEN 5 ELSE 3 END, CASE WHEN n.nspname = 'tap' THEN 'tables of a tap' WHEN n.nspname = 'analytics' THEN 'seeds and models'
           WHEN n.nspname = 'barometre' AND c.relname IN ($for_observers) THEN 'views of \`barometre\` for observers'
           ELSE 'tables and views of \`' || n.nspname || '\`' END,
           r.place, w.word, has_table_privilege(r.role, c.oid, w.word) AND has_schema_privilege(r.role, n.oid, 'USAGE')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, role r, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS w (word)
    WHERE n.nspname IN ('tap', 'analytics', 'barometre', 'barometre_internal') AND c.relkind IN ('r', 'v', 'm', 'p')
    UNION ALL
    SELECT 6, '\`' || p.proname || '\`', r.place, 'EXECUTE', has_function_privilege(r.role, p.oid, 'EXECUTE')
    FROM pg_proc p, role r WHERE p.proname LIKE 'baro\\_%' AND p.pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 7, 'setting \`' || s.name || '\`', r.place, 'SET', s.context = 'user' OR has_parameter_privilege(r.role, s.name, 'SET')
    FROM pg_settings s, role r WHERE s.name LIKE 'barometre.%'
), by_object AS (
    SELECT about, what, place, coalesce(string_agg(DISTINCT word, ', ') FILTER (WHERE may), '-') AS words FROM held GROUP BY 1, 2, 3
), lines AS (
    SELECT about, what, max(words) FILTER (WHERE place = 1) AS loader, max(words) FILTER (WHERE place = 2) AS reader, max(words) FILTER (WHERE place = 3) AS observer,
           max(words) FILTER (WHERE place = 4) AS stranger
    FROM by_object GROUP BY 1, 2
)
SELECT '| ' || string_agg(what, ', ' ORDER BY what COLLATE \"C\") || ' | ' || loader || ' | ' || reader || ' | ' || observer || ' | ' || stranger || ' |'
FROM lines GROUP BY about, loader, reader, observer, stranger ORDER BY about, min(what COLLATE \"C\")" >"$BARO_DATA/table" 2>&1
sed -n '/^| what | /,/^$/p' "$BARO_REPO/doc/security.md" | sed '1,2d; /^$/d' >"$BARO_DATA/documented"
diff -u "$BARO_DATA/documented" "$BARO_DATA/table" >"$BARO_DATA/diff"
ok "the table in doc/security.md is what the catalogs say" $?
cat "$BARO_DATA/diff"
is "what is granted alike within a group is granted to all of it" "$(super "
    SELECT n.nspname, r.role, count(DISTINCT has_table_privilege(r.role, c.oid, 'SELECT')) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
        (VALUES ('meltano'), ('express-api'), ('privileges_stranger')) AS r (role)
    WHERE n.nspname IN ('tap', 'analytics', 'barometre', 'barometre_internal') AND c.relkind IN ('r', 'v', 'm', 'p')
    GROUP BY 1, 2 HAVING count(DISTINCT has_table_privilege(r.role, c.oid, 'SELECT')) > 1")" ""
# Its list, an item a line.
promises() { awk '/^- / { if (item) print item; item = $0; next } /^  / { item = item " " $0; next } { if (item) print item; item = "" }' "$BARO_REPO/doc/security.md" | tr -s ' '; }
missing=$(promises | sed -n 's/.*Tests\?: //p' | grep -o '"[^"]*"' | while read -r name; do grep -qrF -- "$(tr -d '"' <<<"$name")" "$BARO_REPO"/test/{t,sql} || echo "$name"; done)
is "observers read the views that are for them, and nothing else" "$(super "
    SELECT string_agg(quote_literal(c.relname), ', ' ORDER BY c.relname) FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'p', 'S', 'f')
       AND c.relnamespace::regnamespace::text IN ('tap', 'analytics', 'barometre', 'barometre_internal') AND has_any_column_privilege('privileges_observer', c.oid, 'SELECT')")" "$for_observers"
is "each promise in doc/security.md names tests that there are" "$missing" ""
is "and each has one" "$(promises | grep -v 'Tests\?: "')" ""
finish
