-- Registration by SQL alone: streams, models and tests beside those of the project's files.

CREATE TABLE barometre.registered (
    kind text NOT NULL CHECK (kind IN ('stream', 'model', 'test')),
    name text NOT NULL,              -- of a stream: tap.stream
    query text,                      -- of a model or test
    options jsonb NOT NULL,          -- the keys of the project file
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE barometre.registered IS 'What was registered by SQL alone, beside the project''s files';

-- Apart from it, so that a restore where a role is missing loses who registered something, and not what.
CREATE TABLE barometre.registered_by (
    kind text NOT NULL,
    name text NOT NULL,
    owner regrole NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE barometre.registered_by IS 'Whose is what was registered; what is not listed is anybody''s who has the project';

SELECT pg_extension_config_dump('barometre.registered', '');
SELECT pg_extension_config_dump('barometre.registered_by', '');

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
