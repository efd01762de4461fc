-- What was tested, and what ran.

-- A test is of what its target begins with: model.column is of the model. The longest name that fits is meant.
CREATE FUNCTION barometre_internal.page_targets(audience oid, caller oid)
RETURNS TABLE (target text, index integer, "column" text) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH seen AS MATERIALIZED (SELECT s.index, s.id FROM barometre_internal.page_seen(audience, caller) s)
    SELECT f.target, s.index, f."column"
    FROM (SELECT DISTINCT ON (t.target) t.target, n.id, nullif(pg_catalog.substr(t.target, pg_catalog.length(n.name) + 2), '') AS "column" -- seen or not
          FROM (SELECT DISTINCT x.target FROM barometre_internal.test x WHERE x.test <> 'singular') AS t
          CROSS JOIN LATERAL (SELECT pg_catalog.split_part(t.target, '.', 1) AS one, pg_catalog.split_part(t.target, '.', 2) AS two) AS p
          CROSS JOIN LATERAL pg_catalog.unnest(ARRAY[t.target, p.one || '.' || p.two, p.one]) AS c (name)
          JOIN (SELECT a.name, a.id FROM barometre_internal.page_node a) AS n ON n.name = c.name
          ORDER BY t.target, pg_catalog.length(n.name) DESC, n.id) AS f
    JOIN seen s ON s.id = f.id;
END;
COMMENT ON FUNCTION barometre_internal.page_targets(oid, oid) IS 'Which of the page''s nodes, and which of its columns, each test is of';

CREATE FUNCTION barometre_internal.page_hides("column" text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM barometre.bookmark b WHERE pg_catalog.strpos(', ' || b.hashed || ', ', ', ' || pg_catalog.quote_ident("column") || ', ') > 0);
COMMENT ON FUNCTION barometre_internal.page_hides(text) IS 'Whether a stream has a hashed column of that name, which models may have taken over';

CREATE FUNCTION barometre_internal.page_sample(sample jsonb, "column" text) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT pg_catalog.jsonb_agg(r.one - coalesce((SELECT pg_catalog.array_agg(k.name) FROM pg_catalog.jsonb_object_keys(r.one) AS k (name) WHERE barometre_internal.page_hides(k.name)), '{}')
                                    ORDER BY r.place)
        FROM pg_catalog.jsonb_array_elements(sample) WITH ORDINALITY AS r (one, place)
        WHERE pg_catalog.jsonb_typeof(r.one) = 'object' AND ("column" IS NULL OR NOT barometre_internal.page_hides("column")));
COMMENT ON FUNCTION barometre_internal.page_sample(jsonb, text) IS 'Failing rows of a test, without hashed columns; NULL: the test is of one';

-- Without nested loops, as page_doings().
CREATE FUNCTION barometre_internal.page_tests(audience oid, caller oid, shown boolean, texts jsonb, today date) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
    WITH level AS MATERIALIZED (
        SELECT barometre_internal.page_sees(audience) AS sees
    ), declared AS MATERIALIZED (
        SELECT pg_catalog.row_number() OVER () AS number, x.*
        FROM (SELECT DISTINCT ON (t.target COLLATE "C", t.name COLLATE "C") t.* FROM barometre_internal.test t ORDER BY t.target COLLATE "C", t.name COLLATE "C", t.severity, t.definition) AS x
    ), ended AS MATERIALIZED ( -- its day, and that as one bit of ninety
        SELECT r.id, d.day, CASE WHEN d.day > today - 90 AND d.day <= today THEN pg_catalog.set_bit(0::bit(90), d.day - (today - 89), 1) ELSE 0::bit(90) END AS bits
        FROM barometre.run r, barometre_internal.zone z, LATERAL (SELECT (coalesce(r.finished_at, r.started_at) AT TIME ZONE z.timezone)::date AS day) AS d
    ), history AS MATERIALIZED ( -- the lower its mark, the worse
        SELECT x.number, min(m.mark) AS worst, max(t.run) AS run, min(t.tested_at) AS first_at, pg_catalog.bit_or(e.bits)::text AS bits
        FROM barometre.test_result t JOIN declared x ON x.target = t.target AND x.name = t.test JOIN ended e ON e.id = t.run
        CROSS JOIN LATERAL (SELECT pg_catalog.strpos('efwsp', pg_catalog.left(t.status, 1)) AS mark) AS m
        GROUP BY x.number
    ), mixed AS MATERIALIZED ( -- of those that did not always pass, which are few, each result is looked at
        SELECT h.number, e.day, t.status, pg_catalog.strpos('efwsp', pg_catalog.left(t.status, 1)) AS mark, t.tested_at AS at,
               pg_catalog.first_value(t.status) OVER (PARTITION BY h.number ORDER BY t.run DESC, t.tested_at DESC) AS last_status
        FROM history h JOIN declared x ON x.number = h.number JOIN barometre.test_result t ON t.target = x.target AND t.test = x.name JOIN ended e ON e.id = t.run
        WHERE h.worst < 5
    ), since AS (
        SELECT b.number, min(b.at) FILTER (WHERE b.status = b.last_status AND (b.at <= b.other_at) IS NOT TRUE) AS at
        FROM (SELECT a.*, max(a.at) FILTER (WHERE a.status <> a.last_status) OVER (PARTITION BY a.number) AS other_at FROM mixed a) AS b
        GROUP BY b.number
    ), letters AS (
        SELECT g.number, pg_catalog.string_agg(pg_catalog.substr('efwsp', g.mark, 1) || pg_catalog.repeat('-', g.days - 1), '' ORDER BY g.day) AS letters
        FROM (SELECT d.*, coalesce(pg_catalog.lead(d.day) OVER (PARTITION BY d.number ORDER BY d.day), today + 1) - d.day AS days
              FROM (SELECT a.number, a.day, min(a.mark) AS mark FROM mixed a WHERE a.day > today - 90 AND a.day <= today GROUP BY a.number, a.day) AS d) AS g
        GROUP BY g.number
    ), done AS (
        SELECT DISTINCT ON (h.number) h.number, t.* FROM barometre.test_result t
        JOIN declared x ON x.target = t.target AND x.name = t.test JOIN history h ON h.number = x.number AND h.run = t.run
        WHERE t.run = ANY (ARRAY(SELECT DISTINCT o.run FROM history o)) ORDER BY h.number, t.tested_at DESC
    )
    SELECT coalesce(pg_catalog.json_agg(CASE WHEN a.rows IS NULL THEN o.object ELSE (o.object::jsonb || pg_catalog.jsonb_build_object('sample', a.rows))::json END -- whose NULLs stay
                                        ORDER BY d.number), '[]')
    FROM declared d CROSS JOIN level v
    LEFT JOIN barometre_internal.page_targets(audience, caller) n ON n.target = d.target
    LEFT JOIN since s ON s.number = d.number
    LEFT JOIN history h ON h.number = d.number
    LEFT JOIN letters e ON e.number = d.number
    LEFT JOIN done r ON r.number = d.number
    LEFT JOIN LATERAL (SELECT CASE WHEN shown THEN barometre_internal.page_sample(r.sample, n."column") END AS rows) AS a ON true
    CROSS JOIN LATERAL (SELECT pg_catalog.strpos(h.bits, '1') AS place) AS p
    CROSS JOIN LATERAL (SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
        'node', n.index, 'target', d.target, 'column', n."column", 'name', d.name, 'test', d.test, 'severity', d.severity, 'definition', d.definition,
        'sql', CASE WHEN v.sees <> 'relations' THEN texts #>> ARRAY['test.' || d.target || ' ' || d.name, 'sql'] END, -- it may name what a reader does not see
        'arguments', CASE WHEN shown THEN nullif(d.arguments || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('where', d.config -> 'where')), '{}') END,
        'status', r.status, 'failures', nullif(r.failures, 0), 'at', barometre_internal.page_time(r.tested_at), 'seconds', barometre_internal.page_seconds(r.seconds),
        'run', CASE WHEN v.sees <> 'relations' THEN r.run END, 'since', nullif(barometre_internal.page_time(coalesce(s.at, h.first_at)), barometre_internal.page_time(r.tested_at)),
        'message', CASE WHEN v.sees <> 'relations' THEN barometre_internal.told(r.message, NULL) END,
        'history', CASE WHEN p.place > 0 THEN pg_catalog.json_build_object('from', barometre_internal.page_day(today - 90 + p.place),
                       'days', coalesce(e.letters, pg_catalog.translate(pg_catalog.substr(h.bits, p.place), '01', '-p'))) END)) AS object) AS o
    WHERE v.sees <> 'relations' OR n.index IS NOT NULL;
END;
COMMENT ON FUNCTION barometre_internal.page_tests(oid, oid, boolean, jsonb, date) IS 'The page''s tests: what each is, its last result, and a letter a day; arguments and failing rows only if values are to be shown';

CREATE FUNCTION barometre_internal.page_runs(audience oid, caller oid) RETURNS jsonb LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    WITH run AS MATERIALIZED (
        SELECT r.* FROM barometre_internal.run_state r WHERE r.kind <> 'page' ORDER BY r.id DESC LIMIT 30
    ), seen AS MATERIALIZED (
        SELECT s.index, s.id FROM barometre_internal.page_seen(audience, caller) s
    ), target AS MATERIALIZED (
        SELECT x.target || ' ' || x.name AS name, min(t.index) AS index FROM barometre_internal.test x
        JOIN barometre_internal.page_targets(audience, caller) t ON t.target = x.target GROUP BY 1
    ), step AS ( -- those that found nothing to do, and tests that passed, are counted alone
        SELECT s.run, count(*) FILTER (WHERE s.status = 'unchanged') AS unchanged, count(*) FILTER (WHERE s.status = 'pass') AS passed,
               pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                   'kind', s.kind, 'name', barometre_internal.step_name(s.kind, s.name), 'node', coalesce(n.index, t.index), 'status', s.status, 'why', s.why, 'seconds', barometre_internal.page_seconds(s.seconds),
                   'records', s.records, 'inserted', nullif(s.inserted, 0), 'updated', nullif(s.updated, 0), 'deleted', nullif(s.deleted, 0), 'rejected', nullif(s.rejected, 0),
                   'message', barometre_internal.told(s.message, s.sqlstate), 'warnings', nullif(pg_catalog.jsonb_array_length(s.warnings), 0))) ORDER BY s.number)
                   FILTER (WHERE s.status NOT IN ('unchanged', 'pass')) AS steps
        FROM barometre.step s
        LEFT JOIN seen n ON n.id = s.kind || '.' || s.name
        LEFT JOIN target t ON s.kind = 'test' AND t.name = s.name
        WHERE s.run = ANY (ARRAY(SELECT r.id FROM run r)) GROUP BY s.run
    )
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'id', r.id, 'kind', r.kind, 'name', r.name, 'role', r.role, 'status', r.status, 'started', barometre_internal.page_time(r.started_at),
        'seconds', barometre_internal.page_seconds(extract(epoch FROM r.finished_at - r.started_at)), 'usual', barometre_internal.page_seconds(u.seconds),
        'scheduled_for', barometre_internal.page_time(r.scheduled_for), 'message', r.message, 'detail', r.detail, 'hint', r.hint,
        'unchanged', nullif(s.unchanged, 0), 'passed', nullif(s.passed, 0), 'steps', coalesce(s.steps, '[]'))) ORDER BY r.id DESC), '[]')
    FROM run r
    LEFT JOIN step s ON s.run = r.id
    LEFT JOIN barometre.usual_duration u ON u.kind = r.kind AND u.name = r.name;
END;
COMMENT ON FUNCTION barometre_internal.page_runs(oid, oid) IS 'The page''s runs: the last 30, with the steps that did something';

CREATE FUNCTION barometre_internal.page_days(today date) RETURNS jsonb LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('day', barometre_internal.page_day(g.day), 'kind', g.kind, 'name', g.name, 'runs', g.runs,
                                                                       'failed', g.failed, 'seconds', barometre_internal.page_seconds(g.seconds))
                                         ORDER BY g.day DESC, g.kind, g.name COLLATE "C"), '[]')
    FROM (SELECT d.day, r.kind, r.name, count(*) AS runs, count(*) FILTER (WHERE r.status IN ('failed', 'interrupted')) AS failed,
                 coalesce(sum(extract(epoch FROM r.finished_at - r.started_at)), 0) AS seconds
          FROM barometre_internal.run_state r, barometre_internal.zone z, LATERAL (SELECT (r.started_at AT TIME ZONE z.timezone)::date AS day) AS d
          WHERE d.day > today - 90 AND r.kind <> 'page' AND r.id NOT IN (SELECT l.id FROM barometre.run l WHERE l.kind <> 'page' ORDER BY l.id DESC LIMIT 30)
          GROUP BY d.day, r.kind, r.name) AS g;
END;
COMMENT ON FUNCTION barometre_internal.page_days(date) IS 'The page''s days: of the runs of 90 days that are not in its runs, a line a day and what was called';

CREATE FUNCTION barometre_internal.page_jobs(shown boolean, made_at timestamptz) RETURNS jsonb LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'name', j.name, 'description', j.definition ->> 'description', 'interval', j.every, 'timezone', j.zone,
        'state', j.state,
        'steps', (SELECT pg_catalog.jsonb_agg(CASE WHEN w.word = 'sql' AND NOT shown THEN 'sql' ELSE pg_catalog.concat_ws(' ', w.word, s.step ->> w.word) END ORDER BY s.place)
                  FROM pg_catalog.jsonb_array_elements(j.definition -> 'steps') WITH ORDINALITY AS s (step, place)
                  CROSS JOIN LATERAL (SELECT coalesce((SELECT k.word FROM pg_catalog.unnest('{run,seed,transform,test,sql}'::text[]) AS k (word) WHERE s.step ? k.word), '?') AS word) AS w),
        'after', j.definition ->> 'after',
        'last', CASE WHEN r.id IS NOT NULL THEN pg_catalog.jsonb_build_object(
                    'run', r.id, 'status', r.status, 'started', barometre_internal.page_time(r.started_at),
                    'seconds', barometre_internal.page_seconds(extract(epoch FROM r.finished_at - r.started_at)), 'message', r.message,
                    'warnings', (SELECT nullif(sum(pg_catalog.jsonb_array_length(s.warnings)), 0) FROM barometre.step s WHERE s.run = r.id)) END,
        'usual', barometre_internal.page_seconds(u.seconds),
        'next', CASE j.state WHEN 'scheduled' THEN barometre_internal.page_time(barometre_internal.next_due(j.every, j.zone, j.enabled, j.first_day, made_at)) END,
        'missed', barometre_internal.page_time(m.due))) ORDER BY j.name COLLATE "C"), '[]')
    FROM barometre_internal.job_state j
    LEFT JOIN LATERAL (SELECT s.* FROM barometre_internal.run_state s WHERE s.kind = 'job' AND s.name = j.name ORDER BY s.id DESC LIMIT 1) AS r ON true
    LEFT JOIN barometre_internal.missed_run m ON m.job = j.name
    LEFT JOIN barometre.usual_duration u ON u.kind = 'job' AND u.name = j.name;
END;
COMMENT ON FUNCTION barometre_internal.page_jobs(boolean, timestamptz) IS 'The page''s jobs: when each ran last and is due next; the SQL of steps only if values are to be shown';
