CREATE FUNCTION @extschema@.baro_grant()
RETURNS TABLE (role text, privilege text, object text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_grant';
COMMENT ON FUNCTION @extschema@.baro_grant() IS
'Gives the roles of the project what they need: the loader all the work, the readers the models, the observers views without values; one row a grant';
