CREATE VIEW barometre_internal.job_state AS
SELECT j.name, j.definition, d.every, d.zone, d.enabled, d.first_day,
       CASE WHEN NOT d.enabled THEN 'disabled' WHEN d.every IS NULL OR d.every = '@once' THEN 'by hand' WHEN j.scheduled_since IS NULL THEN 'not scheduled'
            ELSE 'scheduled' END AS state
FROM barometre_internal.job j
CROSS JOIN LATERAL (SELECT j.definition ->> 'interval', j.definition ->> 'timezone', (j.definition ->> 'enabled')::boolean,
                           (j.definition ->> 'start_date')::date) AS d (every, zone, enabled, first_day);
COMMENT ON VIEW barometre_internal.job_state IS 'Whether each job runs by itself, and by which clock';
COMMENT ON COLUMN barometre_internal.job_state.name IS 'The job';
COMMENT ON COLUMN barometre_internal.job_state.definition IS 'As in barometre_internal.job';
COMMENT ON COLUMN barometre_internal.job_state.every IS 'Its interval; NULL: by hand';
COMMENT ON COLUMN barometre_internal.job_state.zone IS 'By whose clocks it is due';
COMMENT ON COLUMN barometre_internal.job_state.enabled IS 'Whether it may be scheduled';
COMMENT ON COLUMN barometre_internal.job_state.first_day IS 'It is not called before; NULL: it may be';
COMMENT ON COLUMN barometre_internal.job_state.state IS 'scheduled; not scheduled: baro_schedule() was not called since the job is in the project; by hand; disabled';

-- Its widths add up to 100 columns at most.
CREATE VIEW barometre.status AS
SELECT barometre_internal.fold(j.name, 17) AS job, CASE WHEN m.due IS NOT NULL THEN 'missed' ELSE coalesce(r.status, 'never run') END AS last_run,
       barometre_internal.clock(coalesce(m.due, r.started_at), zone) AS started,
       CASE WHEN m.due IS NULL
            THEN barometre_internal.duration(extract(epoch FROM coalesce(r.finished_at, CASE WHEN r.status = 'running' THEN pg_catalog.clock_timestamp() END)
                                                       - r.started_at)) END AS took,
       barometre_internal.duration(u.seconds) AS usual,
       CASE j.state WHEN 'scheduled' THEN coalesce(barometre_internal.clock(barometre_internal.next_due(every, zone, enabled, first_day), zone), 'never') ELSE j.state END AS next_run,
       (SELECT coalesce(sum(pg_catalog.jsonb_array_length(s.warnings)), 0)::int FROM barometre.step s WHERE s.run = r.id) AS warnings
FROM barometre_internal.job_state j
LEFT JOIN LATERAL (SELECT s.* FROM barometre_internal.run_state s WHERE s.kind = 'job' AND s.name = j.name ORDER BY s.id DESC LIMIT 1) AS r ON true
LEFT JOIN barometre_internal.missed_run m ON m.job = j.name
LEFT JOIN barometre.usual_duration u ON u.kind = 'job' AND u.name = j.name
ORDER BY j.name;
COMMENT ON VIEW barometre.status IS 'A line a job: its last run, how long that took and usually takes, and when it is due next, by the job''s clock';
COMMENT ON COLUMN barometre.status.job IS 'The job';
COMMENT ON COLUMN barometre.status.last_run IS 'missed: pg_cron did not start it when it was due; why a run failed is in barometre.failures';
COMMENT ON COLUMN barometre.status.started IS 'When the last run began; of a missed one, when it was due';
COMMENT ON COLUMN barometre.status.took IS 'Until now, for one that is running';
COMMENT ON COLUMN barometre.status.usual IS 'Median of its last ten successes';
COMMENT ON COLUMN barometre.status.next_run IS 'not scheduled: baro_schedule() was not called since the job is in the project';
COMMENT ON COLUMN barometre.status.warnings IS 'How many its last run was told; they are in barometre.failures and barometre.step';
