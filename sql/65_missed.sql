CREATE FUNCTION barometre_internal.next_due("interval" text, timezone text, enabled boolean, start_date date, after timestamptz DEFAULT now())
RETURNS timestamptz LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_next_due';
COMMENT ON FUNCTION barometre_internal.next_due(text, text, boolean, date, timestamptz) IS
'When a job with this interval is due next; NULL: never, or by hand';

CREATE FUNCTION barometre_internal.latest_due("interval" text, timezone text, enabled boolean, start_date date, before timestamptz DEFAULT now())
RETURNS timestamptz LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_latest_due';
COMMENT ON FUNCTION barometre_internal.latest_due(text, text, boolean, date, timestamptz) IS
'When a job with this interval was due last; NULL: not within a year, or by hand';

-- A quarter of an hour is what a call of pg_cron may be late.
CREATE VIEW barometre_internal.missed_run AS
SELECT j.name AS job, d.due, j.definition ->> 'timezone' AS timezone
FROM barometre_internal.job j
CROSS JOIN LATERAL (SELECT barometre_internal.latest_due(j.definition ->> 'interval', j.definition ->> 'timezone', (j.definition ->> 'enabled')::boolean,
                                                         (j.definition ->> 'start_date')::date,
                                                         pg_catalog.clock_timestamp() - interval '15 minutes') AS due) AS d
WHERE d.due >= j.scheduled_since
  AND NOT EXISTS (SELECT FROM barometre_internal.run_state r WHERE r.kind = 'job' AND r.name = j.name
                                                              AND (greatest(r.scheduled_for, r.started_at) >= d.due OR r.status = 'running'));
COMMENT ON VIEW barometre_internal.missed_run IS 'What barometre.missed shows, for programs';
COMMENT ON COLUMN barometre_internal.missed_run.job IS 'The job';
COMMENT ON COLUMN barometre_internal.missed_run.due IS 'When it was due last';
COMMENT ON COLUMN barometre_internal.missed_run.timezone IS 'By whose clocks it is due';

CREATE VIEW barometre.missed AS
SELECT m.job, barometre_internal.clock(m.due, m.timezone) AS due FROM barometre_internal.missed_run m ORDER BY m.job;
COMMENT ON VIEW barometre.missed IS 'Scheduled jobs that did not run when they were due last';
COMMENT ON COLUMN barometre.missed.job IS 'The job';
COMMENT ON COLUMN barometre.missed.due IS 'When it was due last, by the job''s clock';
