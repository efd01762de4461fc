-- For monitoring: one row, whatever happened, which takes no right but that to read it.
CREATE VIEW barometre.health AS
SELECT h.code, (ARRAY['ok', 'warning', 'critical', 'unknown'])[h.code + 1] AS state,
       CASE h.code WHEN 3 THEN 'no project was read yet: SELECT * FROM baro_load_project();'
                   WHEN 0 THEN coalesce('all is well since run ' || h.last || ', which ended ' || barometre_internal.clock(h.ended, h.timezone), 'nothing was run yet')
                   ELSE CASE WHEN h.errors > 0 THEN h.errors || CASE WHEN h.errors = 1 THEN ' failure' ELSE ' failures' END ELSE '' END
                        || CASE WHEN h.errors > 0 AND h.warnings > 0 THEN ' and ' ELSE '' END
                        || CASE WHEN h.warnings > 0 THEN h.warnings || CASE WHEN h.warnings = 1 THEN ' warning' ELSE ' warnings' END ELSE '' END
                        || ', the last one of ' || f.what || coalesce(', ' || f.place, '') || ': ' || pg_catalog.regexp_replace(f.why, '\s+', ' ', 'g')
                        || ' (SELECT * FROM barometre.failures;)' END AS sentence
FROM (SELECT CASE WHEN NOT EXISTS (SELECT FROM barometre_internal.project) THEN 3 WHEN c.errors > 0 THEN 2 WHEN c.warnings > 0 THEN 1 ELSE 0 END AS code,
             c.errors, c.warnings, r.id AS last, r.finished_at AS ended, z.timezone
      FROM (SELECT count(*) FILTER (WHERE w.severity = 'error') AS errors, count(*) FILTER (WHERE w.severity = 'warning') AS warnings
            FROM barometre_internal.failure w) AS c
      CROSS JOIN barometre_internal.zone z
      LEFT JOIN LATERAL (SELECT s.id, s.finished_at FROM barometre.run s WHERE s.finished_at IS NOT NULL AND s.kind <> 'page' ORDER BY s.id DESC LIMIT 1) AS r ON true) AS h
LEFT JOIN LATERAL (SELECT w.* FROM barometre_internal.failure w WHERE h.code IN (1, 2)
                   ORDER BY w.severity = 'error' DESC, w.at DESC, w.run DESC, w.place LIMIT 1) AS f ON true;
COMMENT ON VIEW barometre.health IS 'Whether all is well, in one row: what baro_health() gives';
COMMENT ON COLUMN barometre.health.code IS '0: ok, 1: warning, 2: critical, 3: unknown, as plugins of Nagios end';
COMMENT ON COLUMN barometre.health.state IS 'The same as a word';
COMMENT ON COLUMN barometre.health.sentence IS 'How many failures and warnings there are, and the last one; without values of the data for those who may not see them';

CREATE FUNCTION @extschema@.baro_health() RETURNS TABLE (code integer, state text, sentence text)
LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT h.code, h.state, h.sentence FROM barometre.health h;
END;
COMMENT ON FUNCTION @extschema@.baro_health() IS
'One row for monitoring: 0 ok, 1 warning (told, or beyond warn_after), 2 critical (barometre.failures has what), 3 unknown: no project was read';
