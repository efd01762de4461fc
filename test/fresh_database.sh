#!/usr/bin/env bash
# fresh_database.sh NAME: an empty database with pgTAP and barometre, and the roles of the default project.
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
CREATE EXTENSION pgtap;
CREATE EXTENSION barometre;
SQL
