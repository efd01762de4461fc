-- What views show: texts in lines that fit, and times by the project's clock. They compute with nothing but their arguments.

CREATE FUNCTION barometre_internal.fold("text" text, width integer) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_fold';
COMMENT ON FUNCTION barometre_internal.fold(text, integer) IS 'A text in lines of at most that many characters';

CREATE FUNCTION barometre_internal.clock(at timestamptz, timezone text) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_clock';
COMMENT ON FUNCTION barometre_internal.clock(timestamptz, text) IS
'A time as the clocks of a time zone show it, with the zone''s abbreviation; without the hour what is older than 300 days';

CREATE FUNCTION barometre_internal.duration(seconds numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN seconds < 9.95 THEN pg_catalog.round(seconds, 1) || ' s'
            WHEN seconds < 99.5 THEN pg_catalog.round(seconds) || ' s'
            WHEN seconds < 5970 THEN pg_catalog.round(seconds / 60) || ' m'
            WHEN seconds < 359640 THEN pg_catalog.round(seconds / 3600) || ' h'
            WHEN seconds < 86356800 THEN pg_catalog.round(seconds / 86400) || ' d'
            ELSE pg_catalog.round(seconds / 31557600) || ' y' END;
COMMENT ON FUNCTION barometre_internal.duration(numeric) IS 'Seconds for people, in at most six characters';

CREATE VIEW barometre_internal.zone AS
SELECT coalesce((SELECT p.timezone FROM barometre_internal.project p), 'UTC') AS timezone;
COMMENT ON VIEW barometre_internal.zone IS 'By whose clocks views show times: one row';
COMMENT ON COLUMN barometre_internal.zone.timezone IS 'The project''s time zone';

-- A running call says in its application_name how far it is: anybody may see that.
CREATE VIEW barometre.progress AS
SELECT DISTINCT ON (a.application_name) a.pid, m[1] AS call, barometre_internal.fold(m[4], 34) AS working_on, m[2]::int AS number, m[3]::int AS of,
       m[3]::int - m[2]::int AS left, date_trunc('second', clock_timestamp() - a.query_start) AS running
FROM pg_catalog.pg_stat_activity a,
     pg_catalog.regexp_match(a.application_name, '^(baro_\w+) (\d+)/(\d+) (.*)$') AS m
WHERE a.datname = pg_catalog.current_database() AND m IS NOT NULL
-- Parallel workers have the name of their leader, and only some roles can tell them apart.
ORDER BY a.application_name, a.leader_pid IS NOT NULL, a.pid;
COMMENT ON VIEW barometre.progress IS 'Calls that are running: what each is working on, and how much is left';
COMMENT ON COLUMN barometre.progress.pid IS 'The server process: SELECT pg_cancel_backend(pid) stops it';
COMMENT ON COLUMN barometre.progress.call IS 'What was called';
COMMENT ON COLUMN barometre.progress.working_on IS 'The stream, seed, model, test or step that it is at';
COMMENT ON COLUMN barometre.progress.number IS 'Which one that is, from 1';
COMMENT ON COLUMN barometre.progress.of IS 'Of how many';
COMMENT ON COLUMN barometre.progress."left" IS 'How many are left after it';
COMMENT ON COLUMN barometre.progress.running IS 'For how long the call has run';

CREATE VIEW barometre.lineage AS
SELECT f.id AS _baro_file, f.tap, f.stream, barometre_internal.fold(f.path, 34) AS path, f.run
FROM barometre.file f;
COMMENT ON VIEW barometre.lineage IS 'The file that a row''s _baro_file names; barometre.file has all that is known of it';
COMMENT ON COLUMN barometre.lineage._baro_file IS 'As in the rows of the stream''s table';
COMMENT ON COLUMN barometre.lineage.tap IS 'The tap of the stream';
COMMENT ON COLUMN barometre.lineage.stream IS 'The stream';
COMMENT ON COLUMN barometre.lineage.path IS 'Below barometre.data_directory, or absolute; in lines that fit, whole in barometre.file';
COMMENT ON COLUMN barometre.lineage.run IS 'The run that read it last, in barometre.run';

CREATE VIEW barometre.singer_state AS
SELECT t.tap, coalesce(f.state, '{}') AS value, f.path AS file, barometre_internal.clock(f.loaded_at, z.timezone) AS at
FROM (SELECT name AS tap FROM barometre_internal.tap WHERE shares_files
      UNION SELECT tap FROM barometre.file WHERE stream = '*') AS t
     LEFT JOIN LATERAL (SELECT f.state, f.path, f.loaded_at FROM barometre.file f WHERE f.tap = t.tap AND f.stream = '*' AND f.state IS NOT NULL
                        ORDER BY f.path COLLATE "C" DESC LIMIT 1) AS f ON true, barometre_internal.zone z;
COMMENT ON VIEW barometre.singer_state IS 'The state of each Singer tap, for its next extraction: that of the loaded file with the greatest name';
COMMENT ON COLUMN barometre.singer_state.tap IS 'The tap';
COMMENT ON COLUMN barometre.singer_state.value IS 'The last STATE of that file; {}: no file has had one';
COMMENT ON COLUMN barometre.singer_state.file IS 'The file, as in barometre.file';
COMMENT ON COLUMN barometre.singer_state.at IS 'When it was loaded';
