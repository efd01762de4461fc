-- The registry: the project as its files say it. Only the extension writes it.

CREATE TABLE barometre.project (
    name text PRIMARY KEY,
    path text,                       -- as given to baro_load_project(); NULL: barometre.project_directory
    owner regrole NOT NULL,          -- whose privileges the project's work has
    schema text NOT NULL,
    timezone text NOT NULL,
    hash text NOT NULL,              -- of all its files
    loaded_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX project_is_one ON barometre.project ((true));
COMMENT ON TABLE barometre.project IS 'The project of this database, read again whenever its files change';

CREATE TABLE barometre.tap (
    name text PRIMARY KEY,
    description text
);

CREATE TABLE barometre.stream (
    tap text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    pattern text NOT NULL,
    key_properties text[] NOT NULL,
    description text,
    definition text NOT NULL,        -- where the project declares it: file:line
    freshness jsonb,                 -- column, format, warn_after, error_after; NULL: its data may have any age
    PRIMARY KEY (tap, name)
);

CREATE TABLE barometre.seed (
    name text PRIMARY KEY,
    description text
);

CREATE TABLE barometre.model (
    name text PRIMARY KEY,
    schema text NOT NULL,
    materialized text NOT NULL,
    file text NOT NULL,
    description text,
    relation text NOT NULL,          -- what its table or view is called: its alias, or its name
    tags text[] NOT NULL,
    meta jsonb NOT NULL
);

CREATE TABLE barometre.model_edge (
    model text NOT NULL,             -- what reads
    input text NOT NULL,             -- what is read: a model, a seed, or tap.stream
    kind text NOT NULL,              -- model, seed, stream
    PRIMARY KEY (model, input)
);

CREATE TABLE barometre.test (
    target text NOT NULL,            -- model.column, model, or a singular test's name
    test text NOT NULL,              -- unique, one of the project's own, ..., or singular
    name text NOT NULL,              -- as results show it
    severity text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    config jsonb NOT NULL DEFAULT '{}', -- warn_if, error_if, limit, where
    definition text NOT NULL         -- file:line
);

CREATE TABLE barometre.job (
    name text PRIMARY KEY,
    definition jsonb NOT NULL,       -- its keys in the project file, all that are in effect
    scheduled_since timestamptz      -- pg_cron is to run it since then, as baro_schedule() or a run by pg_cron says
);

SELECT pg_extension_config_dump('barometre.project', '');
SELECT pg_extension_config_dump('barometre.tap', '');
SELECT pg_extension_config_dump('barometre.stream', '');
SELECT pg_extension_config_dump('barometre.seed', '');
SELECT pg_extension_config_dump('barometre.model', '');
SELECT pg_extension_config_dump('barometre.model_edge', '');
SELECT pg_extension_config_dump('barometre.test', '');
SELECT pg_extension_config_dump('barometre.job', '');
