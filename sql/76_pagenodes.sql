-- What became of each node: the steps of runs. Of steps that found a node unchanged, which are most of them, only those of the last runs of
-- each call are looked at.
CREATE VIEW barometre_internal.page_step AS
WITH ended AS MATERIALIZED (
    SELECT r.id, r.kind, r.name, r.status, a.at, (a.at AT TIME ZONE z.timezone)::date AS day
    FROM barometre.run r, barometre_internal.zone z, LATERAL (SELECT coalesce(r.finished_at, r.started_at) AS at) AS a WHERE r.status <> 'running'
), latest AS (
    SELECT max(e.id) AS id FROM ended e GROUP BY e.kind, e.name
    UNION
    SELECT max(e.id) FROM ended e WHERE e.status = 'succeeded' GROUP BY e.kind, e.name
)
SELECT s.kind, s.name, s.run, s.number, e.at, e.day, s.status, s.status IN ('succeeded', 'unchanged') AS is_good,
       s.status <> 'unchanged' AND NOT (s.kind = 'stream' AND s.status = 'succeeded' AND s.read = 0) AS is_work, s.why, s.seconds, s.records, s.inserted,
       s.updated, s.deleted, s.rejected, CASE WHEN e.status = 'succeeded' AND s.status = 'succeeded' THEN s.rows END AS rows, s.sqlstate, s.message
FROM (SELECT a.run, a.number, a.kind, a.name, a.status, a.why, a.read, a.records, a.inserted, a.updated, a.deleted, a.rejected, a.seconds, a.sqlstate, a.message, a.rows
      FROM barometre.step a WHERE a.status NOT IN ('unchanged', 'pass')
      UNION ALL
      SELECT a.run, a.number, a.kind, a.name, a.status, a.why, a.read, a.records, a.inserted, a.updated, a.deleted, a.rejected, a.seconds, a.sqlstate, a.message, a.rows
      FROM barometre.step a WHERE a.status = 'unchanged' AND a.run = ANY (ARRAY(SELECT l.id FROM latest l))) AS s
JOIN ended e ON e.id = s.run
WHERE s.kind IN ('stream', 'seed', 'model', 'snapshot');
COMMENT ON VIEW barometre_internal.page_step IS 'The steps that did something of a node, and the last ones of each';
COMMENT ON COLUMN barometre_internal.page_step.kind IS 'As in barometre.step, of nodes alone';
COMMENT ON COLUMN barometre_internal.page_step.name IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.run IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.number IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.at IS 'When its run ended';
COMMENT ON COLUMN barometre_internal.page_step.day IS 'The day of that, by the project''s clock';
COMMENT ON COLUMN barometre_internal.page_step.status IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.is_good IS 'Whether its node was well then';
COMMENT ON COLUMN barometre_internal.page_step.is_work IS 'Whether there was something to do';
COMMENT ON COLUMN barometre_internal.page_step.why IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.seconds IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.records IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.inserted IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.updated IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.deleted IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.rejected IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.rows IS 'As in barometre.step, of what was published';
COMMENT ON COLUMN barometre_internal.page_step.sqlstate IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.message IS 'As in barometre.step';

-- Of what it groups the planner thinks that there is one row, and would group it anew for each node.
CREATE FUNCTION barometre_internal.page_doings(audience oid, caller oid, today date)
RETURNS TABLE (index integer, status text, since timestamptz, loaded_at timestamptz, rows bigint, last json, history json, rows_from date, rows_by_day json)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
    WITH level AS MATERIALIZED (
        SELECT barometre_internal.page_sees(audience) <> 'relations' AS is_told
    ), step AS MATERIALIZED (
        SELECT n.index, n.guarded, s.*, pg_catalog.row_number() OVER w AS back, sum(s.is_work::int) OVER (w ROWS UNBOUNDED PRECEDING) AS work_back
        FROM barometre_internal.page_step s JOIN barometre_internal.page_seen(audience, caller) n ON n.kind = s.kind AND n.name = s.name
        WINDOW w AS (PARTITION BY n.index ORDER BY s.at DESC, s.run DESC, s.number DESC)
    ), turn AS (
        SELECT s.index, max(s.at) FILTER (WHERE s.is_good) AS good_at, max(s.at) FILTER (WHERE NOT s.is_good) AS bad_at FROM step s GROUP BY s.index
    ), node AS (
        SELECT s.index, count(*) FILTER (WHERE s.is_work) AS works, max(s.at) FILTER (WHERE s.status = 'succeeded' AND s.is_work) AS loaded_at,
               min(s.at) FILTER (WHERE s.is_good AND (s.at <= t.bad_at) IS NOT TRUE) AS good_since, min(s.at) FILTER (WHERE NOT s.is_good AND (s.at <= t.good_at) IS NOT TRUE) AS bad_since,
               pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds::float8) FILTER (WHERE s.is_good AND s.is_work AND s.work_back <= 10) AS usual,
               pg_catalog.json_agg(pg_catalog.json_build_object(
                   'run', s.run, 'at', barometre_internal.page_time(s.at), 'status', s.status, 'seconds', barometre_internal.page_seconds(s.seconds), 'records', s.records,
                   'inserted', nullif(s.inserted, 0), 'updated', nullif(s.updated, 0), 'deleted', nullif(s.deleted, 0), 'rejected', nullif(s.rejected, 0))
                   ORDER BY s.work_back) FILTER (WHERE s.is_work AND s.work_back <= 10) AS history
        FROM step s JOIN turn t ON t.index = s.index GROUP BY s.index
    ), daily AS (
        SELECT s.index, s.day, (max(ARRAY[s.run, s.rows]))[2] AS rows FROM step s WHERE s.rows IS NOT NULL AND s.day > today - 90 GROUP BY s.index, s.day
    ), by_day AS (
        SELECT g.index, min(g.day) AS rows_from, (pg_catalog.array_agg(g.rows ORDER BY g.day DESC))[1] AS rows,
               ('[' || pg_catalog.string_agg(g.rows || pg_catalog.repeat(',null', g.days - 1), ',' ORDER BY g.day) || ']')::json AS rows_by_day
        FROM (SELECT d.*, coalesce(pg_catalog.lead(d.day) OVER (PARTITION BY d.index ORDER BY d.day), today + 1) - d.day AS days FROM daily d) AS g
        GROUP BY g.index
    )
    SELECT n.index, s.status, CASE WHEN s.is_good THEN n.good_since ELSE n.bad_since END, n.loaded_at, b.rows,
           pg_catalog.json_build_object(
               'run', CASE WHEN v.is_told THEN s.run END, 'status', s.status, 'at', barometre_internal.page_time(s.at),
               'seconds', barometre_internal.page_seconds(s.seconds), 'usual', CASE WHEN n.works > 1 THEN barometre_internal.page_seconds(n.usual::numeric) END,
               'why', CASE WHEN v.is_told THEN s.why END, 'message', CASE WHEN v.is_told THEN barometre_internal.told(s.message, s.sqlstate) END,
               'records', CASE WHEN NOT s.guarded THEN s.records END, 'inserted', CASE WHEN NOT s.guarded THEN nullif(s.inserted, 0) END, 'updated', CASE WHEN NOT s.guarded THEN nullif(s.updated, 0) END,
               'deleted', CASE WHEN NOT s.guarded THEN nullif(s.deleted, 0) END, 'rejected', CASE WHEN NOT s.guarded THEN nullif(s.rejected, 0) END),
           CASE WHEN v.is_told AND NOT s.guarded AND (n.works > 1 OR NOT s.is_work) THEN n.history END, b.rows_from, b.rows_by_day
    FROM node n CROSS JOIN level v
    JOIN step s ON s.index = n.index AND s.back = 1
    LEFT JOIN by_day b ON b.index = n.index;
END;
COMMENT ON FUNCTION barometre_internal.page_doings(oid, oid, date) IS 'What became of each node: its last step, what it did lately, since when it is well or not, and its rows by day';

CREATE FUNCTION barometre_internal.page_files(shown boolean) RETURNS TABLE (name text, files jsonb, rejects jsonb) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH refused AS MATERIALIZED (
        SELECT j.tap, j.stream, j.file, j.sqlstate, j.column_name, count(*) AS records, max(j.id) AS id FROM barometre.reject j
        GROUP BY j.tap, j.stream, j.file, j.sqlstate, j.column_name
    ), loaded AS (
        SELECT f.tap, coalesce(k.key, f.stream) AS stream, f.path, coalesce((k.value ->> 'records')::bigint, f.records) AS records, f.size, f.loaded_at, f.run, f.forgotten_at
        FROM barometre.file f LEFT JOIN LATERAL pg_catalog.jsonb_each(f.streams) AS k ON f.stream = '*'
        WHERE f.stream <> '*' OR k.key IS NOT NULL
    ), file AS (
        SELECT l.*, r.rejected, pg_catalog.row_number() OVER (PARTITION BY l.tap, l.stream ORDER BY l.loaded_at DESC, l.path DESC) AS back
        FROM loaded l
        LEFT JOIN (SELECT j.tap, j.stream, j.file, sum(j.records)::bigint AS rejected FROM refused j GROUP BY j.tap, j.stream, j.file) AS r
            ON r.tap = l.tap AND r.stream = l.stream AND r.file = l.path AND l.forgotten_at IS NULL
    ), line AS ( -- a file a line: the last ones, and those that wait to be corrected
        SELECT f.tap, f.stream, f.loaded_at AS at, f.path, pg_catalog.jsonb_build_object(
                   'path', f.path, 'records', f.records, 'bytes', f.size, 'rejected', f.rejected, 'at', barometre_internal.page_time(f.loaded_at), 'run', f.run,
                   'state', CASE WHEN f.forgotten_at IS NULL THEN 'loaded' ELSE 'forgotten' END) AS file
        FROM file f WHERE f.back <= 20
        UNION ALL
        SELECT s.tap, s.name, l.since, l.path, pg_catalog.jsonb_build_object(
                   'path', l.path, 'at', barometre_internal.page_time(l.since), 'run', l.run, 'state', 'left out', 'why', barometre_internal.told(l.message, l.sqlstate))
        FROM (SELECT *, pg_catalog.row_number() OVER (PARTITION BY o.tap, o.stream ORDER BY o.since DESC, o.path) AS back FROM barometre_internal.left_out o WHERE o.is_there) AS l
        JOIN barometre_internal.stream s ON s.tap = l.tap AND l.stream IN (s.name, '*')
        WHERE l.back <= 100
    ), total AS (
        SELECT f.tap, f.stream, count(*) FILTER (WHERE f.forgotten_at IS NULL) AS files, sum(f.records) FILTER (WHERE f.forgotten_at IS NULL) AS records,
               sum(f.size) FILTER (WHERE f.forgotten_at IS NULL) AS bytes, sum(f.rejected) AS rejected
        FROM file f GROUP BY f.tap, f.stream
    ), cause AS (
        SELECT r.tap, r.stream, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                   'sqlstate', r.sqlstate, 'column', r.column_name, 'records', r.records, 'files', r.files, 'file', j.file, 'line', j.line,
                   'reason', CASE WHEN shown THEN j.reason ELSE barometre_internal.reason_without_values(j.reason) END)) AS cause, r.records,
               pg_catalog.row_number() OVER (PARTITION BY r.tap, r.stream ORDER BY r.records DESC, r.id DESC) AS place
        FROM (SELECT f.tap, f.stream, f.sqlstate, f.column_name, sum(f.records)::bigint AS records, count(*) AS files, max(f.id) AS id
              FROM refused f GROUP BY f.tap, f.stream, f.sqlstate, f.column_name) AS r
        JOIN barometre.reject j ON j.id = r.id
    )
    SELECT s.tap || '.' || s.name,
           pg_catalog.jsonb_build_object('count', coalesce(t.files, 0), 'records', coalesce(t.records, 0), 'bytes', coalesce(t.bytes, 0), 'rejected', coalesce(t.rejected, 0),
                                         'last', l.lines), c.causes
    FROM barometre_internal.stream s
    LEFT JOIN total t ON t.tap = s.tap AND t.stream = s.name
    LEFT JOIN (SELECT i.tap, i.stream, pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(i.file) ORDER BY i.at DESC, i.path DESC) AS lines
               FROM line i GROUP BY i.tap, i.stream) AS l ON l.tap = s.tap AND l.stream = s.name
    LEFT JOIN (SELECT u.tap, u.stream, pg_catalog.jsonb_agg(u.cause ORDER BY u.place) FILTER (WHERE u.place <= 20) AS causes
               FROM cause u GROUP BY u.tap, u.stream) AS c ON c.tap = s.tap AND c.stream = s.name
    WHERE l.lines IS NOT NULL OR c.causes IS NOT NULL;
END;
COMMENT ON FUNCTION barometre_internal.page_files(boolean) IS 'Of each stream the files that were loaded last and that are left out, and rejects by what was wrong; with reasons, which may have values, or without';

-- Each node meets one row of each of a dozen sets, all of which the planner takes for small: by loops a thousand streams would take seconds.
CREATE FUNCTION barometre_internal.page_nodes(audience oid, caller oid, shown boolean, texts jsonb, today date) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
    WITH level AS MATERIALIZED (
        SELECT barometre_internal.page_sees(audience) AS sees
    ), seen AS MATERIALIZED (
        SELECT * FROM barometre_internal.page_seen(audience, caller)
    ), columns AS MATERIALIZED (
        SELECT * FROM barometre_internal.page_columns(audience, caller)
    ), period AS MATERIALIZED ( -- the one whose days come nearest to today: others, such as days of birth, say nothing of what is covered
        SELECT DISTINCT ON (c.index) c.index, c.number, c.name, barometre_internal.page_day(c.first_day) AS first_day, barometre_internal.page_day(c.last_day) AS last_day
        FROM columns c WHERE c.is_period AND c.last_day IS NOT NULL ORDER BY c.index, c.last_day > today, c.last_day DESC, c.first_day, c.number
    ), unseen AS MATERIALIZED ( -- what a reader may know nothing of, and how SQL names it
        SELECT DISTINCT w.word FROM (
            SELECT n.name FROM barometre_internal.page_node n WHERE n.id NOT IN (SELECT i.id FROM seen i)
            UNION ALL SELECT n.relation FROM barometre_internal.page_node n WHERE n.id NOT IN (SELECT i.id FROM seen i)
            UNION ALL
            SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND s.nspname !~ '^(pg_|information_schema$|barometre(_internal)?$)'
              AND (pg_catalog.has_table_privilege(audience, c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(audience, s.oid, 'USAGE')
                   AND pg_catalog.has_table_privilege(caller, c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(caller, s.oid, 'USAGE')) IS NOT TRUE) AS o (name)
        CROSS JOIN LATERAL (SELECT pg_catalog.lower(pg_catalog.regexp_replace(o.name, '^.*\.', '')) AS word) AS w
        WHERE (SELECT l.sees FROM level l) = 'relations'
    ), closed AS MATERIALIZED ( -- a reader reads the SQL that names nothing else than it may read
        SELECT DISTINCT e.model AS name FROM barometre_internal.model_edge e
        WHERE (SELECT l.sees FROM level l) = 'relations' AND NOT EXISTS (SELECT FROM seen i WHERE i.id = e.kind || '.' || e.input)
        UNION
        SELECT n.name FROM seen n CROSS JOIN LATERAL (SELECT pg_catalog.lower(pg_catalog.concat_ws(' ', texts -> n.id ->> 'written', texts -> n.id ->> 'compiled')) AS text) AS t
        WHERE (SELECT l.sees FROM level l) = 'relations'
          AND (EXISTS (SELECT FROM pg_catalog.regexp_matches(t.text, '[[:alnum:]_$]+', 'g') AS m (words) WHERE m.words[1] IN (SELECT u.word FROM unseen u))
               OR EXISTS (SELECT FROM unseen u WHERE u.word ~ '[^[:alnum:]_$]' AND pg_catalog.strpos(t.text, u.word) > 0))
    ), listed AS (
        SELECT c.index, pg_catalog.json_agg(pg_catalog.json_build_object(
                   'name', c.name, 'type', c.type, 'description', coalesce(n.columns ->> c.name, c.comment), 'not_null', CASE WHEN c.not_null THEN true END,
                   'key', CASE WHEN c.is_key THEN true END, 'hashed', CASE WHEN c.is_hashed THEN true END, 'nulls', nullif(pg_catalog.trim_scale(c.nulls), 0), 'distinct', c."distinct",
                   'from', p.first_day, 'to', p.last_day) ORDER BY c.number) AS columns
        FROM columns c JOIN seen n ON n.index = c.index LEFT JOIN period p ON p.index = c.index AND p.number = c.number GROUP BY c.index
    ), size AS (
        SELECT n.index, CASE WHEN n.relkind = 'p' THEN (SELECT sum(pg_catalog.pg_total_relation_size(t.relid)) FROM pg_catalog.pg_partition_tree(n.oid) AS t)
                             ELSE pg_catalog.pg_total_relation_size(n.oid) END AS bytes
        FROM seen n WHERE n.relkind IN ('r', 'p', 'm') AND NOT n.guarded AND n.oid <> ALL (ARRAY(SELECT b.oid FROM barometre_internal.page_busy b))
    )
    SELECT coalesce(pg_catalog.json_strip_nulls(pg_catalog.json_agg(pg_catalog.json_build_object(
        'id', n.id, 'kind', n.kind, 'name', n.name, 'schema', n.schema, 'relation', n.relation, 'exists', n.oid IS NOT NULL, 'materialized', n.materialized,
        'description', nullif(n.description, ''), 'tags', nullif(pg_catalog.to_jsonb(n.tags), '[]'), 'definition', n.definition,
        'status', coalesce(d.status, CASE WHEN n.kind <> 'source' THEN 'never' END), 'since', nullif(barometre_internal.page_time(d.since), d.last ->> 'at'),
        'last', d.last,
        'loaded_at', barometre_internal.page_time(coalesce(d.loaded_at, o.updated_at, b.built)), 'freshness', f.freshness,
        'rows', CASE WHEN NOT n.guarded THEN CASE n.kind WHEN 'stream' THEN coalesce(o.rows, d.rows) WHEN 'source' THEN CASE WHEN n.relkind IN ('r', 'p', 'm') AND n.reltuples >= 0 THEN n.reltuples::bigint END
                                                         ELSE coalesce(b.rows, d.rows) END END,
        'rows_by_day', CASE WHEN NOT n.guarded AND d.rows_from IS NOT NULL
                            THEN pg_catalog.json_build_object('from', barometre_internal.page_day(d.rows_from), 'rows', d.rows_by_day) END,
        'bytes', z.bytes, 'period', CASE WHEN p.index IS NOT NULL THEN pg_catalog.json_build_object('column', p.name, 'from', p.first_day, 'to', p.last_day) END,
        'columns', coalesce(l.columns, (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', k.key, 'description', k.value) ORDER BY k.key)
                                        FROM pg_catalog.jsonb_each_text(n.columns) AS k), '[]'),
        'written', t.texts ->> 'written', 'compiled', t.texts -> 'compiled',
        'lookup', CASE WHEN n.oid IS NOT NULL AND n.kind = 'stream' AND v.sees <> 'relations'
                       THEN pg_catalog.format(E'SELECT f.path, t._baro_line, t.*\nFROM %I.%I AS t JOIN barometre.%s AS f ON %s = t._baro_file\nLIMIT 20;', n.schema, n.relation,
                                              CASE v.sees WHEN 'all' THEN 'file' ELSE 'lineage' END, CASE v.sees WHEN 'all' THEN 'f.id' ELSE 'f._baro_file' END) END,
        'history', d.history, 'files', i.files, 'rejects', i.rejects) ORDER BY n.index)), '[]')
    FROM seen n CROSS JOIN level v
    CROSS JOIN LATERAL (SELECT CASE WHEN n.name NOT IN (SELECT x.name FROM closed x) THEN texts -> n.id END AS texts) AS t
    LEFT JOIN barometre_internal.page_doings(audience, caller, today) AS d ON d.index = n.index
    LEFT JOIN barometre.bookmark o ON n.kind = 'stream' AND o.tap = n.schema AND o.stream = n.relation
    LEFT JOIN barometre_internal.build b ON b.name = n.name AND b.kind = CASE n.kind WHEN 'snapshot' THEN 'model' ELSE n.kind END AND n.kind <> 'stream'
    LEFT JOIN listed l ON l.index = n.index
    LEFT JOIN period p ON p.index = n.index
    LEFT JOIN size z ON z.index = n.index
    LEFT JOIN (SELECT * FROM barometre_internal.page_files(shown) WHERE barometre_internal.page_sees(audience) <> 'relations') AS i ON n.kind = 'stream' AND i.name = n.name
    LEFT JOIN (SELECT a.kind, a.stream, pg_catalog.jsonb_build_object('status', a.status, 'newest', barometre_internal.page_time(a.newest), 'age', a.age, 'expected', a.expected::text,
                          'since', CASE WHEN a.status IN ('late', 'stale') THEN barometre_internal.page_time(coalesce(a.newest + a.expected, a.measured_at)) END) AS freshness
               FROM barometre_internal.data_age a WHERE a.expected IS NOT NULL) AS f ON f.kind = n.kind AND f.stream = n.name;
END;
COMMENT ON FUNCTION barometre_internal.page_nodes(oid, oid, boolean, jsonb, date) IS 'The page''s nodes: all that is known of each, as far as the roles may know it';

CREATE FUNCTION barometre_internal.page_edges(audience oid, caller oid) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH seen AS MATERIALIZED (SELECT s.index, s.kind, s.name, s.id FROM barometre_internal.page_seen(audience, caller) s)
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(i.index, o.index) ORDER BY i.index, o.index), '[]')
    FROM barometre_internal.model_edge e
    JOIN seen o ON o.name = e.model AND o.kind IN ('model', 'snapshot')
    JOIN seen i ON i.id = e.kind || '.' || e.input;
END;
COMMENT ON FUNCTION barometre_internal.page_edges(oid, oid) IS 'The page''s edges: pairs of places in its nodes, of which the second reads the first';
