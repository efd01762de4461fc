CREATE FUNCTION @extschema@.baro_run(tap text DEFAULT NULL, streams text[] DEFAULT NULL, full_refresh boolean DEFAULT false,
                                    on_failure text DEFAULT 'stop')
RETURNS TABLE (stream text, files int, read int, records bigint, inserted bigint, updated bigint, unchanged bigint,
               rejected bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_run';
COMMENT ON FUNCTION @extschema@.baro_run(text, text[], boolean, text) IS
'Loads the new and changed files of a tap (of all taps: NULL) into its schema; one row a stream; on_failure => skip leaves out files, streams and taps that can''t be loaded';

CREATE FUNCTION @extschema@.baro_load_project(path text DEFAULT NULL)
RETURNS TABLE (kind text, name text, change text, place text, detail text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_load_project';
COMMENT ON FUNCTION @extschema@.baro_load_project(text) IS
'Reads the project in a folder and makes it the one of this database; says what was added, changed and removed, what is ignored, and what is refused';

CREATE FUNCTION @extschema@.baro_check(tap text DEFAULT NULL)
RETURNS TABLE (stream text, kind text, name text, detail text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_check';
COMMENT ON FUNCTION @extschema@.baro_check(text) IS
'Reads what baro_run would read, and says what it would find and do: counts, columns, changes of the table, rejects; changes nothing';

CREATE FUNCTION @extschema@.baro_preview(tap text, stream text DEFAULT NULL, max_records int DEFAULT 20)
RETURNS TABLE (record bigint, line bigint, content jsonb)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_preview';
COMMENT ON FUNCTION @extschema@.baro_preview(text, text, int) IS
'The first records of the next file of a stream (''tap'', ''stream'' or ''tap.stream''), as they would be loaded; changes nothing';

CREATE FUNCTION @extschema@.baro_forget(tap text, stream text, file text, dry_run boolean DEFAULT true)
RETURNS TABLE (relation text, rows bigint, note text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_forget';
COMMENT ON FUNCTION @extschema@.baro_forget(text, text, text, boolean) IS
'What becomes of the rows of a loaded file when it is forgotten: its table is then what all other files give; with dry_run => false they go';
