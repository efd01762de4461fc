-- A running call says in its application_name how far it is: anybody may see that.
CREATE VIEW barometre.progress AS
SELECT DISTINCT ON (a.application_name) a.pid, m[1] AS call, m[4] AS working_on, m[2]::int AS number, m[3]::int AS of, m[3]::int - m[2]::int AS left,
       date_trunc('second', clock_timestamp() - a.query_start) AS running
FROM pg_catalog.pg_stat_activity a,
     pg_catalog.regexp_match(a.application_name, '^(baro_\w+) (\d+)/(\d+) (.*)$') AS m
WHERE a.datname = pg_catalog.current_database() AND m IS NOT NULL
-- Parallel workers have the name of their leader, and only some roles can tell them apart.
ORDER BY a.application_name, a.leader_pid IS NOT NULL, a.pid;
COMMENT ON VIEW barometre.progress IS 'Calls that are running: what each is working on, and how much is left';

CREATE VIEW barometre.lineage AS
SELECT f.id AS _baro_file, f.tap, f.stream, f.path, f.loaded_at, f.run
FROM barometre.file f;
COMMENT ON VIEW barometre.lineage IS 'The file that a row''s _baro_file names';
