CREATE VIEW barometre_internal.data_age AS
SELECT n.stream, n.path, n.status, pg_catalog.date_trunc('second', n.newest) AS newest,
       CASE WHEN n.seconds >= 172800 THEN pg_catalog.div(n.seconds, 86400) || ' d ' || pg_catalog.div(n.seconds % 86400, 3600) || ' h'
            WHEN n.seconds >= 3600 THEN pg_catalog.div(n.seconds, 3600) || ' h ' || pg_catalog.div(n.seconds % 3600, 60) || ' min'
            WHEN n.seconds >= 60 THEN pg_catalog.div(n.seconds, 60) || ' min'
            WHEN n.newest IS NOT NULL THEN greatest(pg_catalog.trunc(n.seconds), 0) || ' s' END AS age,
       pg_catalog.justify_hours(n.expected * interval '1 second') AS expected, n.kind, n.definition, n.run, n.measured_at, n.error
-- What loads bring is known here: a stream's age is that of now. What others write is as old as it was when it was measured; if it was fresh
-- then, that holds until it would be too old without anything new.
FROM (SELECT d.*, CASE WHEN d.known > d.error_after THEN 'stale'
                       WHEN d.known > d.warn_after THEN 'late'
                       WHEN d.seconds <= d.expected THEN 'fresh'
                       ELSE 'unknown' END AS status
      FROM (SELECT e.*, t.*, least(t.warn_after, t.error_after) AS expected,
                   CASE WHEN e.kind = 'stream' THEN t.seconds
                        WHEN e.newest IS NULL AND e.measured_at IS NOT NULL AND e.error IS NULL THEN 'Infinity' -- older than anything
                        ELSE extract(epoch FROM e.measured_at - e.newest) END AS known
            FROM (SELECT 'stream' AS kind, s.tap || '.' || s.name AS stream, s.path, s.freshness,
                         CASE WHEN s.freshness ->> 'column' IS NULL THEN b.newest_mtime ELSE b.newest_value END AS newest,
                         s.definition, NULL::bigint AS run, NULL::timestamptz AS measured_at, NULL AS error
                  FROM barometre_internal.stream s
                  LEFT JOIN barometre.bookmark b ON b.tap = s.tap AND b.stream = s.name
                  UNION ALL
                  SELECT 'source', s.name, NULL, s.freshness, a.newest, s.definition, a.run, a.measured_at, a.error
                  FROM barometre_internal.source s
                  LEFT JOIN LATERAL (SELECT * FROM barometre_internal.source_age a WHERE a.source = s.name ORDER BY a.measured_at DESC LIMIT 1) AS a ON true
                  WHERE s.freshness IS NOT NULL) AS e
            CROSS JOIN LATERAL (SELECT extract(epoch FROM pg_catalog.clock_timestamp() - e.newest) AS seconds,
                                       nullif(extract(epoch FROM (e.freshness ->> 'warn_after')::interval), 0) AS warn_after,
                                       nullif(extract(epoch FROM (e.freshness ->> 'error_after')::interval), 0) AS error_after) AS t) AS d) AS n;
COMMENT ON VIEW barometre_internal.data_age IS 'What barometre.freshness shows, for programs';
COMMENT ON COLUMN barometre_internal.data_age.stream IS 'tap.stream, or source.table';
COMMENT ON COLUMN barometre_internal.data_age.path IS 'The folder of its files; NULL: it is a source';
COMMENT ON COLUMN barometre_internal.data_age.status IS 'As in barometre.freshness';
COMMENT ON COLUMN barometre_internal.data_age.newest IS 'As in barometre.freshness';
COMMENT ON COLUMN barometre_internal.data_age.age IS 'As in barometre.freshness';
COMMENT ON COLUMN barometre_internal.data_age.expected IS 'As in barometre.freshness';
COMMENT ON COLUMN barometre_internal.data_age.kind IS 'stream, or source: what others write, if the project says how old it may be';
COMMENT ON COLUMN barometre_internal.data_age.definition IS 'Where the project declares it: file:line';
COMMENT ON COLUMN barometre_internal.data_age.run IS 'Of a source, the run that measured it last, in barometre.run';
COMMENT ON COLUMN barometre_internal.data_age.measured_at IS 'When that was';
COMMENT ON COLUMN barometre_internal.data_age.error IS 'Why that run could not measure it';

CREATE VIEW barometre.freshness AS
SELECT barometre_internal.fold(d.stream, 36) AS stream, d.status, barometre_internal.clock(d.newest, z.timezone) AS newest, d.age, d.expected
FROM barometre_internal.data_age d, barometre_internal.zone z
ORDER BY d.stream;
COMMENT ON VIEW barometre.freshness IS 'How new the data of each stream and source is, and whether that is as it should be';
COMMENT ON COLUMN barometre.freshness.stream IS 'tap.stream, or source.table of a source that says how old its data may be';
COMMENT ON COLUMN barometre.freshness.status IS 'fresh; late: beyond warn_after; stale: beyond error_after; unknown: nothing is expected, or nothing was loaded. Of a source as it was when it was measured last; unknown too: that is too long ago, or it can''t be measured';
COMMENT ON COLUMN barometre.freshness.newest IS 'The greatest value of the column that freshness names; without one, the time of the newest file that was loaded; by the project''s clock';
COMMENT ON COLUMN barometre.freshness.age IS 'How old that is';
COMMENT ON COLUMN barometre.freshness.expected IS 'How old it may be: the shorter one of warn_after and error_after';
