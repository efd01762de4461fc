CREATE FUNCTION @extschema@.baro_seed(seeds text[] DEFAULT NULL)
RETURNS TABLE (seed text, state text, rows bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_seed';
COMMENT ON FUNCTION @extschema@.baro_seed(text[]) IS
'Loads the seeds that changed (of all: NULL): loaded, unchanged or missing';

-- No SET clause: a procedure that has one can't commit.
CREATE PROCEDURE @extschema@.baro_transform(selection text DEFAULT '*', exclude text DEFAULT NULL,
                                            full_refresh boolean DEFAULT false, on_failure text DEFAULT 'stop')
LANGUAGE C AS 'MODULE_PATHNAME', 'barometre_transform';
COMMENT ON PROCEDURE @extschema@.baro_transform(text, text, boolean, text) IS
'Builds what is stale of the selection in one snapshot, tests it, and publishes it by difference';

CREATE FUNCTION @extschema@.baro_compile(name text) RETURNS text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_compile';
COMMENT ON FUNCTION @extschema@.baro_compile(text) IS
'The SQL of a model, snapshot or test (table.column.test), as it would run, and what makes the table of a seed';

CREATE FUNCTION @extschema@.baro_show(query text, max_rows int DEFAULT 20) RETURNS TABLE (content jsonb)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_show';
COMMENT ON FUNCTION @extschema@.baro_show(text, int) IS
'The first rows of a query with templates, or of what has that name: a model by its SQL, a seed, a stream (tap.stream), a test; nothing is written';

CREATE FUNCTION @extschema@.baro_diff(model text, samples int DEFAULT 10)
RETURNS TABLE (change text, key text, column_name text, published text, built text, rows bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_diff';
COMMENT ON FUNCTION @extschema@.baro_diff(text, int) IS
'What a build of a model, snapshot or seed would change of what is published: columns, and rows that go, come and change, with examples; all is rolled back';

CREATE FUNCTION @extschema@.baro_ls(selection text DEFAULT '*')
RETURNS TABLE (name text, kind text, materialized text, state text, reason text, rows bigint, built timestamptz)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_ls';
COMMENT ON FUNCTION @extschema@.baro_ls(text) IS
'The streams, seeds and models of the selection in dependency order, whether each is new, stale, current or blocked, and why; where it asks for tests, also those, with their last result';

CREATE FUNCTION @extschema@.baro_plan(selection text DEFAULT '*')
RETURNS TABLE (name text, kind text, materialized text, state text, reason text, rows bigint, built timestamptz)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_plan';
COMMENT ON FUNCTION @extschema@.baro_plan(text) IS
'Like baro_ls, after a dry run of the whole selection: every model is made empty, errors are the reasons, and all is rolled back';

CREATE FUNCTION @extschema@.baro_stamp_sources()
RETURNS TABLE (relation text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_stamp_sources';
COMMENT ON FUNCTION @extschema@.baro_stamp_sources() IS
'Lets changes of the sources be seen that the caller owns, by the trigger baro_stamp on each; one row a source';

CREATE FUNCTION @extschema@.baro_stamp() RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_stamp';
COMMENT ON FUNCTION @extschema@.baro_stamp() IS
'Trigger function for tables that models read and others write: CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON a_table EXECUTE FUNCTION baro_stamp()';

-- By which a model that reads barometre.lineage is stale when something was loaded, and not at each call.
CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON barometre.file EXECUTE FUNCTION @extschema@.baro_stamp();
