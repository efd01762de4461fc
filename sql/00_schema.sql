\echo Use "CREATE EXTENSION barometre" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

-- Without IF NOT EXISTS: a schema that somebody prepared must not be used.
CREATE SCHEMA barometre;
COMMENT ON SCHEMA barometre IS 'barometre: the state of loads, the memory of runs, and views of both';

CREATE SCHEMA barometre_internal;
COMMENT ON SCHEMA barometre_internal IS 'barometre: what only the extension reads; it may change with each version';
