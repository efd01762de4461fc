-- The registry: the project as its files say it. Only the extension writes it.

CREATE TABLE barometre_internal.project (
    name text PRIMARY KEY,
    path text,
    owner regrole NOT NULL,
    schema text NOT NULL,
    timezone text NOT NULL,
    hash text NOT NULL,
    loaded_at timestamptz NOT NULL,
    files_hash text,
    roles jsonb
);
CREATE UNIQUE INDEX project_is_one ON barometre_internal.project ((true));
COMMENT ON TABLE barometre_internal.project IS 'The project of this database, read again whenever its files change';
COMMENT ON COLUMN barometre_internal.project.name IS 'The key "name" of barometre.yml';
COMMENT ON COLUMN barometre_internal.project.path IS 'As given to baro_load_project(); NULL: barometre.project_directory';
COMMENT ON COLUMN barometre_internal.project.owner IS 'Whose privileges the project''s work has';
COMMENT ON COLUMN barometre_internal.project.schema IS 'Of seeds and, unless they say otherwise, models';
COMMENT ON COLUMN barometre_internal.project.timezone IS 'Of its work, and of the times that views show';
COMMENT ON COLUMN barometre_internal.project.hash IS 'Of all its files, and what is registered';
COMMENT ON COLUMN barometre_internal.project.loaded_at IS 'When it was read last';
COMMENT ON COLUMN barometre_internal.project.files_hash IS 'Of its files alone; NULL: written by 0.1.0';
COMMENT ON COLUMN barometre_internal.project.roles IS 'Who reads what it publishes, and who observes: readers and observers, in the order of the project; NULL: written by 0.1.0';

CREATE TABLE barometre_internal.tap (
    name text PRIMARY KEY,
    description text,
    shares_files boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE barometre_internal.tap IS 'The taps of the project';
COMMENT ON COLUMN barometre_internal.tap.name IS 'Its name, which is its schema''s';
COMMENT ON COLUMN barometre_internal.tap.description IS 'What the project says of it';
COMMENT ON COLUMN barometre_internal.tap.shares_files IS 'Its files are of Singer messages, for all its streams';

CREATE TABLE barometre_internal.stream (
    tap text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    pattern text NOT NULL,
    key_properties text[] NOT NULL,
    description text,
    definition text NOT NULL,
    freshness jsonb,
    columns jsonb NOT NULL DEFAULT '{}',
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
COMMENT ON COLUMN barometre_internal.stream.columns IS 'What the project says of its columns, by name';

CREATE TABLE barometre_internal.seed (
    name text PRIMARY KEY,
    description text,
    columns jsonb NOT NULL DEFAULT '{}',
    schema text,
    relation text,
    tags text[],
    meta jsonb
);
COMMENT ON TABLE barometre_internal.seed IS 'The seeds of the project';
COMMENT ON COLUMN barometre_internal.seed.name IS 'Its name, by which ref() finds it';
COMMENT ON COLUMN barometre_internal.seed.description IS 'What the project says of it';
COMMENT ON COLUMN barometre_internal.seed.columns IS 'What the project says of its columns, by name';
COMMENT ON COLUMN barometre_internal.seed.schema IS 'The schema of its table; NULL, as the next three: written by 0.1.0';
COMMENT ON COLUMN barometre_internal.seed.relation IS 'What its table is called: its alias, or its name';
COMMENT ON COLUMN barometre_internal.seed.tags IS 'By which selections find it';
COMMENT ON COLUMN barometre_internal.seed.meta IS 'What the project keeps with it, for other programs';

CREATE TABLE barometre_internal.model (
    name text PRIMARY KEY,
    schema text NOT NULL,
    materialized text NOT NULL,
    file text NOT NULL,
    description text,
    relation text NOT NULL,
    tags text[] NOT NULL,
    meta jsonb NOT NULL,
    columns jsonb NOT NULL DEFAULT '{}'
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
COMMENT ON COLUMN barometre_internal.model.columns IS 'What the project says of its columns, by name';

CREATE TABLE barometre_internal.model_edge (
    model text NOT NULL,
    input text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (model, input)
);
COMMENT ON TABLE barometre_internal.model_edge IS 'Which model reads what';
COMMENT ON COLUMN barometre_internal.model_edge.model IS 'What reads';
COMMENT ON COLUMN barometre_internal.model_edge.input IS 'What is read: a model, a seed, tap.stream or source.table';
COMMENT ON COLUMN barometre_internal.model_edge.kind IS 'What is read is a model, snapshot, seed, stream or source';

CREATE TABLE barometre_internal.test (
    target text NOT NULL,
    test text NOT NULL,
    name text NOT NULL,
    severity text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    config jsonb NOT NULL DEFAULT '{}',
    definition text NOT NULL
);
COMMENT ON TABLE barometre_internal.test IS 'The data tests and unit tests of the project';
COMMENT ON COLUMN barometre_internal.test.target IS 'model.column, model, tap.stream.column, tap.stream, or a singular test''s name';
COMMENT ON COLUMN barometre_internal.test.test IS 'unique, another one of barometre''s, one of the project''s own, singular, or unit';
COMMENT ON COLUMN barometre_internal.test.name IS 'As results show it';
COMMENT ON COLUMN barometre_internal.test.severity IS 'error or warn';
COMMENT ON COLUMN barometre_internal.test.arguments IS 'What it is given, as in the project';
COMMENT ON COLUMN barometre_internal.test.config IS 'warn_if, error_if, limit, where, fail_calc, tags, meta';
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

CREATE TABLE barometre_internal.source (
    name text PRIMARY KEY,
    schema text NOT NULL,
    relation text NOT NULL,
    description text,
    definition text NOT NULL,
    freshness jsonb,
    columns jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE barometre_internal.source IS 'The tables that others write, as the project declares them';
COMMENT ON COLUMN barometre_internal.source.name IS 'source.table, as source() names it';
COMMENT ON COLUMN barometre_internal.source.schema IS 'The schema of the table';
COMMENT ON COLUMN barometre_internal.source.relation IS 'What the table or view is called';
COMMENT ON COLUMN barometre_internal.source.description IS 'What the project says of it';
COMMENT ON COLUMN barometre_internal.source.definition IS 'Where the project declares it: file:line';
COMMENT ON COLUMN barometre_internal.source.freshness IS 'As of a stream';
COMMENT ON COLUMN barometre_internal.source.columns IS 'What the project says of its columns, by name';

CREATE TABLE barometre_internal.problem (
    kind text NOT NULL,
    name text NOT NULL,
    file text NOT NULL,
    line integer,
    message text NOT NULL,
    detail text,
    hint text
);
COMMENT ON TABLE barometre_internal.problem IS 'What could not be read of the project';
COMMENT ON COLUMN barometre_internal.problem.kind IS 'What can''t be used: model, snapshot, seed, source, test, hook or file';
COMMENT ON COLUMN barometre_internal.problem.name IS 'Its name, or its path';
COMMENT ON COLUMN barometre_internal.problem.file IS 'Where it is wrong, below the project''s folder';
COMMENT ON COLUMN barometre_internal.problem.line IS 'The line; NULL: it is of the whole file';
COMMENT ON COLUMN barometre_internal.problem.message IS 'What is wrong';
COMMENT ON COLUMN barometre_internal.problem.detail IS 'More of it';
COMMENT ON COLUMN barometre_internal.problem.hint IS 'The next move';

CREATE TABLE barometre_internal.described (
    file text PRIMARY KEY,
    nodes text[] NOT NULL
);
COMMENT ON TABLE barometre_internal.described IS 'What each properties file describes; while it can''t be read, that is blocked';
COMMENT ON COLUMN barometre_internal.described.file IS 'Its path, below the project''s folder';
COMMENT ON COLUMN barometre_internal.described.nodes IS 'Names of models, seeds and snapshots, and source.table';

SELECT pg_extension_config_dump('barometre_internal.project', '');
SELECT pg_extension_config_dump('barometre_internal.tap', '');
SELECT pg_extension_config_dump('barometre_internal.stream', '');
SELECT pg_extension_config_dump('barometre_internal.seed', '');
SELECT pg_extension_config_dump('barometre_internal.model', '');
SELECT pg_extension_config_dump('barometre_internal.model_edge', '');
SELECT pg_extension_config_dump('barometre_internal.test', '');
SELECT pg_extension_config_dump('barometre_internal.job', '');
SELECT pg_extension_config_dump('barometre_internal.source', '');
SELECT pg_extension_config_dump('barometre_internal.problem', '');
SELECT pg_extension_config_dump('barometre_internal.described', '');
