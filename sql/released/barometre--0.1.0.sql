\echo Use "CREATE EXTENSION barometre" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

-- Without IF NOT EXISTS: a schema that somebody prepared must not be used.
CREATE SCHEMA barometre;
COMMENT ON SCHEMA barometre IS 'barometre: the state of loads, the memory of runs, and views of both';

CREATE SCHEMA barometre_internal;
COMMENT ON SCHEMA barometre_internal IS 'barometre: what only the extension reads; it may change with each version';
-- The registry: the project as its files say it. Only the extension writes it.

CREATE TABLE barometre_internal.project (
    name text PRIMARY KEY,
    path text,
    owner regrole NOT NULL,
    schema text NOT NULL,
    timezone text NOT NULL,
    hash text NOT NULL,
    loaded_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX project_is_one ON barometre_internal.project ((true));
COMMENT ON TABLE barometre_internal.project IS 'The project of this database, read again whenever its files change';
COMMENT ON COLUMN barometre_internal.project.name IS 'The key "name" of barometre.yml';
COMMENT ON COLUMN barometre_internal.project.path IS 'As given to baro_load_project(); NULL: barometre.project_directory';
COMMENT ON COLUMN barometre_internal.project.owner IS 'Whose privileges the project''s work has';
COMMENT ON COLUMN barometre_internal.project.schema IS 'Of seeds and, unless they say otherwise, models';
COMMENT ON COLUMN barometre_internal.project.timezone IS 'Of its work, and of the times that views show';
COMMENT ON COLUMN barometre_internal.project.hash IS 'Of all its files';
COMMENT ON COLUMN barometre_internal.project.loaded_at IS 'When it was read last';

CREATE TABLE barometre_internal.tap (
    name text PRIMARY KEY,
    description text
);
COMMENT ON TABLE barometre_internal.tap IS 'The taps of the project';
COMMENT ON COLUMN barometre_internal.tap.name IS 'Its name, which is its schema''s';
COMMENT ON COLUMN barometre_internal.tap.description IS 'What the project says of it';

CREATE TABLE barometre_internal.stream (
    tap text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    pattern text NOT NULL,
    key_properties text[] NOT NULL,
    description text,
    definition text NOT NULL,
    freshness jsonb,
    PRIMARY KEY (tap, name)
);
COMMENT ON TABLE barometre_internal.stream IS 'The streams of the project';
COMMENT ON COLUMN barometre_internal.stream.tap IS 'Its tap, and the schema of its table';
COMMENT ON COLUMN barometre_internal.stream.name IS 'Its name, which is its table''s';
COMMENT ON COLUMN barometre_internal.stream.path IS 'The folder of its files, below barometre.data_directory or absolute';
COMMENT ON COLUMN barometre_internal.stream.pattern IS 'What the names of its files match';
COMMENT ON COLUMN barometre_internal.stream.key_properties IS 'The columns of its key; empty: it has none';
COMMENT ON COLUMN barometre_internal.stream.description IS 'What the project says of it';
COMMENT ON COLUMN barometre_internal.stream.definition IS 'Where the project declares it: file:line';
COMMENT ON COLUMN barometre_internal.stream.freshness IS 'column, format, and warn_after and error_after in seconds; NULL: its data may have any age';

CREATE TABLE barometre_internal.seed (
    name text PRIMARY KEY,
    description text
);
COMMENT ON TABLE barometre_internal.seed IS 'The seeds of the project';
COMMENT ON COLUMN barometre_internal.seed.name IS 'Its name, which is its table''s';
COMMENT ON COLUMN barometre_internal.seed.description IS 'What the project says of it';

CREATE TABLE barometre_internal.model (
    name text PRIMARY KEY,
    schema text NOT NULL,
    materialized text NOT NULL,
    file text NOT NULL,
    description text,
    relation text NOT NULL,
    tags text[] NOT NULL,
    meta jsonb NOT NULL
);
COMMENT ON TABLE barometre_internal.model IS 'The models and snapshots of the project';
COMMENT ON COLUMN barometre_internal.model.name IS 'Its name, by which ref() finds it';
COMMENT ON COLUMN barometre_internal.model.schema IS 'The schema of its table or view';
COMMENT ON COLUMN barometre_internal.model.materialized IS 'What it becomes: table, view, materialized_view, incremental, ephemeral or snapshot';
COMMENT ON COLUMN barometre_internal.model.file IS 'Where its SQL is, below the project''s folder';
COMMENT ON COLUMN barometre_internal.model.description IS 'What the project says of it';
COMMENT ON COLUMN barometre_internal.model.relation IS 'What its table or view is called: its alias, or its name';
COMMENT ON COLUMN barometre_internal.model.tags IS 'By which selections find it, from all places that give it some';
COMMENT ON COLUMN barometre_internal.model.meta IS 'What the project keeps with it, for other programs';

CREATE TABLE barometre_internal.model_edge (
    model text NOT NULL,
    input text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (model, input)
);
COMMENT ON TABLE barometre_internal.model_edge IS 'Which model reads what';
COMMENT ON COLUMN barometre_internal.model_edge.model IS 'What reads';
COMMENT ON COLUMN barometre_internal.model_edge.input IS 'What is read: a model, a seed, or tap.stream';
COMMENT ON COLUMN barometre_internal.model_edge.kind IS 'What is read is a model, snapshot, seed or stream';

CREATE TABLE barometre_internal.test (
    target text NOT NULL,
    test text NOT NULL,
    name text NOT NULL,
    severity text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    config jsonb NOT NULL DEFAULT '{}',
    definition text NOT NULL
);
COMMENT ON TABLE barometre_internal.test IS 'The data tests of the project';
COMMENT ON COLUMN barometre_internal.test.target IS 'model.column, model, tap.stream.column, tap.stream, or a singular test''s name';
COMMENT ON COLUMN barometre_internal.test.test IS 'unique, another one of barometre''s, one of the project''s own, or singular';
COMMENT ON COLUMN barometre_internal.test.name IS 'As results show it';
COMMENT ON COLUMN barometre_internal.test.severity IS 'error or warn';
COMMENT ON COLUMN barometre_internal.test.arguments IS 'What it is given, as in the project';
COMMENT ON COLUMN barometre_internal.test.config IS 'warn_if, error_if, limit, where';
COMMENT ON COLUMN barometre_internal.test.definition IS 'Where the project declares it: file:line';

CREATE TABLE barometre_internal.job (
    name text PRIMARY KEY,
    definition jsonb NOT NULL,
    scheduled_since timestamptz
);
COMMENT ON TABLE barometre_internal.job IS 'The jobs of the project';
COMMENT ON COLUMN barometre_internal.job.name IS 'By which baro_job() finds it';
COMMENT ON COLUMN barometre_internal.job.definition IS 'Its keys in the project file, all that are in effect';
COMMENT ON COLUMN barometre_internal.job.scheduled_since IS 'Since when pg_cron is to run it, as baro_schedule() or a run by pg_cron says; NULL: it is not';

SELECT pg_extension_config_dump('barometre_internal.project', '');
SELECT pg_extension_config_dump('barometre_internal.tap', '');
SELECT pg_extension_config_dump('barometre_internal.stream', '');
SELECT pg_extension_config_dump('barometre_internal.seed', '');
SELECT pg_extension_config_dump('barometre_internal.model', '');
SELECT pg_extension_config_dump('barometre_internal.model_edge', '');
SELECT pg_extension_config_dump('barometre_internal.test', '');
SELECT pg_extension_config_dump('barometre_internal.job', '');
-- Registration by SQL alone: streams, models and tests beside those of the project's files.

CREATE TABLE barometre_internal.registered (
    kind text NOT NULL CHECK (kind IN ('stream', 'model', 'test')),
    name text NOT NULL,
    query text,
    options jsonb NOT NULL,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE barometre_internal.registered IS 'What was registered by SQL alone, beside the project''s files';
COMMENT ON COLUMN barometre_internal.registered.kind IS 'stream, model or test';
COMMENT ON COLUMN barometre_internal.registered.name IS 'Its name; of a stream tap.stream';
COMMENT ON COLUMN barometre_internal.registered.query IS 'Of a model or test';
COMMENT ON COLUMN barometre_internal.registered.options IS 'The keys of the project file';
COMMENT ON COLUMN barometre_internal.registered.registered_at IS 'When it became what it is';

-- Apart from it, so that a restore where a role is missing loses who registered something, and not what.
CREATE TABLE barometre_internal.registered_by (
    kind text NOT NULL,
    name text NOT NULL,
    owner regrole NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE barometre_internal.registered_by IS 'Whose is what was registered; what is not listed is anybody''s who has the project';
COMMENT ON COLUMN barometre_internal.registered_by.kind IS 'As in barometre_internal.registered';
COMMENT ON COLUMN barometre_internal.registered_by.name IS 'As in barometre_internal.registered';
COMMENT ON COLUMN barometre_internal.registered_by.owner IS 'The role that registered it first';

SELECT pg_extension_config_dump('barometre_internal.registered', '');
SELECT pg_extension_config_dump('barometre_internal.registered_by', '');

CREATE FUNCTION @extschema@.baro_register_stream(tap text, stream text, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_register_stream';
COMMENT ON FUNCTION @extschema@.baro_register_stream(text, text, jsonb) IS
'Adds a stream to the project, or replaces one that was added so; options have the keys of a stream in barometre.yml';

CREATE FUNCTION @extschema@.baro_register_model(name text, query text, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_register_model';
COMMENT ON FUNCTION @extschema@.baro_register_model(text, text, jsonb) IS
'Adds a model to the project, or replaces one that was added so; options have the keys of a model''s properties';

CREATE FUNCTION @extschema@.baro_register_test(name text, query text, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_register_test';
COMMENT ON FUNCTION @extschema@.baro_register_test(text, text, jsonb) IS
'Adds a data test to the project, or replaces one that was added so; options have the keys of a singular test''s config()';

CREATE FUNCTION @extschema@.baro_unregister(kind text, name text)
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_unregister';
COMMENT ON FUNCTION @extschema@.baro_unregister(text, text) IS
'Forgets a stream (tap.stream), model or test that was registered; tables stay';

CREATE FUNCTION @extschema@.baro_export()
RETURNS TABLE (path text, content text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_export';
COMMENT ON FUNCTION @extschema@.baro_export() IS
'What was registered as files of the project: barometre.yml with the streams, models with their properties, tests';
-- What has been loaded, and what happened. No foreign keys, and names as text:
-- rows are written while the work's own transaction is open or lost.

CREATE TABLE barometre.file (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tap text NOT NULL,
    stream text NOT NULL,
    path text NOT NULL,
    size bigint NOT NULL,
    mtime timestamptz NOT NULL,
    ctime timestamptz NOT NULL,
    inode bigint NOT NULL,
    hash text NOT NULL,
    parsed_bytes bigint NOT NULL,
    parsed_hash text NOT NULL,
    records bigint NOT NULL,
    run bigint NOT NULL,
    loaded_at timestamptz NOT NULL,
    UNIQUE (tap, stream, path)
);
COMMENT ON TABLE barometre.file IS 'The file ledger: one row a file that was loaded; rows of tap tables carry its id in _baro_file';
COMMENT ON COLUMN barometre.file.id IS 'What _baro_file names';
COMMENT ON COLUMN barometre.file.tap IS 'The tap that loaded it';
COMMENT ON COLUMN barometre.file.stream IS 'The stream that loaded it';
COMMENT ON COLUMN barometre.file.path IS 'Below barometre.data_directory, or absolute';
COMMENT ON COLUMN barometre.file.size IS 'In bytes';
COMMENT ON COLUMN barometre.file.mtime IS 'When its content was changed last';
COMMENT ON COLUMN barometre.file.ctime IS 'When it was changed last, its name and permissions included';
COMMENT ON COLUMN barometre.file.inode IS 'Its number in the file system';
COMMENT ON COLUMN barometre.file.hash IS 'XXH3-128 of its content, hexadecimal';
COMMENT ON COLUMN barometre.file.parsed_bytes IS 'How much of it was read';
COMMENT ON COLUMN barometre.file.parsed_hash IS 'XXH3-128 of that, hexadecimal';
COMMENT ON COLUMN barometre.file.records IS 'How many were found in it';
COMMENT ON COLUMN barometre.file.run IS 'The run that read it last, in barometre.run';
COMMENT ON COLUMN barometre.file.loaded_at IS 'When it was read last';

-- What builds saw and what changed since. It holds OIDs and transaction ids, which mean nothing in another database:
-- it is in no dump, and after a restore everything is stale.

CREATE TABLE barometre_internal.build (
    kind text NOT NULL,
    name text NOT NULL,
    relation oid NOT NULL,
    query text NOT NULL,
    configuration text NOT NULL,
    description text NOT NULL,
    indexes text NOT NULL,
    grants text NOT NULL,
    always text,
    snapshot pg_snapshot NOT NULL,
    xid xid8 NOT NULL,
    rows bigint,
    built timestamptz NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE barometre_internal.build IS 'The last build of each model and seed, and what it saw';
COMMENT ON COLUMN barometre_internal.build.kind IS 'model, seed, functions';
COMMENT ON COLUMN barometre_internal.build.name IS 'Of the model or seed';
COMMENT ON COLUMN barometre_internal.build.relation IS 'The table or view';
COMMENT ON COLUMN barometre_internal.build.query IS 'Hash of the SQL, or of the seed''s file';
COMMENT ON COLUMN barometre_internal.build.configuration IS 'Hash of its configuration';
COMMENT ON COLUMN barometre_internal.build.description IS 'JSON: what became comments: of the table under "", of its columns by name';
COMMENT ON COLUMN barometre_internal.build.indexes IS 'JSON: those that the project asked for';
COMMENT ON COLUMN barometre_internal.build.grants IS 'JSON: what the project granted: privileges and their roles';
COMMENT ON COLUMN barometre_internal.build.always IS 'Why it is stale at each call; NULL: it is not';
COMMENT ON COLUMN barometre_internal.build.snapshot IS 'What the build saw: a change that is not in it makes stale';
COMMENT ON COLUMN barometre_internal.build.xid IS 'Of the build itself';
COMMENT ON COLUMN barometre_internal.build.rows IS 'How many it has; NULL: a view';
COMMENT ON COLUMN barometre_internal.build.built IS 'When';

CREATE TABLE barometre_internal.build_input (
    model text NOT NULL,
    kind text NOT NULL,
    object oid NOT NULL,
    name text NOT NULL,
    hash text,
    PRIMARY KEY (model, kind, object)
);
COMMENT ON TABLE barometre_internal.build_input IS 'What the last build of each model read and called';
COMMENT ON COLUMN barometre_internal.build_input.model IS 'What read; empty: what the project''s functions/ made';
COMMENT ON COLUMN barometre_internal.build_input.kind IS 'relation, stamped (by a trigger), view, function, self (a view)';
COMMENT ON COLUMN barometre_internal.build_input.object IS 'What was read or called';
COMMENT ON COLUMN barometre_internal.build_input.name IS 'The same, for people';
COMMENT ON COLUMN barometre_internal.build_input.hash IS 'Of a definition, or of a table''s columns and partitions';

CREATE TABLE barometre_internal.change (
    relation oid NOT NULL,
    xid xid8 NOT NULL,
    PRIMARY KEY (relation, xid)
);
COMMENT ON TABLE barometre_internal.change IS 'The last changes of tables that models read, by the transactions that made them';
COMMENT ON COLUMN barometre_internal.change.relation IS 'The table';
COMMENT ON COLUMN barometre_internal.change.xid IS 'The transaction that changed it';

CREATE TABLE barometre.bookmark (
    tap text NOT NULL,
    stream text NOT NULL,
    newest_mtime timestamptz,
    newest_data text,
    newest_value timestamptz,
    newest_of text,
    hashed text,
    files integer NOT NULL,
    records bigint NOT NULL,
    rows bigint,
    run bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tap, stream)
);
COMMENT ON TABLE barometre.bookmark IS 'How far each stream has been loaded; without its row the files are compared by content';
COMMENT ON COLUMN barometre.bookmark.tap IS 'The tap of the stream';
COMMENT ON COLUMN barometre.bookmark.stream IS 'The stream';
COMMENT ON COLUMN barometre.bookmark.newest_mtime IS 'The newest of the files that were loaded';
COMMENT ON COLUMN barometre.bookmark.newest_data IS 'The greatest key that was loaded';
COMMENT ON COLUMN barometre.bookmark.newest_value IS 'The greatest value of the column that freshness names';
COMMENT ON COLUMN barometre.bookmark.newest_of IS 'That column, and its format';
COMMENT ON COLUMN barometre.bookmark.hashed IS 'Columns that the map hashes, as their table has them';
COMMENT ON COLUMN barometre.bookmark.files IS 'How many are in the ledger';
COMMENT ON COLUMN barometre.bookmark.records IS 'Parsed by all runs together';
COMMENT ON COLUMN barometre.bookmark.rows IS 'Of the table, by its loads; NULL: not known';
COMMENT ON COLUMN barometre.bookmark.run IS 'The run that loaded last, in barometre.run';
COMMENT ON COLUMN barometre.bookmark.updated_at IS 'When that was';

CREATE TABLE barometre.reject (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    run bigint NOT NULL,
    tap text NOT NULL,
    stream text NOT NULL,
    file text NOT NULL,
    line bigint NOT NULL,
    last_line bigint NOT NULL,
    byte_offset bigint,
    column_name text,
    sqlstate text NOT NULL,
    reason text NOT NULL,
    raw bytea
);
CREATE INDEX reject_run ON barometre.reject (run);
COMMENT ON TABLE barometre.reject IS 'Records that could not be loaded; those of a file go when it is loaded again';
COMMENT ON COLUMN barometre.reject.id IS 'In the order in which they were found';
COMMENT ON COLUMN barometre.reject.run IS 'The run that found it, in barometre.run';
COMMENT ON COLUMN barometre.reject.tap IS 'The tap of the stream';
COMMENT ON COLUMN barometre.reject.stream IS 'The stream';
COMMENT ON COLUMN barometre.reject.file IS 'Its file, as in barometre.file';
COMMENT ON COLUMN barometre.reject.line IS 'Its first physical line, from 1';
COMMENT ON COLUMN barometre.reject.last_line IS 'Its last physical line';
COMMENT ON COLUMN barometre.reject.byte_offset IS 'Where the record begins in the (decompressed) file; NULL: the encoding can''t tell';
COMMENT ON COLUMN barometre.reject.column_name IS 'The column whose value is wrong; NULL: the whole record';
COMMENT ON COLUMN barometre.reject.sqlstate IS 'BM004: its form; 22021: its encoding; else the server''s for such a value';
COMMENT ON COLUMN barometre.reject.reason IS 'What is wrong';
COMMENT ON COLUMN barometre.reject.raw IS 'Its first 1024 bytes; NULL where a map hashes or drops values';

CREATE TABLE barometre.run (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'skipped', 'interrupted')),
    sqlstate text,
    message text,
    detail text,
    hint text,
    scheduled_for timestamptz
);
CREATE INDEX run_kind_name ON barometre.run (kind, name, id);
COMMENT ON TABLE barometre.run IS 'What happened: one row a call, kept though the work was rolled back';
COMMENT ON COLUMN barometre.run.id IS 'In the order in which they began';
COMMENT ON COLUMN barometre.run.kind IS 'run, seed, transform, test, job, or sql (of a job)';
COMMENT ON COLUMN barometre.run.name IS 'What it was about: a tap, a selection, a job; *: all';
COMMENT ON COLUMN barometre.run.role IS 'As which it worked: the project''s owner';
COMMENT ON COLUMN barometre.run.started_at IS 'When its work began';
COMMENT ON COLUMN barometre.run.finished_at IS 'When it ended; NULL: it is running, or was interrupted and nobody knows';
COMMENT ON COLUMN barometre.run.status IS 'running, succeeded, failed, skipped or interrupted';
COMMENT ON COLUMN barometre.run.sqlstate IS 'Of the error';
COMMENT ON COLUMN barometre.run.message IS 'Of the error, or why it was skipped';
COMMENT ON COLUMN barometre.run.detail IS 'Of the error';
COMMENT ON COLUMN barometre.run.hint IS 'Of the error: what to do';
COMMENT ON COLUMN barometre.run.scheduled_for IS 'The minute for which a schedule started it; NULL: by hand';

CREATE TABLE barometre.step (
    run bigint NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    why text,
    files integer,
    read integer,
    records bigint,
    inserted bigint,
    updated bigint,
    unchanged bigint,
    deleted bigint,
    rejected bigint,
    superseded bigint,
    blank_lines bigint,
    bytes bigint,
    seconds numeric,
    sqlstate text,
    message text,
    PRIMARY KEY (run, number)
);
COMMENT ON TABLE barometre.step IS 'One row a stream, seed, model or test of a run, or a step of a job';
COMMENT ON COLUMN barometre.step.run IS 'The run in barometre.run';
COMMENT ON COLUMN barometre.step.number IS 'In the order in which they were done, from 1';
COMMENT ON COLUMN barometre.step.kind IS 'stream, seed, model, snapshot, test; of a job run, seed, transform, test, sql';
COMMENT ON COLUMN barometre.step.name IS 'tap.stream, a seed or model, a test''s target and name, or what a job''s step says';
COMMENT ON COLUMN barometre.step.status IS 'running, succeeded, failed, skipped, unchanged or interrupted; of a test pass, warn, fail, error or skip';
COMMENT ON COLUMN barometre.step.why IS 'Why it was done, or left out';
COMMENT ON COLUMN barometre.step.files IS 'Of a stream: files that match';
COMMENT ON COLUMN barometre.step.read IS 'Of those, parsed';
COMMENT ON COLUMN barometre.step.records IS 'Records of a stream; rows of a seed or model; failing rows of a test';
COMMENT ON COLUMN barometre.step.inserted IS 'Rows that came';
COMMENT ON COLUMN barometre.step.updated IS 'Rows that were changed';
COMMENT ON COLUMN barometre.step.unchanged IS 'Rows that stayed as they were';
COMMENT ON COLUMN barometre.step.deleted IS 'Rows that went';
COMMENT ON COLUMN barometre.step.rejected IS 'Records that could not be loaded, in barometre.reject';
COMMENT ON COLUMN barometre.step.superseded IS 'Records with the key of a later one in the same run';
COMMENT ON COLUMN barometre.step.blank_lines IS 'Passed over';
COMMENT ON COLUMN barometre.step.bytes IS 'Read from files';
COMMENT ON COLUMN barometre.step.seconds IS 'How long it took';
COMMENT ON COLUMN barometre.step.sqlstate IS 'Of its error';
COMMENT ON COLUMN barometre.step.message IS 'Of its error';

CREATE TABLE barometre.test_result (
    run bigint NOT NULL,
    target text NOT NULL,
    test text NOT NULL,
    severity text NOT NULL,
    status text NOT NULL,
    failures bigint,
    seconds numeric,
    message text,
    sample jsonb,
    tested_at timestamptz NOT NULL
);
CREATE INDEX test_result_run ON barometre.test_result (run);
COMMENT ON TABLE barometre.test_result IS 'Results of data tests, with samples of failing rows';
COMMENT ON COLUMN barometre.test_result.run IS 'The run in barometre.run';
COMMENT ON COLUMN barometre.test_result.target IS 'What was tested: model.column, model, tap.stream.column, tap.stream, or a singular test''s name';
COMMENT ON COLUMN barometre.test_result.test IS 'The test''s name';
COMMENT ON COLUMN barometre.test_result.severity IS 'error or warn';
COMMENT ON COLUMN barometre.test_result.status IS 'pass, warn, fail, error (it could not be run) or skip (its table does not exist)';
COMMENT ON COLUMN barometre.test_result.failures IS 'Rows that its query gave';
COMMENT ON COLUMN barometre.test_result.seconds IS 'How long it took';
COMMENT ON COLUMN barometre.test_result.message IS 'Why it could not be run';
COMMENT ON COLUMN barometre.test_result.sample IS 'Some of the failing rows';
COMMENT ON COLUMN barometre.test_result.tested_at IS 'When';

-- It is in no dump: a restored database may look through its runs at once.
CREATE TABLE barometre_internal.pruning (
    at timestamptz NOT NULL
);
CREATE UNIQUE INDEX pruning_is_one ON barometre_internal.pruning ((true));
INSERT INTO barometre_internal.pruning (at) VALUES ('-infinity');
COMMENT ON TABLE barometre_internal.pruning IS 'When runs older than barometre.keep_runs were last removed';
COMMENT ON COLUMN barometre_internal.pruning.at IS 'The time';

SELECT pg_extension_config_dump('barometre.file', '');
SELECT pg_extension_config_dump('barometre.file_id_seq', '');
SELECT pg_extension_config_dump('barometre.bookmark', '');
SELECT pg_extension_config_dump('barometre.reject', '');
SELECT pg_extension_config_dump('barometre.reject_id_seq', '');
SELECT pg_extension_config_dump('barometre.run', '');
SELECT pg_extension_config_dump('barometre.run_id_seq', '');
SELECT pg_extension_config_dump('barometre.step', '');
SELECT pg_extension_config_dump('barometre.test_result', '');
CREATE FUNCTION @extschema@.baro_run(tap text DEFAULT NULL, streams text[] DEFAULT NULL, full_refresh boolean DEFAULT false)
RETURNS TABLE (stream text, files int, read int, records bigint, inserted bigint, updated bigint, unchanged bigint,
               rejected bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_run';
COMMENT ON FUNCTION @extschema@.baro_run(text, text[], boolean) IS
'Loads the new and changed files of a tap (of all taps: NULL) into its schema; one row a stream';

CREATE FUNCTION @extschema@.baro_load_project(path text DEFAULT NULL)
RETURNS TABLE (kind text, name text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_load_project';
COMMENT ON FUNCTION @extschema@.baro_load_project(text) IS
'Reads the project in a folder and makes it the one of this database; says what was added, changed and removed';

CREATE FUNCTION @extschema@.baro_check(tap text DEFAULT NULL)
RETURNS TABLE (stream text, kind text, name text, detail text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_check';
COMMENT ON FUNCTION @extschema@.baro_check(text) IS
'Reads what baro_run would read, and says what it would find and do: counts, columns, changes of the table, rejects; changes nothing';

CREATE FUNCTION @extschema@.baro_preview(tap text, stream text DEFAULT NULL, max_records int DEFAULT 20)
RETURNS TABLE (record bigint, line bigint, content jsonb)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_preview';
COMMENT ON FUNCTION @extschema@.baro_preview(text, text, int) IS
'The first records of the next file of a stream (''tap'', ''stream'' or ''tap.stream''), as they would be loaded; changes nothing';
CREATE FUNCTION @extschema@.baro_seed(seeds text[] DEFAULT NULL)
RETURNS TABLE (seed text, state text, rows bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_seed';
COMMENT ON FUNCTION @extschema@.baro_seed(text[]) IS
'Loads the seeds that changed (of all: NULL): loaded, unchanged or missing';

-- No SET clause: a procedure that has one can't commit.
CREATE PROCEDURE @extschema@.baro_transform(selection text DEFAULT '*', exclude text DEFAULT NULL,
                                            full_refresh boolean DEFAULT false, on_failure text DEFAULT 'stop')
LANGUAGE C AS 'MODULE_PATHNAME', 'barometre_transform';
COMMENT ON PROCEDURE @extschema@.baro_transform(text, text, boolean, text) IS
'Builds what is stale of the selection in one snapshot, tests it, and publishes it by difference';

CREATE FUNCTION @extschema@.baro_compile(name text) RETURNS text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_compile';
COMMENT ON FUNCTION @extschema@.baro_compile(text) IS 'The SQL of a model, as it would run';

CREATE FUNCTION @extschema@.baro_ls(selection text DEFAULT '*')
RETURNS TABLE (name text, kind text, materialized text, state text, reason text, rows bigint, built timestamptz)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_ls';
COMMENT ON FUNCTION @extschema@.baro_ls(text) IS
'The streams, seeds and models of the selection in dependency order, whether each is new, stale, current or blocked, and why';

CREATE FUNCTION @extschema@.baro_plan(selection text DEFAULT '*')
RETURNS TABLE (name text, kind text, materialized text, state text, reason text, rows bigint, built timestamptz)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_plan';
COMMENT ON FUNCTION @extschema@.baro_plan(text) IS
'Like baro_ls, after a dry run of the whole selection: every model is made empty, errors are the reasons, and all is rolled back';

CREATE FUNCTION @extschema@.baro_stamp() RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_stamp';
COMMENT ON FUNCTION @extschema@.baro_stamp() IS
'Trigger function for tables that models read and others write: CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON a_table EXECUTE FUNCTION baro_stamp()';
-- No SET clause: a procedure that has one can't commit.
CREATE PROCEDURE @extschema@.baro_job(name text, scheduled_at timestamptz DEFAULT NULL)
LANGUAGE C AS 'MODULE_PATHNAME', 'barometre_job';
COMMENT ON PROCEDURE @extschema@.baro_job(text, timestamptz) IS
'Runs the steps of a job, each in transactions of its own, and fails in the end if one of them failed; with a time, as pg_cron calls it, only if it is due then';

CREATE FUNCTION @extschema@.baro_schedule()
RETURNS TABLE (job text, runs text, schedule text, next_run timestamptz, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_schedule';
COMMENT ON FUNCTION @extschema@.baro_schedule() IS
'Makes barometre''s entries in cron.job what the project says: a row an entry, added, changed, removed or unchanged';

CREATE FUNCTION @extschema@.baro_unschedule()
RETURNS TABLE (job text, runs text, schedule text, next_run timestamptz, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_unschedule';
COMMENT ON FUNCTION @extschema@.baro_unschedule() IS 'Removes barometre''s entries from cron.job';
CREATE FUNCTION @extschema@.baro_test(selection text DEFAULT '*')
RETURNS TABLE (target text, test text, severity text, status text, failures bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_test';
COMMENT ON FUNCTION @extschema@.baro_test(text) IS
'Runs the data tests of the selection; failing rows never raise, samples are in barometre.test_result';

CREATE FUNCTION @extschema@.baro_test_tap(selection text DEFAULT '*')
RETURNS SETOF text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_test_tap';
COMMENT ON FUNCTION @extschema@.baro_test_tap(text) IS 'The data tests of the selection as TAP, for pg_prove';
-- What views show: texts in lines that fit, and times by the project's clock. They compute with nothing but their arguments.

CREATE FUNCTION barometre_internal.fold("text" text, width integer) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_fold';
COMMENT ON FUNCTION barometre_internal.fold(text, integer) IS 'A text in lines of at most that many characters';

CREATE FUNCTION barometre_internal.clock(at timestamptz, timezone text) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_clock';
COMMENT ON FUNCTION barometre_internal.clock(timestamptz, text) IS
'A time as the clocks of a time zone show it, with the zone''s abbreviation; without the hour what is older than 300 days';

CREATE FUNCTION barometre_internal.duration(seconds numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN seconds < 9.95 THEN pg_catalog.round(seconds, 1) || ' s'
            WHEN seconds < 99.5 THEN pg_catalog.round(seconds) || ' s'
            WHEN seconds < 5970 THEN pg_catalog.round(seconds / 60) || ' m'
            WHEN seconds < 359640 THEN pg_catalog.round(seconds / 3600) || ' h'
            WHEN seconds < 86356800 THEN pg_catalog.round(seconds / 86400) || ' d'
            ELSE pg_catalog.round(seconds / 31557600) || ' y' END;
COMMENT ON FUNCTION barometre_internal.duration(numeric) IS 'Seconds for people, in at most six characters';

CREATE VIEW barometre_internal.zone AS
SELECT coalesce((SELECT p.timezone FROM barometre_internal.project p), 'UTC') AS timezone;
COMMENT ON VIEW barometre_internal.zone IS 'By whose clocks views show times: one row';
COMMENT ON COLUMN barometre_internal.zone.timezone IS 'The project''s time zone';

-- A running call says in its application_name how far it is: anybody may see that.
CREATE VIEW barometre.progress AS
SELECT DISTINCT ON (a.application_name) a.pid, m[1] AS call, barometre_internal.fold(m[4], 34) AS working_on, m[2]::int AS number, m[3]::int AS of,
       m[3]::int - m[2]::int AS left, date_trunc('second', clock_timestamp() - a.query_start) AS running
FROM pg_catalog.pg_stat_activity a,
     pg_catalog.regexp_match(a.application_name, '^(baro_\w+) (\d+)/(\d+) (.*)$') AS m
WHERE a.datname = pg_catalog.current_database() AND m IS NOT NULL
-- Parallel workers have the name of their leader, and only some roles can tell them apart.
ORDER BY a.application_name, a.leader_pid IS NOT NULL, a.pid;
COMMENT ON VIEW barometre.progress IS 'Calls that are running: what each is working on, and how much is left';
COMMENT ON COLUMN barometre.progress.pid IS 'The server process: SELECT pg_cancel_backend(pid) stops it';
COMMENT ON COLUMN barometre.progress.call IS 'What was called';
COMMENT ON COLUMN barometre.progress.working_on IS 'The stream, seed, model, test or step that it is at';
COMMENT ON COLUMN barometre.progress.number IS 'Which one that is, from 1';
COMMENT ON COLUMN barometre.progress.of IS 'Of how many';
COMMENT ON COLUMN barometre.progress."left" IS 'How many are left after it';
COMMENT ON COLUMN barometre.progress.running IS 'For how long the call has run';

CREATE VIEW barometre.lineage AS
SELECT f.id AS _baro_file, f.tap, f.stream, barometre_internal.fold(f.path, 36) AS path, f.run
FROM barometre.file f;
COMMENT ON VIEW barometre.lineage IS 'The file that a row''s _baro_file names; barometre.file has all that is known of it';
COMMENT ON COLUMN barometre.lineage._baro_file IS 'As in the rows of the stream''s table';
COMMENT ON COLUMN barometre.lineage.tap IS 'The tap of the stream';
COMMENT ON COLUMN barometre.lineage.stream IS 'The stream';
COMMENT ON COLUMN barometre.lineage.path IS 'Below barometre.data_directory, or absolute; in lines that fit, whole in barometre.file';
COMMENT ON COLUMN barometre.lineage.run IS 'The run that read it last, in barometre.run';
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
-- A run holds a lock for as long as its session works on it (src/pg/locks.cpp). One that is marked as running, but whose lock nobody
-- holds, ended without a word; the next call writes that down, and until then these views know it.
CREATE VIEW barometre_internal.run_alive AS
SELECT l.classid::bigint << 32 | l.objid::bigint AS id
FROM pg_catalog.pg_locks l
WHERE l.locktype = 'advisory' AND l.objsubid = 1651 AND l.granted
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database());
COMMENT ON VIEW barometre_internal.run_alive IS 'The runs that a session of this database works on now';
COMMENT ON COLUMN barometre_internal.run_alive.id IS 'That of barometre.run';

CREATE VIEW barometre_internal.run_state AS
SELECT r.id, r.kind, r.name, r.role, r.started_at, r.finished_at, r.scheduled_for,
       CASE WHEN g.gone THEN 'interrupted' ELSE r.status END AS status, r.sqlstate,
       CASE WHEN g.gone THEN 'the server process that did this run ended without a word' ELSE r.message END AS message,
       r.detail, r.hint
FROM barometre.run r
-- A standby server does not know the locks of its primary. The array is made once, and only if a run is marked so.
CROSS JOIN LATERAL (SELECT r.status = 'running' AND NOT pg_catalog.pg_is_in_recovery() AND r.id <> ALL (ARRAY(
    SELECT a.id FROM barometre_internal.run_alive a)) AS gone) AS g;
COMMENT ON VIEW barometre_internal.run_state IS 'barometre.run as it is at this moment: a run whose process is gone is interrupted';
COMMENT ON COLUMN barometre_internal.run_state.id IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.kind IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.name IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.role IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.started_at IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.finished_at IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.scheduled_for IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.status IS 'As in barometre.run; interrupted: its process is gone';
COMMENT ON COLUMN barometre_internal.run_state.sqlstate IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.message IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.detail IS 'As in barometre.run';
COMMENT ON COLUMN barometre_internal.run_state.hint IS 'As in barometre.run';

CREATE FUNCTION barometre_internal.changes(inserted numeric, updated numeric, deleted numeric, rejected numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT pg_catalog.string_agg(d.sign || CASE WHEN d.n < 100000 THEN d.n::text WHEN d.n < 10000000 THEN pg_catalog.div(d.n, 1000) || 'k'
                                                    ELSE pg_catalog.div(d.n, 1000000) || 'M' END, ' ')
        FROM (VALUES ('+', inserted), ('~', updated), ('-', deleted), ('!', rejected)) AS d (sign, n) WHERE d.n > 0);
COMMENT ON FUNCTION barometre_internal.changes(numeric, numeric, numeric, numeric) IS 'Counts for people: + inserted, ~ updated, - deleted, ! rejected; NULL: none';

-- The widths of this view and of the next one add up to 100 columns at most.
CREATE VIEW barometre.report AS
SELECT l.kind, barometre_internal.fold(l.name, 34) AS name, l.status, barometre_internal.duration(l.seconds) AS took,
       barometre_internal.fold(l.what, 26) AS what
FROM (SELECT r.id FROM barometre_internal.run_state r WHERE r.status <> 'running' ORDER BY r.id DESC LIMIT 1) AS last
CROSS JOIN LATERAL (
    SELECT s.number, s.kind, s.name, s.status, CASE WHEN s.status NOT IN ('skipped', 'skip') THEN s.seconds END AS seconds,
           nullif(pg_catalog.concat_ws('; ', CASE
               WHEN s.kind = 'test' THEN CASE WHEN s.status IN ('fail', 'warn') THEN s.records || CASE WHEN s.records = 1 THEN ' failing row' ELSE ' failing rows' END END
               WHEN s.status <> 'succeeded' THEN NULL
               WHEN s.kind IN ('stream', 'run') AND s.records = 0 THEN 'nothing new'
               WHEN s.kind IN ('stream', 'run') THEN s.records || ' records' || coalesce(': ' || n.changes, ', no change')
               WHEN s.kind IN ('seed', 'model', 'snapshot') THEN s.records || CASE WHEN s.records = 1 THEN ' row' ELSE ' rows' END || coalesce(': ' || n.changes, ', no change')
           END, s.why, s.message), '') AS what
    FROM barometre.step s
    CROSS JOIN LATERAL (SELECT barometre_internal.changes(s.inserted, s.updated, s.deleted, s.rejected) AS changes) AS n
    WHERE s.run = last.id
    UNION ALL -- what no step says
    SELECT NULL, r.kind, r.name, r.status, extract(epoch FROM r.finished_at - r.started_at),  -- NULL: last
           pg_catalog.concat_ws('. ', r.message, r.detail, r.hint)
    FROM barometre_internal.run_state r
    WHERE r.id = last.id AND r.status <> 'succeeded'
      AND NOT EXISTS (SELECT FROM barometre.step s WHERE s.run = r.id AND s.status = 'failed' AND s.message IS NOT NULL)
) AS l
ORDER BY l.number;
COMMENT ON VIEW barometre.report IS 'The last run that ended, a line a step; and a last line for an error that is none of a step';
COMMENT ON COLUMN barometre.report.kind IS 'stream, seed, model, snapshot or test; of a job run, seed, transform, test or sql';
COMMENT ON COLUMN barometre.report.name IS 'In lines that fit; whole in barometre.step';
COMMENT ON COLUMN barometre.report.status IS 'As in barometre.step';
COMMENT ON COLUMN barometre.report.took IS 'How long it took';
COMMENT ON COLUMN barometre.report.what IS
'Rows or records: + inserted, ~ updated, - deleted, ! rejected; or what is wrong. All counts, and the texts as they are, are in barometre.step';

CREATE VIEW barometre.history AS
SELECT r.id, r.kind, barometre_internal.fold(r.name, 16) AS name, r.status, barometre_internal.clock(r.started_at, z.timezone) AS started,
       barometre_internal.duration(e.seconds) AS took,
       barometre_internal.fold(CASE WHEN pg_catalog.length(w.what) > 68 THEN pg_catalog.left(w.what, 67) || '…' ELSE w.what END, 17) AS what
FROM barometre_internal.run_state r
CROSS JOIN barometre_internal.zone z
CROSS JOIN LATERAL (SELECT extract(epoch FROM coalesce(r.finished_at, CASE WHEN r.status = 'running' THEN pg_catalog.clock_timestamp() END)
                                              - r.started_at) AS seconds) AS e
CROSS JOIN LATERAL (
    SELECT count(*) AS steps,
           count(*) FILTER (WHERE s.kind = 'stream') AS streams,
           count(*) FILTER (WHERE s.kind NOT IN ('stream', 'test')) AS nodes,
           count(*) FILTER (WHERE (s.kind NOT IN ('stream', 'test') OR r.kind = 'job') AND s.status = 'succeeded') AS built,
           count(*) FILTER (WHERE s.kind <> 'test' AND s.status = 'failed') AS failed,
           count(*) FILTER (WHERE s.kind = 'test' AND s.status IN ('fail', 'error')) AS tests_failed,
           count(*) FILTER (WHERE s.kind = 'test' AND s.status = 'warn') AS warned,
           sum(s.inserted) AS inserted, sum(s.updated) AS updated, sum(s.deleted) AS deleted, sum(s.rejected) AS rejected,
           (SELECT count(*) FROM barometre.test_result t WHERE t.run = r.id AND t.status <> 'skip') AS tests,
           -- The name and what is wrong, without the words that say the name again.
           (SELECT pg_catalog.regexp_replace(f.name, '^.*\.', '') || ': ' || pg_catalog.regexp_replace(f.message, '^[^:"]*"[^"]*"[^:]*: ', '')
            FROM barometre.step f WHERE f.run = r.id AND f.status = 'failed' AND f.message IS NOT NULL ORDER BY f.number LIMIT 1) AS why
    FROM barometre.step s WHERE s.run = r.id) AS c
CROSS JOIN LATERAL (SELECT barometre_internal.changes(c.inserted, c.updated, c.deleted, c.rejected) AS counts) AS n
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN r.status = 'running' THEN NULL
        WHEN r.status <> 'succeeded' AND c.why IS NULL AND c.tests_failed > 0
            THEN c.tests_failed || CASE WHEN c.tests_failed = 1 THEN ' test failed' ELSE ' tests failed' END
        WHEN r.status <> 'succeeded' THEN coalesce(c.why, r.message)
        WHEN r.kind = 'run' THEN coalesce(n.counts || CASE WHEN c.streams > 1 THEN ', ' || c.streams || ' streams' ELSE '' END, 'nothing new')
        WHEN r.kind = 'test' THEN pg_catalog.concat_ws(', ', nullif(c.tests_failed, 0) || ' failed', nullif(c.warned, 0) || ' warned',
                                                       c.tests - c.tests_failed - c.warned || ' passed')
        WHEN r.kind = 'job' THEN c.built || '/' || c.steps || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END
        WHEN c.nodes = 0 THEN nullif(c.steps, 0) || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END
        ELSE pg_catalog.concat_ws(', ', nullif(c.failed, 0) || ' failed', nullif(c.tests_failed, 0) || ' tests failed',
                                  c.built || '/' || c.nodes || CASE WHEN r.kind = 'seed' THEN ' loaded' ELSE ' built' END,
                                  nullif(c.tests, 0) || CASE WHEN c.tests = 1 THEN ' test' ELSE ' tests' END) END AS what) AS w
ORDER BY r.id DESC;
COMMENT ON VIEW barometre.history IS 'All runs, the last one first';
COMMENT ON COLUMN barometre.history.id IS 'In barometre.run, which has all of it; barometre.step has its steps';
COMMENT ON COLUMN barometre.history.kind IS 'run, seed, transform, test, job, or sql (of a job)';
COMMENT ON COLUMN barometre.history.name IS 'What it was about: a tap, a selection, a job; *: all';
COMMENT ON COLUMN barometre.history.status IS 'running, succeeded, failed, skipped or interrupted';
COMMENT ON COLUMN barometre.history.started IS 'When its work began, by the project''s clock';
COMMENT ON COLUMN barometre.history.took IS 'How long it took; until now, for one that is running';
COMMENT ON COLUMN barometre.history.what IS
'Rows of streams: + inserted, ~ updated, - deleted, ! rejected; models built of those looked at; tests; of a failed run: what is wrong';

CREATE VIEW barometre.usual_duration AS
SELECT r.kind, r.name, pg_catalog.round(pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY r.seconds)::numeric, 3) AS seconds,
       count(*)::int AS runs
FROM (SELECT s.kind, s.name, extract(epoch FROM s.finished_at - s.started_at)::float8 AS seconds,
             pg_catalog.row_number() OVER (PARTITION BY s.kind, s.name ORDER BY s.id DESC) AS back
      FROM barometre.run s WHERE s.status = 'succeeded') AS r
WHERE r.back <= 10
GROUP BY r.kind, r.name;
COMMENT ON VIEW barometre.usual_duration IS 'How long a run usually takes: the median of its last ten successes';
COMMENT ON COLUMN barometre.usual_duration.runs IS 'How many successes that is the median of';
COMMENT ON COLUMN barometre.usual_duration.kind IS 'As in barometre.run';
COMMENT ON COLUMN barometre.usual_duration.name IS 'As in barometre.run';
COMMENT ON COLUMN barometre.usual_duration.seconds IS 'The median';
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
-- What went wrong and was not put right since. A step is put right by a later success of the same step, in whichever
-- call; what no step tells by a later success of the same call. "Later" is by the end: of two calls of the same
-- thing at once, the one that is refused began last.
CREATE VIEW barometre_internal.failure AS
WITH ended AS MATERIALIZED (
    SELECT r.*, coalesce(r.finished_at, r.started_at) AS at, j.job,
           CASE r.kind WHEN 'run' THEN 'SELECT * FROM baro_run(' || CASE WHEN r.name = '*' THEN '' ELSE pg_catalog.quote_literal(r.name) END || ');'
                       WHEN 'seed' THEN 'SELECT * FROM baro_seed();'
                       WHEN 'test' THEN 'SELECT * FROM baro_test(' || pg_catalog.quote_literal(r.name) || ');'
                       WHEN 'sql' THEN 'CALL baro_job(' || pg_catalog.quote_literal(j.job) || ');'
                       ELSE 'CALL baro_' || r.kind || '(' || pg_catalog.quote_literal(r.name) || ');' END AS call
    FROM barometre_internal.run_state r
    CROSS JOIN LATERAL (SELECT CASE r.kind WHEN 'job' THEN r.name WHEN 'sql' THEN pg_catalog.regexp_replace(r.name, ' (on_failure_sql|step [0-9]+)$', '') END AS job) AS j
    WHERE r.status IN ('failed', 'interrupted', 'succeeded') OR (r.status = 'skipped' AND r.kind = 'job' AND pg_catalog.strpos(r.message, ', which it comes after, ') > 0)
), good_run AS ( -- when it was well last
    SELECT r.kind, r.name, max(r.at) AS at FROM ended r WHERE r.status = 'succeeded' GROUP BY r.kind, r.name
), good_step AS (
    SELECT s.kind, s.name, max(r.at) AS at, max(r.at) FILTER (WHERE r.kind = 'transform') AS built
    FROM barometre.step s JOIN ended r ON r.id = s.run AND r.status = 'succeeded'
    WHERE s.kind <> 'test' AND s.status IN ('succeeded', 'unchanged') GROUP BY s.kind, s.name
), good_test AS (
    SELECT t.target, t.test, max(r.at) FILTER (WHERE r.status = 'succeeded') AS at, max(r.at) FILTER (WHERE r.kind = 'transform') AS built
    FROM barometre.test_result t JOIN ended r ON r.id = t.run WHERE t.status IN ('pass', 'warn') GROUP BY t.target, t.test
), declared AS (
    SELECT x.target, x.name, pg_catalog.string_agg(DISTINCT x.definition, ', ') AS definition FROM barometre_internal.test x GROUP BY x.target, x.name
), failed_step AS (
    SELECT DISTINCT ON (s.kind, s.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, s.kind || ' ' || s.name AS place,
           CASE WHEN r.sqlstate LIKE '57%' THEN r.message ELSE s.message END AS why, -- what cancelled it knows the run
           coalesce(r.hint, CASE WHEN r.sqlstate LIKE '57%' THEN 'Run it again: ' || r.call END, CASE s.kind WHEN 'model' THEN 'Correct it, then: CALL baro_transform(' || pg_catalog.quote_literal(s.name) || ');'
                                        WHEN 'stream' THEN 'SELECT * FROM baro_check(' || pg_catalog.quote_literal(pg_catalog.split_part(s.name, '.', 1)) || ');'
                                        ELSE r.call END) AS what_to_do
    FROM ended r JOIN barometre.step s ON s.run = r.id LEFT JOIN good_step g ON g.kind = s.kind AND g.name = s.name
    WHERE (g.at > r.at) IS NOT TRUE AND s.status = 'failed' AND s.message IS NOT NULL -- without: because of a test, or of another step
      AND s.kind IN ('stream', 'seed', 'model', 'snapshot')
      AND (s.kind <> 'stream' OR EXISTS (SELECT FROM barometre_internal.stream x WHERE x.tap || '.' || x.name = s.name))
      AND (s.kind <> 'seed' OR EXISTS (SELECT FROM barometre_internal.seed x WHERE x.name = s.name))
      AND (s.kind NOT IN ('model', 'snapshot') OR EXISTS (SELECT FROM barometre_internal.model x WHERE x.name = s.name))
    ORDER BY s.kind, s.name, r.at DESC
), failed_test AS (
    SELECT DISTINCT ON (t.target, t.test) r.at, r.id AS run, r.kind || ' ' || r.name AS what, 'test ' || t.target || ' ' || t.test AS place,
           CASE WHEN t.status = 'error' THEN t.message ELSE t.failures || CASE WHEN t.failures = 1 THEN ' failing row' ELSE ' failing rows' END END AS why,
           CASE WHEN t.status = 'error' THEN 'Correct the test' || coalesce(', which is declared in ' || x.definition, '') || '.'
                ELSE 'SELECT target, sample FROM barometre.test_result WHERE run = ' || r.id || ' AND status = ''fail'';' END AS what_to_do
    FROM ended r JOIN barometre.test_result t ON t.run = r.id
    LEFT JOIN declared x ON x.target = t.target AND x.name = t.test
    LEFT JOIN good_run c ON c.kind = r.kind AND c.name = r.name
    LEFT JOIN good_test g ON g.target = t.target AND g.test = t.test
    LEFT JOIN (SELECT n.name, max(n.built) AS built FROM good_step n GROUP BY n.name) AS n ON n.name = pg_catalog.split_part(t.target, '.', 1)
    WHERE (t.status = 'fail' OR (t.status = 'error' AND t.severity = 'error'))
      AND EXISTS (SELECT FROM barometre_internal.test y WHERE y.target = t.target)
      -- What is published may pass while what a transform built does not, and must not be.
      AND (CASE r.kind WHEN 'transform' THEN greatest(c.at, g.built, n.built) ELSE greatest(c.at, g.at) END > r.at) IS NOT TRUE
    ORDER BY t.target, t.test, r.at DESC
), failed_run AS (
    SELECT DISTINCT ON (r.kind, r.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, NULL AS place, r.message AS why,
           pg_catalog.concat_ws(' ', r.hint, CASE WHEN r.status = 'skipped' THEN 'When that is put right:  ' || r.call WHEN r.hint IS NULL THEN CASE r.kind WHEN 'job' THEN 'Steps that were done are kept' ELSE 'Nothing of it was kept' END || '; run it again:  ' || r.call END) AS what_to_do
    FROM ended r
    LEFT JOIN good_run c ON c.kind = r.kind AND c.name = r.name
    LEFT JOIN good_run d ON r.kind = 'sql' AND d.kind = 'job' AND d.name = r.job
    WHERE (greatest(c.at, d.at) > r.at) IS NOT TRUE AND r.status IN ('failed', 'interrupted', 'skipped')
      -- A name that was mistyped by hand, or that the project has no more, never succeeds.
      AND (r.sqlstate IS DISTINCT FROM 'BM003' OR r.scheduled_for IS NOT NULL)
      AND (r.job IS NULL OR EXISTS (SELECT FROM barometre_internal.job x WHERE x.name = r.job))
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
), rejected AS (
    SELECT max(r.at) AS at, max(r.id) AS run, 'run ' || max(j.tap) AS what, 'file ' || j.file || ' of stream ' || j.tap || '.' || j.stream AS place,
           count(*) || CASE WHEN count(*) = 1 THEN ' record' ELSE ' records' END || ' rejected; line ' || min(j.line) || ': '
           || (pg_catalog.array_agg(j.reason ORDER BY j.line))[1] AS why,
           'SELECT line, column_name, reason FROM barometre.reject WHERE tap = ' || pg_catalog.quote_literal(j.tap) || ' AND stream = '
           || pg_catalog.quote_literal(j.stream) || ' AND file = ' || pg_catalog.quote_literal(j.file) || ';' AS what_to_do
    FROM barometre.reject j JOIN ended r ON r.id = j.run AND r.status = 'succeeded'
    JOIN barometre.file f ON f.tap = j.tap AND f.stream = j.stream AND f.path = j.file
    JOIN barometre_internal.stream x ON x.tap = j.tap AND x.name = j.stream
    GROUP BY j.tap, j.stream, j.file
), late AS (
    SELECT f.newest + f.expected AS at, NULL::bigint AS run, 'data' AS what, 'stream ' || f.stream AS place,
           'the newest data is ' || f.age || ' old, and ' || f.expected || ' are expected' AS why,
           'See whether files arrive in "' || f.path || '", and whether baro_run is called.' AS what_to_do
    FROM barometre_internal.data_age f
    WHERE f.status IN ('late', 'stale')
), missed AS (
    SELECT m.due AS at, NULL::bigint AS run, 'job ' || m.job AS what, NULL AS place, 'pg_cron did not start it when it was due' AS why,
           'SELECT j.jobname, d.start_time, d.status, d.return_message FROM cron.job j LEFT JOIN cron.job_run_details d USING (jobid) '
           'WHERE j.jobname LIKE ''barometre %'' ORDER BY d.runid DESC LIMIT 20;  says what pg_cron tried. "connection failed": '
           'doc/jobs.md, "The schedule". No entry of the job: SELECT * FROM baro_schedule();  Then: CALL baro_job('
           || pg_catalog.quote_literal(m.job) || ');' AS what_to_do
    FROM barometre_internal.missed_run m
)
SELECT pg_catalog.date_trunc('second', a.at) AS at, a.run, a.what, a.place, a.why, a.what_to_do
FROM (SELECT * FROM cause UNION ALL SELECT * FROM rejected UNION ALL SELECT * FROM late UNION ALL SELECT * FROM missed) AS a;
COMMENT ON VIEW barometre_internal.failure IS 'What barometre.failures shows, for programs';
COMMENT ON COLUMN barometre_internal.failure.at IS 'When it ended; since when data is late; when a job was due';
COMMENT ON COLUMN barometre_internal.failure.run IS 'As in barometre.failures';
COMMENT ON COLUMN barometre_internal.failure.what IS 'The call';
COMMENT ON COLUMN barometre_internal.failure.place IS 'The stream, model, seed, test or file; NULL: the call as a whole';
COMMENT ON COLUMN barometre_internal.failure.why IS 'What is wrong';
COMMENT ON COLUMN barometre_internal.failure.what_to_do IS 'The next move: the hint of the error, or a query that shows more';

-- Its widths add up to 100 columns at most.
CREATE VIEW barometre.failures AS
SELECT barometre_internal.clock(f.at, z.timezone) AS at, f.run, barometre_internal.fold(pg_catalog.concat_ws(E'\n', f.what, f.place), 22) AS what,
       barometre_internal.fold(f.why || E'\nHINT: ' || f.what_to_do, 46) AS why
FROM barometre_internal.failure f, barometre_internal.zone z
ORDER BY f.at DESC, f.run DESC, f.place;
COMMENT ON VIEW barometre.failures IS 'What went wrong and was not put right since, and what to do; empty: all is well';
COMMENT ON COLUMN barometre.failures.at IS 'When, by the project''s clock';
COMMENT ON COLUMN barometre.failures.run IS 'The run in barometre.run, which has the whole error; NULL: data that is late, or a job that did not run';
COMMENT ON COLUMN barometre.failures.what IS 'The call, and below it the stream, model, seed, test or file';
COMMENT ON COLUMN barometre.failures.why IS 'What is wrong; HINT: the next move, or a query that shows more';
-- Its widths add up to 100 columns at most.
CREATE VIEW barometre.status AS
SELECT barometre_internal.fold(j.name, 28) AS job, CASE WHEN m.due IS NOT NULL THEN 'missed' ELSE coalesce(r.status, 'never run') END AS last_run,
       barometre_internal.clock(coalesce(m.due, r.started_at), zone) AS started,
       CASE WHEN m.due IS NULL
            THEN barometre_internal.duration(extract(epoch FROM coalesce(r.finished_at, CASE WHEN r.status = 'running' THEN pg_catalog.clock_timestamp() END)
                                                       - r.started_at)) END AS took,
       barometre_internal.duration(u.seconds) AS usual,
       CASE WHEN NOT enabled THEN 'disabled' WHEN every IS NULL OR every = '@once' THEN 'by hand' WHEN j.scheduled_since IS NULL THEN 'not scheduled'
            ELSE coalesce(barometre_internal.clock(barometre_internal.next_due(every, zone, enabled, first_day), zone), 'never') END AS next_run
FROM barometre_internal.job j
CROSS JOIN LATERAL (SELECT j.definition ->> 'interval', j.definition ->> 'timezone', (j.definition ->> 'enabled')::boolean,
                           (j.definition ->> 'start_date')::date) AS d(every, zone, enabled, first_day)
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
CREATE FUNCTION @extschema@.baro_grant()
RETURNS TABLE (role text, privilege text, object text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_grant';
COMMENT ON FUNCTION @extschema@.baro_grant() IS
'Gives the roles of the project what they need: the loader all the work, the readers the models; one row a grant';
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
           ('try models without building', 'baro_plan', E'SELECT name, state, reason\n    FROM baro_plan(''model'');'),
           ('see the SQL of a model', 'baro_compile', 'SELECT baro_compile(''model'');'),
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
-- Least privilege: what reads files and runs SQL is granted by name (baro_grant).
DO $$
DECLARE
    routine regprocedure;
BEGIN
    FOR routine IN
        SELECT p.oid FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_depend d ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::regclass
         AND d.objid OPERATOR(pg_catalog.=) p.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'
        JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
        WHERE e.extname OPERATOR(pg_catalog.=) 'barometre'
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', routine);
    END LOOP;
END
$$;

-- As a trigger on a table of one's own it says that the table changed, and nothing else can be done with it.
GRANT EXECUTE ON FUNCTION @extschema@.baro_stamp() TO PUBLIC;

GRANT EXECUTE ON FUNCTION @extschema@.baro_help() TO PUBLIC;

-- They compute with nothing but their arguments; who may read the views needs them.
GRANT EXECUTE ON FUNCTION barometre_internal.fold(text, integer), barometre_internal.clock(timestamptz, text), barometre_internal.duration(numeric),
    barometre_internal.changes(numeric, numeric, numeric, numeric),
    barometre_internal.next_due(text, text, boolean, date, timestamptz), barometre_internal.latest_due(text, text, boolean, date, timestamptz) TO PUBLIC;
