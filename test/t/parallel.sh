#!/usr/bin/env bash
# Models that are computed at the same time: what they give, and what they do not disturb.
. "$(dirname "$0")/../lib.sh"
new_database
# Here a worker costs nothing, so that all that may run in one is worth it.
psql -X -q -d "$db" -U postgres -c "ALTER DATABASE $db SET parallel_setup_cost = 0" -c "ALTER DATABASE $db SET parallel_tuple_cost = 0"
use_project <<YAML
version: 1
name: par
roles: {loader: meltano}
YAML
model() { cat >"$project/models/$1.sql"; }
for i in 1 2 3 4; do echo "select g as id, g * $i as n, repeat('x', g % 9) as t from generate_series(1, 50$i) g" | model "a$i"; done
echo "select a.id, a.n + b.n as n from {{ ref('a1') }} a join {{ ref('a2') }} b using (id)" | model b1
echo "select count(*) as n from {{ ref('a3') }}" | model b2

at_once() { PGOPTIONS="-c barometre.threads=4 -c client_min_messages=debug1 ${2-}" psql -X -q -At -d "$db" -U meltano -c "$1" 2>&1 | grep -o "parallel workers ran.*"; }
content() { role=postgres sql "SELECT string_agg(relname || ' ' || relpersistence || ' ' || (SELECT md5(string_agg(x::text, ';')) FROM unnest(xpath('//row/text()', query_to_xml(
    format('SELECT t::text AS row FROM analytics.%I t ORDER BY 1', relname), true, false, ''))) AS x), E'\n' ORDER BY relname) FROM pg_class WHERE relnamespace = 'analytics'::regnamespace AND relkind = 'r'"; }
steps() { sql "SELECT string_agg(concat_ws(' ', s.number, s.kind, s.name, s.status, s.why, s.records, s.inserted, s.deleted, s.unchanged, s.bytes, s.sqlstate, s.message, s.warnings), E'\n' ORDER BY s.number)
    FROM barometre.step s WHERE s.run = (SELECT max(id) FROM barometre.run)"; }
forget() { role=postgres sql "DROP SCHEMA IF EXISTS analytics CASCADE; DELETE FROM barometre_internal.build" >/dev/null; }

is "models without inputs are computed at once, then what reads them" "$(at_once 'CALL baro_transform()')" "parallel workers ran 4 queries
parallel workers ran 2 queries"
several=$(content) several_steps=$(steps)
forget
is "with one thread none is" "$(at_once 'SET barometre.threads = 1; CALL baro_transform()')" ""
is "the rows are the same" "$several" "$(content)"
is "and the steps" "$several_steps" "$(steps)"
finish
