-- What went wrong and was not put right since. A step is put right by a later success of the same step, in whichever
-- call; what no step tells by a later success of the same call. "Later" is by the end: of two calls of the same
-- thing at once, the one that is refused began last.
CREATE VIEW barometre_internal.failure AS
WITH ended AS MATERIALIZED (
    SELECT r.*, coalesce(r.finished_at, r.started_at) AS at, j.job,
           r.status = 'succeeded' AS is_good, -- the planner can't tell how often a computed status has a value
           CASE r.kind WHEN 'run' THEN 'SELECT * FROM baro_run(' || CASE WHEN r.name = '*' THEN '' ELSE pg_catalog.quote_literal(r.name) END || ');'
                       WHEN 'seed' THEN 'SELECT * FROM baro_seed();'
                       WHEN 'test' THEN 'SELECT * FROM baro_test(' || pg_catalog.quote_literal(r.name) || ');'
                       WHEN 'sql' THEN 'CALL baro_job(' || pg_catalog.quote_literal(j.job) || ');'
                       WHEN 'page' THEN 'CALL baro_job(' || pg_catalog.quote_literal(j.job) || ');'
                       ELSE 'CALL baro_' || r.kind || '(' || pg_catalog.quote_literal(r.name) || ');' END AS call
    FROM barometre_internal.run_state r
    CROSS JOIN LATERAL (SELECT CASE r.kind WHEN 'job' THEN r.name WHEN 'page' THEN (SELECT min(x.name) FROM barometre_internal.job x WHERE x.definition #>> '{page,file}' = r.name) WHEN 'sql' THEN pg_catalog.regexp_replace(r.name, ' (on_failure_sql|step [0-9]+)$', '') END AS job) AS j
    WHERE r.kind <> 'forget' -- which is refused to whoever asks, and puts nothing right
      AND r.status <> 'running' AND (r.status <> 'skipped' OR (r.kind = 'job' AND pg_catalog.strpos(r.message, ', which it comes after, ') > 0))
), good_run AS ( -- when it was well last
    SELECT r.kind, r.name, max(r.at) AS at FROM ended r WHERE r.is_good GROUP BY r.kind, r.name
), failed AS MATERIALIZED ( -- without a message: because of a test, or of another step
    SELECT r.id AS run, s.kind, s.name, s.sqlstate, s.message FROM ended r JOIN barometre.step s ON s.run = r.id
    WHERE s.status = 'failed' AND s.message IS NOT NULL AND s.kind IN ('stream', 'tap', 'seed', 'model', 'snapshot')
), failing AS MATERIALIZED (
    SELECT t.* FROM ended r JOIN barometre.test_result t ON t.run = r.id WHERE t.status = 'fail' OR (t.status = 'error' AND t.severity = 'error')
), told AS MATERIALIZED ( -- the last time that something was told of each thing
    SELECT DISTINCT ON (s.kind, s.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, s.kind || ' ' || s.name AS place, s.kind, s.name, s.status, s.why, s.warnings
    FROM ended r JOIN barometre.step s ON s.run = r.id
    WHERE r.is_good AND r.kind <> 'job' AND s.kind IN ('stream', 'seed', 'model', 'snapshot') AND s.status <> 'failed' AND s.warnings IS NOT NULL
    ORDER BY s.kind, s.name, r.at DESC
), suspect AS MATERIALIZED ( -- of all steps, which are many, only those of these names are looked at
    SELECT f.name FROM failed f
    UNION SELECT x.tap || '.' || x.name FROM barometre_internal.stream x WHERE x.tap IN (SELECT f.name FROM failed f WHERE f.kind = 'tap')
    UNION SELECT pg_catalog.split_part(t.target, '.', 1) FROM failing t
    UNION SELECT l.name FROM told l
), done AS MATERIALIZED (
    SELECT s.run, s.kind, s.name, s.status FROM barometre.step s WHERE s.kind <> 'test' AND s.status <> 'failed' AND s.name IN (SELECT u.name FROM suspect u)
), good_step AS (
    SELECT s.kind, s.name, max(r.at) AS at, max(r.at) FILTER (WHERE r.kind = 'transform') AS built
    FROM done s JOIN ended r ON r.id = s.run AND r.is_good WHERE s.status IN ('succeeded', 'unchanged') GROUP BY s.kind, s.name
), last_step AS (
    SELECT s.kind, s.name, max(r.at) AS at FROM done s JOIN ended r ON r.id = s.run AND r.is_good AND r.kind <> 'job' GROUP BY s.kind, s.name
), good_test AS (
    SELECT t.target, t.test, max(r.at) FILTER (WHERE r.is_good) AS at, max(r.at) FILTER (WHERE r.kind = 'transform') AS built
    FROM barometre.test_result t JOIN ended r ON r.id = t.run
    WHERE t.status IN ('pass', 'warn') AND (t.target, t.test) IN (SELECT f.target, f.test FROM failing f) GROUP BY t.target, t.test
), declared AS (
    SELECT x.target, x.name, pg_catalog.string_agg(DISTINCT x.definition, ', ') AS definition,
           CASE WHEN pg_catalog.bool_or(x.config ? 'fail_calc') THEN ' failure' ELSE ' failing row' END AS unit -- fail_calc counts what it likes
    FROM barometre_internal.test x GROUP BY x.target, x.name
), failed_step AS (
    SELECT DISTINCT ON (s.kind, s.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, s.kind || ' ' || s.name AS place,
           CASE WHEN r.sqlstate LIKE '57%' THEN r.message ELSE barometre_internal.told(s.message, s.sqlstate) END AS why, -- what cancelled it knows the run
           coalesce(r.hint, CASE WHEN r.sqlstate LIKE '57%' THEN 'Run it again: ' || r.call END, CASE s.kind WHEN 'model' THEN 'Correct it, then: CALL baro_transform(' || pg_catalog.quote_literal(s.name) || ');'
                                        WHEN 'stream' THEN 'SELECT * FROM baro_check(' || pg_catalog.quote_literal(pg_catalog.split_part(s.name, '.', 1)) || ');'
                                        ELSE r.call END) AS what_to_do
    FROM ended r JOIN failed s ON s.run = r.id LEFT JOIN good_step g ON g.kind = s.kind AND g.name = s.name
    WHERE (g.at > r.at) IS NOT TRUE
      AND (s.kind <> 'tap' OR NOT EXISTS (SELECT FROM good_step t WHERE t.kind = 'stream' AND pg_catalog.split_part(t.name, '.', 1) = s.name AND t.at > r.at))
      AND (s.kind <> 'tap' OR EXISTS (SELECT FROM barometre_internal.tap x WHERE x.name = s.name))
      AND (s.kind <> 'stream' OR EXISTS (SELECT FROM barometre_internal.stream x WHERE x.tap || '.' || x.name = s.name))
      AND (s.kind <> 'seed' OR EXISTS (SELECT FROM barometre_internal.seed x WHERE x.name = s.name))
      AND (s.kind NOT IN ('model', 'snapshot') OR EXISTS (SELECT FROM barometre_internal.model x WHERE x.name = s.name))
    ORDER BY s.kind, s.name, r.at DESC
), failed_test AS (
    SELECT DISTINCT ON (t.target, t.test) r.at, r.id AS run, r.kind || ' ' || r.name AS what, 'test ' || t.target || ' ' || t.test AS place,
           CASE WHEN barometre_internal.sees_values() OR (t.test = 'max_deletes' AND t.status = 'fail') THEN coalesce(t.message, w.failing)
                WHEN t.status = 'error' THEN 'it could not be run' ELSE w.failing END AS why,
           CASE WHEN t.status = 'error' THEN 'Correct the test' || coalesce(', which is declared in ' || x.definition, '') || '.'
                ELSE 'SELECT target, sample FROM barometre.test_result WHERE run = ' || r.id || ' AND status = ''fail'';' END
           || CASE WHEN t.test = 'max_deletes' AND t.message IS NOT NULL THEN '  To let the rows go, set  max_deletes: 100%  of the model.' ELSE '' END AS what_to_do
    FROM ended r JOIN failing t ON t.run = r.id
    LEFT JOIN declared x ON x.target = t.target AND x.name = t.test
    LEFT JOIN good_run c ON c.kind = r.kind AND c.name = r.name
    LEFT JOIN good_test g ON g.target = t.target AND g.test = t.test
    LEFT JOIN (SELECT n.name, max(n.built) AS built FROM good_step n GROUP BY n.name) AS n ON n.name = pg_catalog.split_part(t.target, '.', 1)
    CROSS JOIN LATERAL (SELECT t.failures || coalesce(x.unit, ' failing row') || CASE WHEN t.failures = 1 THEN '' ELSE 's' END AS failing) AS w
    WHERE (EXISTS (SELECT FROM barometre_internal.test y WHERE y.target = t.target)
           OR (t.test = 'max_deletes' AND EXISTS (SELECT FROM barometre_internal.model y WHERE y.name = t.target)))
      -- What is published may pass while what a transform built does not, and must not be.
      AND (CASE r.kind WHEN 'transform' THEN greatest(c.at, g.built, n.built) ELSE greatest(c.at, g.at) END > r.at) IS NOT TRUE
    ORDER BY t.target, t.test, r.at DESC
), failed_run AS (
    SELECT DISTINCT ON (r.kind, r.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, NULL AS place, r.message AS why,
           pg_catalog.concat_ws(' ', r.hint, CASE WHEN r.status = 'skipped' THEN 'When that is put right:  ' || r.call WHEN r.hint IS NULL THEN CASE r.kind WHEN 'job' THEN 'Steps that were done are kept' WHEN 'page' THEN 'The last page is kept' ELSE 'Nothing of it was kept' END || '; run it again:  ' || r.call END) AS what_to_do
    FROM ended r
    LEFT JOIN good_run c ON c.kind = r.kind AND c.name = r.name
    LEFT JOIN good_run d ON r.kind = 'sql' AND d.kind = 'job' AND d.name = r.job
    WHERE (greatest(c.at, d.at) > r.at) IS NOT TRUE AND r.status IN ('failed', 'interrupted', 'skipped')
      -- A name that was mistyped by hand, or that the project has no more, never succeeds.
      AND (r.sqlstate IS DISTINCT FROM 'BM003' OR r.scheduled_for IS NOT NULL)
      AND CASE WHEN r.job IS NULL THEN r.kind <> 'page' ELSE EXISTS (SELECT FROM barometre_internal.job x WHERE x.name = r.job) END
      AND NOT EXISTS (SELECT FROM barometre.step s WHERE s.run = r.id AND r.kind <> 'job' AND s.status = 'failed' AND s.message IS NOT NULL)
      AND NOT EXISTS (SELECT FROM barometre.test_result t WHERE t.run = r.id AND (t.status = 'fail' OR (t.status = 'error' AND t.severity = 'error')))
    ORDER BY r.kind, r.name, r.at DESC
), wrong AS MATERIALIZED (
    SELECT c.*, r.kind, r.status, r.role, r.started_at
    FROM (SELECT * FROM failed_step UNION ALL SELECT * FROM failed_test UNION ALL SELECT * FROM failed_run) AS c JOIN ended r ON r.id = c.run
), cause AS ( -- a job fails because of a step, which is a run of its own
    SELECT w.at, w.run, w.what, w.place, w.why, w.what_to_do FROM wrong w
    WHERE NOT (w.kind = 'job' AND w.status = 'failed' AND EXISTS (
        SELECT FROM wrong l WHERE l.kind <> 'job' AND l.role = w.role AND l.started_at BETWEEN w.started_at AND w.at
          AND EXISTS (SELECT FROM barometre.step s WHERE s.run = w.run AND s.status = 'failed' AND s.kind = l.kind)))
      AND NOT (w.kind = 'job' AND w.status = 'failed' AND EXISTS ( -- or of files that it left out, which are told themselves
        SELECT FROM barometre_internal.left_out l JOIN ended r ON r.id = l.run AND r.role = w.role AND r.started_at BETWEEN w.started_at AND w.at
        WHERE l.is_there AND EXISTS (SELECT FROM barometre.step s WHERE s.run = w.run AND s.status = 'failed' AND s.kind = 'run')))
), left_out AS (
    SELECT r.at, l.run, coalesce('run ' || r.name, 'run ' || l.tap) AS what, 'file ' || l.path || CASE WHEN l.stream = '*' THEN ' of tap ' || l.tap ELSE ' of stream ' || l.tap || '.' || l.stream END AS place,
           'left out: ' || barometre_internal.told(l.message, l.sqlstate) AS why,
           coalesce(CASE WHEN barometre_internal.sees_values() THEN l.hint END, 'Correct the file.') AS what_to_do
    FROM barometre_internal.left_out l LEFT JOIN ended r ON r.id = l.run
    WHERE l.is_there AND (l.stream = '*' OR EXISTS (SELECT FROM barometre_internal.stream x WHERE x.tap = l.tap AND x.name = l.stream))
      AND EXISTS (SELECT FROM barometre_internal.tap x WHERE x.name = l.tap)
), rejected AS (
    SELECT max(r.at) AS at, max(r.id) AS run, 'run ' || max(j.tap) AS what, 'file ' || j.file || ' of stream ' || j.tap || '.' || j.stream AS place,
           count(*) || CASE WHEN count(*) = 1 THEN ' record' ELSE ' records' END || ' rejected; line ' || min(j.line)
           || coalesce(': ' || CASE WHEN barometre_internal.sees_values() THEN (pg_catalog.array_agg(j.reason ORDER BY j.line))[1]
                               ELSE barometre_internal.reason_without_values((pg_catalog.array_agg(j.reason ORDER BY j.line))[1]) END, '') AS why,
           'SELECT line, column_name, reason FROM barometre.reject WHERE tap = ' || pg_catalog.quote_literal(j.tap) || ' AND stream = '
           || pg_catalog.quote_literal(j.stream) || ' AND file = ' || pg_catalog.quote_literal(j.file) || ';' AS what_to_do
    FROM barometre.reject j JOIN ended r ON r.id = j.run AND r.is_good
    JOIN barometre.file f ON f.tap = j.tap AND (f.stream = j.stream OR (f.stream = '*' AND f.streams ? j.stream)) AND f.path = j.file AND f.forgotten_at IS NULL
    JOIN barometre_internal.stream x ON x.tap = j.tap AND x.name = j.stream
    WHERE NOT EXISTS (SELECT FROM barometre_internal.left_out l WHERE l.tap = j.tap AND l.stream = f.stream AND l.path = j.file AND l.run = j.run)
    GROUP BY j.tap, j.stream, j.file
), warned AS ( -- what was told of each thing when it was done last; what its input lacks is told there
    SELECT l.at, l.run, l.what, l.place, barometre_internal.warned(l.warnings) AS why,
           coalesce(CASE WHEN barometre_internal.sees_values() THEN l.warnings -> 0 ->> 'hint' END, 'SELECT warnings FROM barometre.step WHERE run = ' || l.run || ' AND name = ' || pg_catalog.quote_literal(l.name) || ';') AS what_to_do
    FROM told l JOIN last_step d ON d.kind = l.kind AND d.name = l.name AND d.at = l.at
    WHERE (l.status = 'skipped' AND l.why LIKE '% was not built') IS NOT TRUE
      AND CASE l.kind WHEN 'stream' THEN EXISTS (SELECT FROM barometre_internal.stream x WHERE x.tap || '.' || x.name = l.name)
                      WHEN 'seed' THEN EXISTS (SELECT FROM barometre_internal.seed x WHERE x.name = l.name)
                      ELSE EXISTS (SELECT FROM barometre_internal.model x WHERE x.name = l.name) END
), weak_test AS MATERIALIZED (
    SELECT DISTINCT ON (t.target, t.test) r.at, r.id AS run, r.kind || ' ' || r.name AS what, t.target, t.test, t.status, t.failures, t.message
    FROM ended r JOIN barometre.test_result t ON t.run = r.id
    WHERE r.is_good AND t.status IN ('skip', 'warn') ORDER BY t.target, t.test, r.at DESC
), tested AS (
    SELECT t.target, t.test, max(r.at) AS at FROM ended r JOIN barometre.test_result t ON t.run = r.id
    WHERE r.is_good AND (t.target, t.test) IN (SELECT l.target, l.test FROM weak_test l) GROUP BY t.target, t.test
), last_test AS ( -- of those, what had no other result since
    SELECT l.at, l.run, l.what, l.target || ' ' || l.test AS name, l.status, l.failures, l.message, coalesce(x.unit, ' failing row') AS unit
    FROM weak_test l JOIN tested d ON d.target = l.target AND d.test = l.test AND d.at = l.at
    LEFT JOIN declared x ON x.target = l.target AND x.name = l.test
    WHERE EXISTS (SELECT FROM barometre_internal.test y WHERE y.target = l.target)
), weak AS ( -- tests that were skipped, by what they would read, and those of severity warn
    SELECT max(l.at) AS at, l.run, l.what, 'test ' || min(l.name) || CASE WHEN count(*) > 1 THEN ' and ' || count(*) - 1 || ' more' ELSE '' END AS place,
           count(*) || CASE WHEN count(*) = 1 THEN ' test was skipped: ' ELSE ' tests were skipped: ' END || l.message AS why,
           'Load or build what is missing, or correct its name.' AS what_to_do
    FROM last_test l WHERE l.status = 'skip' GROUP BY l.run, l.what, l.message
    UNION ALL
    SELECT l.at, l.run, l.what, 'test ' || l.name, l.failures || l.unit || CASE WHEN l.failures = 1 THEN '' ELSE 's' END,
           'SELECT target, sample FROM barometre.test_result WHERE run = ' || l.run || ' AND status = ''warn'';'
    FROM last_test l WHERE l.status = 'warn'
), late AS (
    SELECT coalesce(f.newest + f.expected, f.measured_at) AS at, f.run, 'data' AS what, f.kind || ' ' || f.stream AS place,
           coalesce('the newest data is ' || f.age || ' old', 'there are no data') || ', and ' || f.expected || ' are expected' AS why,
           CASE f.kind WHEN 'stream' THEN 'See whether files arrive in "' || f.path || '", and whether baro_run is called.'
                ELSE 'See whether who writes it still does, then: SELECT * FROM baro_test(' || pg_catalog.quote_literal('source:' || f.stream) || ');' END AS what_to_do, f.status
    FROM barometre_internal.data_age f
    WHERE f.status IN ('late', 'stale')
), unmeasured AS (
    SELECT f.measured_at AS at, f.run, 'data' AS what, 'source ' || f.stream AS place, 'how new the data is can''t be measured' || CASE WHEN barometre_internal.sees_values() THEN ': ' || f.error ELSE '' END AS why,
           'Correct it in ' || f.definition || ', or make the table, then: SELECT * FROM baro_test(' || pg_catalog.quote_literal('source:' || f.stream) || ');' AS what_to_do
    FROM barometre_internal.data_age f
    WHERE f.error IS NOT NULL
), missed AS (
    SELECT m.due AS at, NULL::bigint AS run, 'job ' || m.job AS what, NULL AS place, 'pg_cron did not start it when it was due' AS why,
           'SELECT j.jobname, d.start_time, d.status, d.return_message FROM cron.job j LEFT JOIN cron.job_run_details d USING (jobid) '
           'WHERE j.jobname LIKE ''barometre %'' ORDER BY d.runid DESC LIMIT 20;  says what pg_cron tried. "connection failed": '
           'doc/jobs.md, "The schedule". No entry of the job: SELECT * FROM baro_schedule();  Then: CALL baro_job('
           || pg_catalog.quote_literal(m.job) || ');' AS what_to_do
    FROM barometre_internal.missed_run m
)
SELECT pg_catalog.date_trunc('second', a.at) AS at, a.run, a.what, a.place, a.why, a.what_to_do, a.severity
FROM (SELECT *, 'error' AS severity FROM (SELECT * FROM cause UNION ALL SELECT * FROM left_out UNION ALL SELECT * FROM missed
                                      UNION ALL SELECT l.at, l.run, l.what, l.place, l.why, l.what_to_do FROM late l WHERE l.status = 'stale') AS e
      UNION ALL SELECT *, 'warning' FROM (SELECT * FROM warned UNION ALL SELECT * FROM rejected UNION ALL SELECT * FROM weak UNION ALL SELECT * FROM unmeasured
                                        UNION ALL SELECT l.at, l.run, l.what, l.place, l.why, l.what_to_do FROM late l WHERE l.status = 'late') AS w) AS a;
COMMENT ON VIEW barometre_internal.failure IS 'What barometre.failures shows, for programs';
COMMENT ON COLUMN barometre_internal.failure.at IS 'When it ended; since when data is late; when a job was due';
COMMENT ON COLUMN barometre_internal.failure.run IS 'As in barometre.failures';
COMMENT ON COLUMN barometre_internal.failure.what IS 'The call';
COMMENT ON COLUMN barometre_internal.failure.place IS 'The stream, source, model, seed, test or file; NULL: the call as a whole';
COMMENT ON COLUMN barometre_internal.failure.why IS 'What is wrong';
COMMENT ON COLUMN barometre_internal.failure.what_to_do IS 'The next move: the hint of the error, or a query that shows more';
COMMENT ON COLUMN barometre_internal.failure.severity IS 'error, or warning: the call succeeded, and told it, rejected some records, or data are beyond warn_after';

-- Its widths add up to 100 columns at most.
CREATE VIEW barometre.failures AS
SELECT barometre_internal.clock(f.at, z.timezone) AS at, f.run, barometre_internal.fold(pg_catalog.concat_ws(E'\n', f.what, f.place), 22) AS what,
       barometre_internal.fold(CASE f.severity WHEN 'warning' THEN 'WARNING: ' ELSE '' END || f.why || E'\nHINT: ' || f.what_to_do, 46) AS why
FROM barometre_internal.failure f, barometre_internal.zone z
ORDER BY f.at DESC, f.run DESC, f.place;
COMMENT ON VIEW barometre.failures IS 'What went wrong and was not put right since, and what to do; empty: all is well';
COMMENT ON COLUMN barometre.failures.at IS 'When, by the project''s clock';
COMMENT ON COLUMN barometre.failures.run IS 'The run in barometre.run, which has the whole error; NULL: a stream whose data is late, or a job that did not run';
COMMENT ON COLUMN barometre.failures.what IS 'The call, and below it the stream, source, model, seed, test or file';
COMMENT ON COLUMN barometre.failures.why IS 'What is wrong, or WARNING: what was told by a call that succeeded; HINT: the next move, or a query that shows more';
