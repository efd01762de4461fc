\echo Use "CREATE EXTENSION barometre" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

-- Without IF NOT EXISTS: a schema that somebody prepared must not be used.
CREATE SCHEMA barometre;
COMMENT ON SCHEMA barometre IS 'barometre: the registry of the project, the state of loads and the memory of runs';
