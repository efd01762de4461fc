-- Registration by SQL alone: streams, models and tests beside those of the project's files.

CREATE TABLE barometre_internal.registered (
    kind text NOT NULL CHECK (kind IN ('stream', 'model', 'test')),
    name text NOT NULL,
    query text,
    options jsonb NOT NULL,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE barometre_internal.registered IS 'What was registered by SQL alone, beside the project''s files';
COMMENT ON COLUMN barometre_internal.registered.kind IS 'stream, model or test';
COMMENT ON COLUMN barometre_internal.registered.name IS 'Its name; of a stream tap.stream';
COMMENT ON COLUMN barometre_internal.registered.query IS 'Of a model or test';
COMMENT ON COLUMN barometre_internal.registered.options IS 'The keys of the project file';
COMMENT ON COLUMN barometre_internal.registered.registered_at IS 'When it became what it is';

-- Apart from it, so that a restore where a role is missing loses who registered something, and not what.
CREATE TABLE barometre_internal.registered_by (
    kind text NOT NULL,
    name text NOT NULL,
    owner regrole NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE barometre_internal.registered_by IS 'Whose is what was registered; what is not listed is anybody''s who has the project';
COMMENT ON COLUMN barometre_internal.registered_by.kind IS 'As in barometre_internal.registered';
COMMENT ON COLUMN barometre_internal.registered_by.name IS 'As in barometre_internal.registered';
COMMENT ON COLUMN barometre_internal.registered_by.owner IS 'The role that registered it first';

SELECT pg_extension_config_dump('barometre_internal.registered', '');
SELECT pg_extension_config_dump('barometre_internal.registered_by', '');

CREATE FUNCTION @extschema@.baro_register_stream(tap text, stream text, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_register_stream';
COMMENT ON FUNCTION @extschema@.baro_register_stream(text, text, jsonb) IS
'Adds a stream to the project, or replaces one that was added so; options have the keys of a stream in barometre.yml';

CREATE FUNCTION @extschema@.baro_register_model(name text, query text, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_register_model';
COMMENT ON FUNCTION @extschema@.baro_register_model(text, text, jsonb) IS
'Adds a model to the project, or replaces one that was added so; options have the keys of a model''s properties';

CREATE FUNCTION @extschema@.baro_register_test(name text, query text, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_register_test';
COMMENT ON FUNCTION @extschema@.baro_register_test(text, text, jsonb) IS
'Adds a data test to the project, or replaces one that was added so; options have the keys of a singular test''s config()';

CREATE FUNCTION @extschema@.baro_unregister(kind text, name text)
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_unregister';
COMMENT ON FUNCTION @extschema@.baro_unregister(text, text) IS
'Forgets a stream (tap.stream), model or test that was registered; tables stay';

CREATE FUNCTION @extschema@.baro_export()
RETURNS TABLE (path text, content text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_export';
COMMENT ON FUNCTION @extschema@.baro_export() IS
'What was registered as files of the project: barometre.yml with the streams, models with their properties, tests';
