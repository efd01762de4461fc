CREATE FUNCTION barometre_internal.run_lock_class() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1650553441;
COMMENT ON FUNCTION barometre_internal.run_lock_class() IS 'First key of the advisory locks that say that a run is alive; the second is its id, modulo 2147483647';

-- A run holds an advisory lock for as long as its session works on it (src/run/record.cpp). One that is marked as running,
-- but whose lock nobody holds, ended without a word; the next call writes that down, and until then these views know it.
CREATE VIEW barometre_internal.run_state AS
SELECT r.id, r.kind, r.name, r.role, r.started_at, r.finished_at, r.scheduled_for,
       CASE WHEN g.gone THEN 'interrupted' ELSE r.status END AS status, r.sqlstate,
       CASE WHEN g.gone THEN 'the server process that did this run ended without a word' ELSE r.message END AS message,
       r.detail, r.hint
FROM barometre.run r
-- A standby server does not know the locks of its primary. The array is made once, and only if a run is marked so.
CROSS JOIN LATERAL (SELECT r.status = 'running' AND NOT pg_catalog.pg_is_in_recovery() AND (r.id % 2147483647)::oid <> ALL (ARRAY(
    SELECT l.objid FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      AND l.classid = barometre_internal.run_lock_class()::oid AND l.objsubid = 2 AND l.granted)) AS gone) AS g;
COMMENT ON VIEW barometre_internal.run_state IS 'barometre.run as it is at this moment: a run whose process is gone is interrupted';

CREATE VIEW barometre.report AS
SELECT l.number, l.kind, l.name, l.status, l.records, l.inserted, l.updated, l.deleted, l.seconds, l.why
FROM (SELECT r.id FROM barometre_internal.run_state r WHERE r.status <> 'running' ORDER BY r.id DESC LIMIT 1) AS last
CROSS JOIN LATERAL (
    SELECT s.number, s.kind, s.name, s.status, s.records, s.inserted, s.updated, s.deleted, s.seconds,
           nullif(pg_catalog.concat_ws('; ', s.why, s.message), '') AS why
    FROM barometre.step s WHERE s.run = last.id
    UNION ALL -- what no step says
    SELECT NULL, r.kind, r.name, r.status, NULL, NULL, NULL, NULL, NULL,  -- NULL: last
           pg_catalog.concat_ws('. ', r.message, r.detail, r.hint)
    FROM barometre_internal.run_state r
    WHERE r.id = last.id AND r.status <> 'succeeded'
      AND NOT EXISTS (SELECT FROM barometre.step s WHERE s.run = r.id AND s.status = 'failed' AND s.message IS NOT NULL)
) AS l
ORDER BY l.number;
COMMENT ON VIEW barometre.report IS 'The last run that ended, a line a step; and a last line for an error that is none of a step';

CREATE FUNCTION barometre_internal.duration(seconds numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN seconds < 9.95 THEN pg_catalog.round(seconds, 1) || ' s'
            WHEN seconds < 99.5 THEN pg_catalog.round(seconds) || ' s'
            WHEN seconds < 5970 THEN pg_catalog.round(seconds / 60) || ' m'
            WHEN seconds < 359640 THEN pg_catalog.round(seconds / 3600) || ' h'
            WHEN seconds < 86356800 THEN pg_catalog.round(seconds / 86400) || ' d'
            ELSE pg_catalog.round(seconds / 31557600) || ' y' END;
COMMENT ON FUNCTION barometre_internal.duration(numeric) IS 'Seconds for people, in at most six characters';

-- Its widths add up to 100 columns at most.
CREATE VIEW barometre.history AS
SELECT r.id, r.kind, CASE WHEN pg_catalog.length(p.name) > 18 THEN pg_catalog.left(p.name, 17) || '…' ELSE p.name END AS name, r.status,
       pg_catalog.to_char(r.started_at, CASE WHEN r.started_at >= CURRENT_DATE THEN 'HH24:MI:SS'
                                             WHEN r.started_at >= CURRENT_DATE - 300 THEN 'MM-DD HH24:MI' ELSE 'YYYY-MM-DD' END) AS started,
       barometre_internal.duration(e.seconds) AS took,
       CASE WHEN pg_catalog.length(p.what) > 21 THEN pg_catalog.left(p.what, 20) || '…' ELSE p.what END AS what
FROM barometre_internal.run_state r
CROSS JOIN LATERAL (SELECT extract(epoch FROM coalesce(r.finished_at, CASE WHEN r.status = 'running' THEN pg_catalog.clock_timestamp() END)
                                              - r.started_at) AS seconds) AS e
CROSS JOIN LATERAL (
    SELECT count(*) AS steps,
           count(*) FILTER (WHERE s.kind = 'stream') AS streams,
           count(*) FILTER (WHERE s.kind NOT IN ('stream', 'test')) AS nodes,
           count(*) FILTER (WHERE (s.kind NOT IN ('stream', 'test') OR r.kind = 'job') AND s.status = 'succeeded') AS built,
           count(*) FILTER (WHERE s.kind <> 'test' AND s.status = 'failed') AS failed,
           count(*) FILTER (WHERE s.kind = 'test' AND s.status IN ('fail', 'error')) AS tests_failed,
           count(*) FILTER (WHERE s.kind = 'test' AND s.status = 'warn') AS warned,
           sum(s.inserted) AS inserted, sum(s.updated) AS updated, sum(s.deleted) AS deleted, sum(s.rejected) AS rejected,
           (SELECT count(*) FROM barometre.test_result t WHERE t.run = r.id AND t.status <> 'skip') AS tests,
           -- The name and what is wrong, without the words that say the name again.
           (SELECT pg_catalog.regexp_replace(f.name, '^.*\.', '') || ': ' || pg_catalog.regexp_replace(f.message, '^[^:"]*"[^"]*"[^:]*: ', '')
            FROM barometre.step f WHERE f.run = r.id AND f.status = 'failed' AND f.message IS NOT NULL ORDER BY f.number LIMIT 1) AS why
    FROM barometre.step s WHERE s.run = r.id) AS c
CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(d.sign || CASE WHEN d.n < 100000 THEN d.n::text WHEN d.n < 10000000 THEN pg_catalog.div(d.n, 1000) || 'k'
                                                ELSE pg_catalog.div(d.n, 1000000) || 'M' END, ' ') AS counts
    FROM (VALUES ('+', c.inserted), ('~', c.updated), ('-', c.deleted), ('!', c.rejected)) AS d (sign, n) WHERE d.n > 0) AS n
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN r.status = 'running' THEN NULL
        WHEN r.status <> 'succeeded' AND c.why IS NULL AND c.tests_failed > 0
            THEN c.tests_failed || CASE WHEN c.tests_failed = 1 THEN ' test failed' ELSE ' tests failed' END
        WHEN r.status <> 'succeeded' THEN coalesce(c.why, r.message)
        WHEN r.kind = 'run' THEN coalesce(n.counts || CASE WHEN c.streams > 1 THEN ', ' || c.streams || ' streams' ELSE '' END, 'nothing new')
        WHEN r.kind = 'test' THEN pg_catalog.concat_ws(', ', nullif(c.tests_failed, 0) || ' failed', nullif(c.warned, 0) || ' warned',
                                                       c.tests - c.tests_failed - c.warned || ' passed')
        WHEN r.kind = 'job' THEN c.built || '/' || c.steps || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END
        WHEN c.nodes = 0 THEN nullif(c.steps, 0) || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END
        ELSE pg_catalog.concat_ws(', ', nullif(c.failed, 0) || ' failed', nullif(c.tests_failed, 0) || ' tests failed',
                                  c.built || '/' || c.nodes || CASE WHEN r.kind = 'seed' THEN ' loaded' ELSE ' built' END,
                                  nullif(c.tests, 0) || CASE WHEN c.tests = 1 THEN ' test' ELSE ' tests' END) END AS what) AS w
-- psql writes a control character as four others, and breaks lines.
CROSS JOIN LATERAL (SELECT pg_catalog.regexp_replace(r.name, '[[:cntrl:]]+', ' ', 'g') AS name,
                           pg_catalog.regexp_replace(w.what, '[[:cntrl:]]+', ' ', 'g') AS what) AS p
ORDER BY r.id DESC;
COMMENT ON VIEW barometre.history IS 'All runs, the last one first';
COMMENT ON COLUMN barometre.history.started IS 'In the session''s time zone; barometre.run has it with the day and the year';
COMMENT ON COLUMN barometre.history.took IS 'Until now, for one that is running';
COMMENT ON COLUMN barometre.history.what IS
'Rows of streams: + inserted, ~ updated, - deleted, ! rejected; models built of those looked at; tests; of a failed run: what is wrong';

CREATE VIEW barometre.usual_duration AS
SELECT r.kind, r.name, pg_catalog.round(pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY r.seconds)::numeric, 3) AS seconds,
       count(*)::int AS runs
FROM (SELECT s.kind, s.name, extract(epoch FROM s.finished_at - s.started_at)::float8 AS seconds,
             pg_catalog.row_number() OVER (PARTITION BY s.kind, s.name ORDER BY s.id DESC) AS back
      FROM barometre.run s WHERE s.status = 'succeeded') AS r
WHERE r.back <= 10
GROUP BY r.kind, r.name;
COMMENT ON VIEW barometre.usual_duration IS 'How long a run usually takes: the median of its last ten successes';
COMMENT ON COLUMN barometre.usual_duration.runs IS 'How many successes that is the median of';
