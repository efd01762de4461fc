CREATE VIEW barometre_internal.data_age AS
SELECT n.stream, n.path, n.status, pg_catalog.date_trunc('second', n.newest) AS newest,
       CASE WHEN n.seconds >= 172800 THEN pg_catalog.div(n.seconds, 86400) || ' d ' || pg_catalog.div(n.seconds % 86400, 3600) || ' h'
            WHEN n.seconds >= 3600 THEN pg_catalog.div(n.seconds, 3600) || ' h ' || pg_catalog.div(n.seconds % 3600, 60) || ' min'
            WHEN n.seconds >= 60 THEN pg_catalog.div(n.seconds, 60) || ' min'
            WHEN n.newest IS NOT NULL THEN greatest(pg_catalog.trunc(n.seconds), 0) || ' s' END AS age,
       pg_catalog.justify_hours(n.expected * interval '1 second') AS expected
FROM (SELECT d.*, CASE WHEN d.seconds > d.error_after THEN 'stale'
                       WHEN d.seconds > d.warn_after THEN 'late'
                       WHEN d.seconds IS NOT NULL AND d.expected IS NOT NULL THEN 'fresh'
                       ELSE 'unknown' END AS status
      FROM (SELECT s.tap || '.' || s.name AS stream, s.path, t.newest, extract(epoch FROM pg_catalog.clock_timestamp() - t.newest) AS seconds,
                   t.warn_after, t.error_after, least(t.warn_after, t.error_after) AS expected
            FROM barometre_internal.stream s
            LEFT JOIN barometre.bookmark b ON b.tap = s.tap AND b.stream = s.name
            CROSS JOIN LATERAL (SELECT CASE WHEN s.freshness ->> 'column' IS NULL THEN b.newest_mtime ELSE b.newest_value END AS newest,
                                       nullif(extract(epoch FROM (s.freshness ->> 'warn_after')::interval), 0) AS warn_after,
                                       nullif(extract(epoch FROM (s.freshness ->> 'error_after')::interval), 0) AS error_after) AS t) AS d) AS n;
COMMENT ON VIEW barometre_internal.data_age IS 'What barometre.freshness shows, for programs';
COMMENT ON COLUMN barometre_internal.data_age.stream IS 'tap.stream';
COMMENT ON COLUMN barometre_internal.data_age.path IS 'The folder of its files';
COMMENT ON COLUMN barometre_internal.data_age.status IS 'As in barometre.freshness';
COMMENT ON COLUMN barometre_internal.data_age.newest IS 'As in barometre.freshness';
COMMENT ON COLUMN barometre_internal.data_age.age IS 'As in barometre.freshness';
COMMENT ON COLUMN barometre_internal.data_age.expected IS 'As in barometre.freshness';

CREATE VIEW barometre.freshness AS
SELECT barometre_internal.fold(d.stream, 36) AS stream, d.status, barometre_internal.clock(d.newest, z.timezone) AS newest, d.age, d.expected
FROM barometre_internal.data_age d, barometre_internal.zone z
ORDER BY d.stream;
COMMENT ON VIEW barometre.freshness IS 'How new the data of each stream is, and whether that is as it should be';
COMMENT ON COLUMN barometre.freshness.stream IS 'tap.stream';
COMMENT ON COLUMN barometre.freshness.status IS 'fresh; late: beyond warn_after; stale: beyond error_after; unknown: nothing is expected, or nothing was loaded';
COMMENT ON COLUMN barometre.freshness.newest IS 'The greatest value of the column that freshness names; without one, the time of the newest file that was loaded; by the project''s clock';
COMMENT ON COLUMN barometre.freshness.age IS 'How old that is';
COMMENT ON COLUMN barometre.freshness.expected IS 'How old it may be: the shorter one of warn_after and error_after';
