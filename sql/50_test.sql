CREATE FUNCTION @extschema@.baro_test(selection text DEFAULT '*')
RETURNS TABLE (target text, test text, severity text, status text, failures bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_test';
COMMENT ON FUNCTION @extschema@.baro_test(text) IS
'Runs the data tests and unit tests of the selection; failing rows never raise, samples are in barometre.test_result';

CREATE FUNCTION @extschema@.baro_test_tap(selection text DEFAULT '*')
RETURNS SETOF text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_test_tap';
COMMENT ON FUNCTION @extschema@.baro_test_tap(text) IS 'The tests of the selection as TAP, for pg_prove';
