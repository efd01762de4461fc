#!/usr/bin/env bash
# fresh_database.sh NAME: an empty database with pgTAP and barometre, the roles of
# the default project, and BARO_DATA as its data directory, emptied.
set -eu
name=$1
rm -rf "${BARO_DATA:?}"/*
psql -X -q -v ON_ERROR_STOP=1 -d postgres <<SQL
DROP DATABASE IF EXISTS "$name" WITH (FORCE);
DO \$\$
BEGIN
    IF to_regrole('meltano') IS NULL THEN CREATE ROLE meltano LOGIN; END IF;
    IF to_regrole('"express-api"') IS NULL THEN CREATE ROLE "express-api" LOGIN; END IF;
END
\$\$;
CREATE DATABASE "$name" OWNER meltano TEMPLATE template0;
ALTER DATABASE "$name" SET barometre.data_directory = '$BARO_DATA';
\c "$name"
CREATE EXTENSION pgtap;
CREATE EXTENSION barometre;
SQL
