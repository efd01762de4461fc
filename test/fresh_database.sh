#!/usr/bin/env bash
# fresh_database.sh NAME: an empty database with barometre, pgTAP if the server has it, and the roles of the default project.
set -eu
name=$1
psql -X -q -v ON_ERROR_STOP=1 -d postgres <<SQL
DROP DATABASE IF EXISTS "$name" WITH (FORCE);
DO \$\$
BEGIN
    IF to_regrole('meltano') IS NULL THEN CREATE ROLE meltano LOGIN; END IF;
    IF to_regrole('"express-api"') IS NULL THEN CREATE ROLE "express-api" LOGIN; END IF;
END
\$\$;
CREATE DATABASE "$name" OWNER meltano TEMPLATE template0;
\c "$name"
SELECT count(*) > 0 AS has_pgtap FROM pg_available_extensions WHERE name = 'pgtap' \gset
\if :has_pgtap
CREATE EXTENSION pgtap;
\endif
CREATE EXTENSION barometre;
SQL
