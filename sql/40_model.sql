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
'Builds the selected models in dependency order, in one transaction';

CREATE FUNCTION @extschema@.baro_compile(model text) RETURNS text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_compile';
COMMENT ON FUNCTION @extschema@.baro_compile(text) IS 'The SQL of a model, as it would run';
