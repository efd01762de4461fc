-- No SET clause: a procedure that has one can't commit.
CREATE PROCEDURE @extschema@.baro_job(name text, scheduled_at timestamptz DEFAULT NULL, from_failed boolean DEFAULT false)
LANGUAGE C AS 'MODULE_PATHNAME', 'barometre_job';
COMMENT ON PROCEDURE @extschema@.baro_job(text, timestamptz, boolean) IS
'Runs the steps of a job, each in transactions of its own, and fails in the end if one of them failed; with a time, as pg_cron calls it, only if it is due then; from_failed: goes on with its last run at the step that failed';

CREATE FUNCTION @extschema@.baro_schedule()
RETURNS TABLE (job text, runs text, schedule text, next_run timestamptz, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_schedule';
COMMENT ON FUNCTION @extschema@.baro_schedule() IS
'Makes barometre''s entries in cron.job what the project says: a row an entry, added, changed, removed or unchanged';

CREATE FUNCTION @extschema@.baro_unschedule()
RETURNS TABLE (job text, runs text, schedule text, next_run timestamptz, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_unschedule';
COMMENT ON FUNCTION @extschema@.baro_unschedule() IS 'Removes barometre''s entries from cron.job';
