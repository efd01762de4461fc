CREATE FUNCTION @extschema@.baro_run(tap text DEFAULT NULL, streams text[] DEFAULT NULL, full_refresh boolean DEFAULT false)
RETURNS TABLE (stream text, files int, read int, records bigint, inserted bigint, updated bigint, unchanged bigint,
               rejected bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_run';
COMMENT ON FUNCTION @extschema@.baro_run(text, text[], boolean) IS
'Loads the new and changed files of a tap (of all taps: NULL) into its schema; one row a stream';

CREATE FUNCTION @extschema@.baro_load_project(path text DEFAULT NULL)
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_load_project';
COMMENT ON FUNCTION @extschema@.baro_load_project(text) IS
'Reads the project in a folder and makes it the one of this database; says what was added, changed and removed';
