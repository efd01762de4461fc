#!/usr/bin/env bash
# The test unique: where the hashes of a table's values are all different no query is run for it, and otherwise and elsewhere its query says how many come more than once.
. "$(dirname "$0")/../lib.sh"
new_database
use_project <<'YML'
version: 1
name: tested
roles: {loader: meltano}
YML
super() { role=postgres sql "$1"; }
super "CREATE SCHEMA shop AUTHORIZATION meltano; CREATE COLLATION shop.either (provider = icu, locale = 'und-u-ks-level2', deterministic = false)" >/dev/null
sql "CREATE TABLE shop.plain (x int); CREATE TABLE shop.refilled (x int); CREATE TABLE shop.parent (x int); CREATE TABLE shop.child () INHERITS (shop.parent); CREATE TABLE shop.parts (x int) PARTITION BY RANGE (x); CREATE TABLE shop.part PARTITION OF shop.parts DEFAULT;
    CREATE TABLE shop.policed (x int, who text); CREATE TABLE shop.words (x text COLLATE shop.either); CREATE TABLE shop.numbers (x numeric); CREATE TABLE shop.docs (x json); CREATE VIEW shop.seen AS SELECT x FROM shop.plain UNION ALL SELECT x FROM shop.plain;
    INSERT INTO shop.plain SELECT generate_series(1, 2000); INSERT INTO shop.plain VALUES (NULL), (NULL); INSERT INTO shop.parent VALUES (1), (2); INSERT INTO shop.child VALUES (2), (3); INSERT INTO shop.parts VALUES (1), (1), (2);
    INSERT INTO shop.policed VALUES (1, 'meltano'), (1, 'other'), (2, 'meltano'); ALTER TABLE shop.policed ENABLE ROW LEVEL SECURITY; ALTER TABLE shop.policed FORCE ROW LEVEL SECURITY; CREATE POLICY mine ON shop.policed USING (who = current_user);
    INSERT INTO shop.words VALUES ('a'), ('A'), ('b'); INSERT INTO shop.numbers VALUES (1), (1.0), (2), (3), (3.00), ('NaN'), ('NaN'); INSERT INTO shop.docs VALUES ('{\"a\":1}'), ('{\"a\":1}'), ('{\"a\": 1}')" >/dev/null
super "CREATE TABLE shop.secret (x int); REVOKE ALL ON shop.secret FROM meltano" >/dev/null
{ printf 'sources:\n  - name: shop\n    tables:\n'
    for t in plain refilled parent child parts policed words numbers docs seen secret; do printf "      - {name: $t, columns: [{name: x, tests: [unique]}]}\n"; done; } >"$project/models/shop.yml"
asked() { # how often a query looked for values that come twice
    PGOPTIONS="-c client_min_messages=log -c log_min_messages=panic" role=postgres psql -X -q -At -d "$db" -U postgres -c "LOAD 'auto_explain'" -c "SET auto_explain.log_min_duration = 0" -c "SET auto_explain.log_nested_statements = on" \
        -c "SELECT count(*) FROM baro_test('$1')" 2>&1 | grep -c 'WITH failing AS' || true
}
is "what comes more than once" "$(sql "SELECT target || ' ' || status || ' ' || coalesce(failures::text, '-') FROM baro_test('*') ORDER BY 1")" "shop.child.x pass 0
shop.docs.x fail 1
shop.numbers.x fail 3
shop.parent.x fail 1
shop.parts.x fail 1
shop.plain.x pass 0
shop.policed.x pass 0
shop.refilled.x pass 0
shop.secret.x error -
shop.seen.x fail 2000
shop.words.x fail 1"
is "without NULL no query asks" "$(sql "DELETE FROM shop.plain WHERE x IS NULL" >/dev/null; asked source:shop.plain)" 0
sql "INSERT INTO shop.plain VALUES (7)" >/dev/null
is "one asks where a value comes twice" "$(asked source:shop.plain)" 1
is "which is found" "$(sql "SELECT status || ' ' || failures FROM baro_test('source:shop.plain')")" "fail 1"
# What another session commits meanwhile is not what the transaction sees.
open_session reader meltano
ask reader "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM shop.plain" >/dev/null
sql "DELETE FROM shop.plain WHERE ctid = (SELECT max(ctid) FROM shop.plain WHERE x = 7)" >/dev/null
like "a transaction with one snapshot judges what that sees" "$(ask reader "SELECT status || failures FROM baro_test('source:shop.plain')")" 'fail1'
ask reader COMMIT >/dev/null
like "and then what there is" "$(ask reader "SELECT status || failures FROM baro_test('source:shop.plain')")" 'pass0'
# Of a table that was empty when it was analysed the server expects no row.
sql "INSERT INTO shop.refilled SELECT generate_series(1, 5000); DELETE FROM shop.refilled; ANALYZE shop.refilled; INSERT INTO shop.refilled SELECT generate_series(1, 2000)" >/dev/null
is "a table that is filled again after it was empty" "$(sql "SELECT reltuples FROM pg_class WHERE oid = 'shop.refilled'::regclass; SET statement_timeout = '20s'; SELECT status || ' ' || failures FROM baro_test('source:shop.refilled')")" "0
pass 0"
finish
