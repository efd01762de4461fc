-- Its widths add up to 100 columns at most.
CREATE FUNCTION @extschema@.baro_help()
RETURNS TABLE (want text, call text, example text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    VALUES ('load the new files of all taps', 'baro_run', 'SELECT * FROM baro_run();'),
           ('load one tap', 'baro_run', 'SELECT * FROM baro_run(''tap'');'),
           ('load one stream', 'baro_run', 'SELECT * FROM baro_run(''tap.stream'');'),
           ('make tables what the files are', 'baro_run', E'SELECT * FROM baro_run(''tap'',\n    full_refresh => true);'),
           ('see what a load would do', 'baro_check', 'SELECT * FROM baro_check(''tap'');'),
           ('see the first records', 'baro_preview', 'SELECT * FROM baro_preview(''tap.stream'');'),
           ('find the file of a row', 'barometre.lineage', E'SELECT path FROM barometre.lineage\n    WHERE _baro_file = 7;'),
           ('load the seeds', 'baro_seed', 'SELECT * FROM baro_seed();'),
           ('build what is stale', 'baro_transform', 'CALL baro_transform();'),
           ('build a model and what reads it', 'baro_transform', 'CALL baro_transform(''model+'');'),
           ('build all but what fails', 'baro_transform', E'CALL baro_transform(\n    on_failure => ''skip'');'),
           ('see what is stale, and why', 'baro_ls', E'SELECT name, state, reason\n    FROM baro_ls();'),
           ('see the tests, and how they are', 'baro_ls', E'SELECT name, state, reason\n    FROM baro_ls(''resource_type:test'');'),
           ('try models without building', 'baro_plan', E'SELECT name, state, reason\n    FROM baro_plan(''model'');'),
           ('see the SQL of a model', 'baro_compile', 'SELECT baro_compile(''model'');'),
           ('see what a build would change', 'baro_diff', 'SELECT * FROM baro_diff(''model'');'),
           ('try a query', 'baro_show', E'SELECT * FROM baro_show(\n    ''select * from {{ ref("model") }}'');'),
           ('see changes of other tables', 'baro_stamp_sources', 'SELECT * FROM baro_stamp_sources();'),
           ('build when others write a table', 'baro_stamp', E'CREATE TRIGGER baro_stamp AFTER INSERT OR\n    UPDATE OR DELETE OR TRUNCATE ON t\n    EXECUTE FUNCTION baro_stamp();'),
           ('test the data', 'baro_test', 'SELECT * FROM baro_test();'),
           ('test the data by pg_prove', 'baro_test_tap', 'SELECT * FROM baro_test_tap();'),
           ('run a job now', 'baro_job', 'CALL baro_job(''job'');'),
           ('let jobs run by themselves', 'baro_schedule', 'SELECT * FROM baro_schedule();'),
           ('let no job run by itself', 'baro_unschedule', 'SELECT * FROM baro_unschedule();'),
           ('see how the jobs are', 'barometre.status', 'SELECT * FROM barometre.status;'),
           ('see what is wrong, what to do', 'barometre.failures', 'SELECT * FROM barometre.failures;'),
           ('see what the last run did', 'barometre.report', 'SELECT * FROM barometre.report;'),
           ('see what ran', 'barometre.history', 'SELECT * FROM barometre.history LIMIT 20;'),
           ('see what is running', 'barometre.progress', 'SELECT * FROM barometre.progress;'),
           ('see whether the data is new', 'barometre.freshness', 'SELECT * FROM barometre.freshness;'),
           ('read the project of a folder', 'baro_load_project', E'SELECT * FROM baro_load_project(\n    ''/srv/project'');'),
           ('give the roles what they need', 'baro_grant', 'SELECT * FROM baro_grant();'),
           ('add a stream without files', 'baro_register_stream', E'SELECT * FROM baro_register_stream(\n    ''tap'', ''stream'', ''{"path": "in",\n    "pattern": ".*[.]csv"}'');'),
           ('add a model without files', 'baro_register_model', E'SELECT * FROM baro_register_model(\n    ''model'', ''SELECT 1 AS one'');'),
           ('add a test without files', 'baro_register_test', E'SELECT * FROM baro_register_test(\n    ''test'', ''SELECT 1 WHERE false'');'),
           ('forget what was added so', 'baro_unregister', E'SELECT * FROM baro_unregister(\n    ''stream'', ''tap.stream'');'),
           ('have what was added so as files', 'baro_export', 'SELECT * FROM baro_export();');
END;
COMMENT ON FUNCTION @extschema@.baro_help() IS 'The calls by what one wants to do, with examples';
