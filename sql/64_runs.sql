-- A run holds a lock for as long as its session works on it (src/pg/locks.cpp). One that is marked as running, but whose lock nobody
-- holds, ended without a word; the next call writes that down, and until then these views know it. A lock is let go of when the run's end is
-- committed, not before.
CREATE VIEW barometre_internal.run_alive AS
SELECT l.classid::bigint << 32 | l.objid::bigint AS id
FROM pg_catalog.pg_locks l
WHERE l.locktype = 'advisory' AND l.objsubid = 1651 AND l.granted
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database());
COMMENT ON VIEW barometre_internal.run_alive IS 'The runs that a session of this database works on now';
COMMENT ON COLUMN barometre_internal.run_alive.id IS 'That of barometre.run';

CREATE FUNCTION barometre_internal.is_running(run bigint) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'barometre_is_running';
COMMENT ON FUNCTION barometre_internal.is_running(bigint) IS 'Whether a run is marked as running by what is committed now, whatever the query sees';

CREATE VIEW barometre_internal.run_state AS
SELECT r.id, r.kind, r.name, r.role, r.started_at, r.finished_at, r.scheduled_for,
       CASE WHEN g.gone THEN 'interrupted' ELSE r.status END AS status, r.sqlstate,
       CASE WHEN g.gone THEN 'the server process that did this run ended without a word'
            WHEN r.status <> 'failed' THEN r.message ELSE m.told END AS message,
       CASE WHEN v.seen THEN r.detail END AS detail, CASE WHEN v.seen OR m.told = r.message THEN r.hint END AS hint
FROM barometre.run r
CROSS JOIN LATERAL (SELECT barometre_internal.told(r.message, r.sqlstate) AS told) AS m, (SELECT barometre_internal.sees_values() AS seen) AS v
-- A standby server does not know the locks of its primary. The array is made once, and only if a run is marked so. What ended since the
-- query began has no lock any more, and its end is not what the query sees: then it was running.
CROSS JOIN LATERAL (SELECT r.status = 'running' AND NOT pg_catalog.pg_is_in_recovery() AND r.id <> ALL (ARRAY(
    SELECT a.id FROM barometre_internal.run_alive a)) AND barometre_internal.is_running(r.id) AS gone) AS g;
COMMENT ON VIEW barometre_internal.run_state IS 'barometre.run as it is at this moment: a run whose process is gone is interrupted';
COMMENT ON COLUMN barometre_internal.run_state.id IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.kind IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.name IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.role IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.started_at IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.finished_at IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.scheduled_for IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.status IS 'As in barometre.run; interrupted: its process is gone';
COMMENT ON COLUMN barometre_internal.run_state.sqlstate IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.message IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.detail IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.hint IS 'As in barometre.run';

CREATE FUNCTION barometre_internal.changes(inserted numeric, updated numeric, deleted numeric, rejected numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT pg_catalog.string_agg(d.sign || CASE WHEN d.n < 100000 THEN d.n::text WHEN d.n < 10000000 THEN pg_catalog.div(d.n, 1000) || 'k'
                                                    ELSE pg_catalog.div(d.n, 1000000) || 'M' END, ' ')
        FROM (VALUES ('+', inserted), ('~', updated), ('-', deleted), ('!', rejected)) AS d (sign, n) WHERE d.n > 0);
COMMENT ON FUNCTION barometre_internal.changes(numeric, numeric, numeric, numeric) IS 'Counts for people: + inserted, ~ updated, - deleted, ! rejected; NULL: none';

-- The widths of this view and of the next one add up to 100 columns at most.
CREATE VIEW barometre.report AS
SELECT l.kind, barometre_internal.fold(l.name, 30) AS name, l.status, barometre_internal.duration(l.seconds) AS took,
       barometre_internal.fold(l.what, 22) AS what, last.id AS run
FROM (SELECT r.id FROM barometre_internal.run_state r WHERE r.status <> 'running' AND r.kind <> 'page' ORDER BY r.id DESC LIMIT 1) AS last
CROSS JOIN LATERAL (
    SELECT s.number, s.kind, barometre_internal.step_name(s.kind, s.name) AS name, s.status, CASE WHEN s.status NOT IN ('skipped', 'skip') THEN s.seconds END AS seconds,
           nullif(pg_catalog.concat_ws('; ', CASE
               WHEN s.kind = 'test' THEN CASE WHEN s.status IN ('fail', 'warn') THEN s.records || CASE WHEN EXISTS (
                   SELECT FROM barometre_internal.test x WHERE x.target || ' ' || x.name = s.name AND x.config ? 'fail_calc') THEN ' failure' ELSE ' failing row' END
                   || CASE WHEN s.records = 1 THEN '' ELSE 's' END END
               WHEN s.status <> 'succeeded' THEN NULL
               WHEN s.kind IN ('stream', 'run') AND s.records = 0 THEN 'nothing new'
               WHEN s.kind IN ('stream', 'run') THEN s.records || ' records' || coalesce(': ' || n.changes, ', no change')
               WHEN s.kind IN ('seed', 'model', 'snapshot') THEN s.records || CASE WHEN s.records = 1 THEN ' row' ELSE ' rows' END || coalesce(': ' || n.changes, ', no change')
           END, CASE WHEN s.kind = 'stream' AND s.rejected > 0 THEN s.rejected || ' rejected: barometre.reject WHERE run = ' || s.run END,
               s.why, barometre_internal.told(s.message, s.sqlstate), 'WARNING: ' || barometre_internal.warned(s.warnings, s.why)), '') AS what
    FROM barometre.step s
    CROSS JOIN LATERAL (SELECT barometre_internal.changes(s.inserted, s.updated, s.deleted, s.rejected) AS changes) AS n
    WHERE s.run = last.id
    UNION ALL -- what no step says
    SELECT NULL, r.kind, r.name, r.status, extract(epoch FROM r.finished_at - r.started_at),  -- NULL: last
           CASE WHEN coalesce(r.detail, r.hint) IS NULL THEN r.message
                ELSE pg_catalog.concat_ws(' ', pg_catalog.rtrim(r.message, '. ') || '.', r.detail, r.hint) END
    FROM barometre_internal.run_state r
    WHERE r.id = last.id AND r.status <> 'succeeded'
      AND NOT EXISTS (SELECT FROM barometre.step s WHERE s.run = r.id AND s.status = 'failed' AND s.message IS NOT NULL)
) AS l
ORDER BY l.number;
COMMENT ON VIEW barometre.report IS 'The last run that ended, a line a step; and a last line for an error that is none of a step';
COMMENT ON COLUMN barometre.report.kind IS 'stream, seed, model, snapshot or test; of a job run, seed, transform, test or sql';
COMMENT ON COLUMN barometre.report.name IS 'In lines that fit; whole in barometre.step';
COMMENT ON COLUMN barometre.report.status IS 'As in barometre.step';
COMMENT ON COLUMN barometre.report.took IS 'How long it took';
COMMENT ON COLUMN barometre.report.run IS 'The run, as in barometre.run, barometre.step and barometre.reject';
COMMENT ON COLUMN barometre.report.what IS
'Rows or records: + inserted, ~ updated, - deleted, ! rejected; or what is wrong. All counts, and the texts as they are, are in barometre.step';

CREATE VIEW barometre.history AS
SELECT r.id, r.kind, barometre_internal.fold(r.name, 16) AS name, r.status, barometre_internal.clock(r.started_at, z.timezone) AS started,
       barometre_internal.duration(e.seconds) AS took,
       barometre_internal.fold(CASE WHEN pg_catalog.length(w.what) > 68 THEN pg_catalog.left(w.what, 67) || '…' ELSE w.what END, 17) AS what
FROM barometre_internal.run_state r
CROSS JOIN barometre_internal.zone z
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
           sum(pg_catalog.jsonb_array_length(s.warnings)) AS warnings,
           (SELECT count(*) FROM barometre.test_result t WHERE t.run = r.id AND t.status <> 'skip') AS tests,
           (SELECT count(*) FROM barometre.test_result t WHERE t.run = r.id AND t.status = 'skip') AS skipped,
           -- The name and what is wrong, without the words that say the name again.
           (SELECT pg_catalog.regexp_replace(barometre_internal.step_name(f.kind, f.name), '^.*\.', '') || ': ' || pg_catalog.regexp_replace(barometre_internal.told(f.message, f.sqlstate), '^[^:"]*"[^"]*"[^:]*: ', '')
            FROM barometre.step f WHERE f.run = r.id AND f.status = 'failed' AND f.message IS NOT NULL ORDER BY f.number LIMIT 1) AS why
    FROM barometre.step s WHERE s.run = r.id) AS c
CROSS JOIN LATERAL (SELECT barometre_internal.changes(c.inserted, c.updated, c.deleted, c.rejected) AS counts) AS n
CROSS JOIN LATERAL (SELECT c.warnings || CASE WHEN c.warnings = 1 THEN ' warning' ELSE ' warnings' END AS warnings) AS m
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN r.status = 'running' THEN NULL
        WHEN r.status <> 'succeeded' AND c.why IS NULL AND c.tests_failed > 0
            THEN c.tests_failed || CASE WHEN c.tests_failed = 1 THEN ' test failed' ELSE ' tests failed' END
        WHEN r.status <> 'succeeded' THEN coalesce(c.why, r.message)
        WHEN r.kind IN ('run', 'forget') THEN pg_catalog.concat_ws(', ', nullif(c.failed, 0) || ' left out', coalesce(n.counts || CASE WHEN c.streams > 1 THEN ', ' || c.streams || ' streams' ELSE '' END, 'nothing new'), m.warnings)
        WHEN r.kind = 'test' THEN pg_catalog.concat_ws(', ', nullif(c.tests_failed, 0) || ' failed', nullif(c.warned, 0) || ' warned',
                                                       c.tests - c.tests_failed - c.warned || ' passed', nullif(c.skipped, 0) || ' skipped')
        WHEN r.kind = 'job' THEN pg_catalog.concat_ws(', ', c.built || '/' || c.steps || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END, m.warnings)
        WHEN c.nodes = 0 THEN nullif(c.steps, 0) || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END
        ELSE pg_catalog.concat_ws(', ', nullif(c.failed, 0) || ' failed', nullif(c.tests_failed, 0) || ' tests failed',
                                  c.built || '/' || c.nodes || CASE WHEN r.kind = 'seed' THEN ' loaded' ELSE ' built' END,
                                  nullif(c.tests, 0) || CASE WHEN c.tests = 1 THEN ' test' ELSE ' tests' END, nullif(c.skipped, 0) || ' skipped', m.warnings) END AS what) AS w
ORDER BY r.id DESC;
COMMENT ON VIEW barometre.history IS 'All runs, the last one first';
COMMENT ON COLUMN barometre.history.id IS 'In barometre.run, which has all of it; barometre.step has its steps';
COMMENT ON COLUMN barometre.history.kind IS 'run, forget, seed, transform, test, job, page, or sql (of a job)';
COMMENT ON COLUMN barometre.history.name IS 'What it was about: a tap, a selection, a job; *: all';
COMMENT ON COLUMN barometre.history.status IS 'running, succeeded, failed, skipped or interrupted';
COMMENT ON COLUMN barometre.history.started IS 'When its work began, by the project''s clock';
COMMENT ON COLUMN barometre.history.took IS 'How long it took; until now, for one that is running';
COMMENT ON COLUMN barometre.history.what IS
'Rows of streams: + inserted, ~ updated, - deleted, ! rejected; models built of those looked at; tests; warnings; of a failed run: what is wrong';

-- Its widths add up to 100 columns at most.
CREATE VIEW barometre.row_counts AS
SELECT barometre_internal.fold(coalesce(m.schema || '.' || m.relation, d.schema || '.' || d.relation, s.name), 36) AS relation, s.run, s.rows,
       s.inserted AS added, s.deleted AS removed, s.rejected, barometre_internal.clock(r.finished_at, z.timezone) AS at
FROM barometre.step s
JOIN barometre.run r ON r.id = s.run AND r.status = 'succeeded'
CROSS JOIN barometre_internal.zone z
LEFT JOIN barometre_internal.model m ON s.kind IN ('model', 'snapshot') AND m.name = s.name
LEFT JOIN barometre_internal.seed d ON s.kind = 'seed' AND d.name = s.name
WHERE s.status = 'succeeded' AND s.rows IS NOT NULL
ORDER BY s.run DESC, s.number;
COMMENT ON VIEW barometre.row_counts IS 'How many rows each table had after each run that published something of it, the last one first';
COMMENT ON COLUMN barometre.row_counts.relation IS 'The table of a stream, seed, model or snapshot, in lines that fit';
COMMENT ON COLUMN barometre.row_counts.run IS 'The run, as in barometre.run';
COMMENT ON COLUMN barometre.row_counts.rows IS 'How many it had then';
COMMENT ON COLUMN barometre.row_counts.added IS 'Rows that this run added';
COMMENT ON COLUMN barometre.row_counts.removed IS 'Rows that it removed';
COMMENT ON COLUMN barometre.row_counts.rejected IS 'Records that it set aside';
COMMENT ON COLUMN barometre.row_counts.at IS 'When the run ended, by the project''s clock';
