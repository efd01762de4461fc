-- From 0.1.0 to 0.2.0: what differs in sql/. README.md says how.

CREATE TABLE barometre_internal.stream_column (
    tap text NOT NULL,
    stream text NOT NULL,
    number integer NOT NULL,
    column_name text,
    name text,
    source text,
    source_hash text,
    derived_hash text,
    header_hash text,
    unsettled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tap, stream, number),
    UNIQUE (tap, stream, column_name)
);
COMMENT ON TABLE barometre_internal.stream_column IS 'What the headers of each stream''s files say, and the columns that this became; a field that no column has is remembered too, so that it is taken for no other';
COMMENT ON COLUMN barometre_internal.stream_column.tap IS 'The tap of the stream';
COMMENT ON COLUMN barometre_internal.stream_column.stream IS 'The stream';
COMMENT ON COLUMN barometre_internal.stream_column.number IS 'In the order in which they came';
COMMENT ON COLUMN barometre_internal.stream_column.column_name IS 'The column of its table; NULL: the map drops the field, or the contract left it out';
COMMENT ON COLUMN barometre_internal.stream_column.name IS 'What the field is called before the map; NULL: only its text says so, which is hidden';
COMMENT ON COLUMN barometre_internal.stream_column.source IS 'The text of its header; NULL: it has none, or the map hashes or drops the field';
COMMENT ON COLUMN barometre_internal.stream_column.source_hash IS 'XXH3-128 of that text, hexadecimal; NULL: what the header says is not known';
COMMENT ON COLUMN barometre_internal.stream_column.derived_hash IS 'The same of the name that is made from the text';
COMMENT ON COLUMN barometre_internal.stream_column.header_hash IS 'Of a field without text: that of the whole header, under which alone it is found again';
COMMENT ON COLUMN barometre_internal.stream_column.unsettled IS 'The column has had no value so far, and is text until the first one says its type';
SELECT pg_extension_config_dump('barometre_internal.stream_column', '');

CREATE TABLE barometre_internal.left_out (
    tap text NOT NULL,
    stream text NOT NULL,
    path text NOT NULL,
    inode bigint NOT NULL,
    run bigint NOT NULL,
    since timestamptz NOT NULL,
    sqlstate text NOT NULL,
    message text NOT NULL,
    hint text,
    is_there boolean NOT NULL,
    PRIMARY KEY (tap, stream, path)
);
COMMENT ON TABLE barometre_internal.left_out IS 'Files that a load left out because they could not be loaded, until they are: then those that come after them are read again';
COMMENT ON COLUMN barometre_internal.left_out.tap IS 'The tap';
COMMENT ON COLUMN barometre_internal.left_out.stream IS 'The stream, as in barometre.file';
COMMENT ON COLUMN barometre_internal.left_out.path IS 'The file, as barometre.file would have it';
COMMENT ON COLUMN barometre_internal.left_out.inode IS 'Its number in the file system';
COMMENT ON COLUMN barometre_internal.left_out.run IS 'The run that left it out last, in barometre.run';
COMMENT ON COLUMN barometre_internal.left_out.since IS 'When it was left out first';
COMMENT ON COLUMN barometre_internal.left_out.sqlstate IS 'Of what was wrong with it';
COMMENT ON COLUMN barometre_internal.left_out.message IS 'What was wrong';
COMMENT ON COLUMN barometre_internal.left_out.hint IS 'What to do; NULL: nothing is known';
COMMENT ON COLUMN barometre_internal.left_out.is_there IS 'Whether it was there when its folder was last looked at';

SELECT pg_extension_config_dump('barometre_internal.left_out', '');
COMMENT ON COLUMN barometre.step.kind IS 'stream, seed, model, snapshot, test; file or tap: one that was left out; of a job run, seed, transform, test, sql';
COMMENT ON COLUMN barometre.step.name IS 'tap.stream, a seed or model, a test''s target and name, a stream and its file, or what a job''s step says';

ALTER TABLE barometre.file ADD COLUMN reading text, ADD COLUMN delimiter text, ADD COLUMN unpacked_hash text, ADD COLUMN listed_at timestamptz;
COMMENT ON COLUMN barometre.file.reading IS 'Hash of all keys of the project that make rows of its records; when it differs the stream is read again; NULL: it counts as read as today';
COMMENT ON COLUMN barometre.file.delimiter IS 'The delimiter that was found in it; NULL: not known';
COMMENT ON COLUMN barometre.file.unpacked_hash IS 'XXH3-128 of its content, decompressed, hexadecimal: the same for app.csv and app.csv.gz; NULL: not known';
COMMENT ON COLUMN barometre.file.listed_at IS 'When it was seen in its folder, before it was read last: times that are older than that by two seconds tell of any change since; NULL: not known, so its content is compared';
ALTER TABLE barometre.bookmark ADD COLUMN described text;
COMMENT ON COLUMN barometre.bookmark.described IS 'JSON: what became comments: of the table under "", of its columns by name';
ALTER TABLE barometre_internal.stream ADD COLUMN columns jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN barometre_internal.stream.columns IS 'What the project says of its columns, by name';
ALTER TABLE barometre_internal.seed ADD COLUMN columns jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN barometre_internal.seed.columns IS 'What the project says of its columns, by name';
ALTER TABLE barometre_internal.seed ADD COLUMN schema text, ADD COLUMN relation text, ADD COLUMN tags text[], ADD COLUMN meta jsonb;
COMMENT ON COLUMN barometre_internal.seed.name IS 'Its name, by which ref() finds it';
COMMENT ON COLUMN barometre_internal.seed.schema IS 'The schema of its table; NULL, as the next three: written by 0.1.0';
COMMENT ON COLUMN barometre_internal.seed.relation IS 'What its table is called: its alias, or its name';
COMMENT ON COLUMN barometre_internal.seed.tags IS 'By which selections find it';
COMMENT ON COLUMN barometre_internal.seed.meta IS 'What the project keeps with it, for other programs';
ALTER TABLE barometre_internal.model ADD COLUMN columns jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN barometre_internal.model.columns IS 'What the project says of its columns, by name';
COMMENT ON TABLE barometre_internal.test IS 'The data tests and unit tests of the project';
COMMENT ON COLUMN barometre_internal.test.test IS 'unique, another one of barometre''s, one of the project''s own, singular, or unit';
COMMENT ON FUNCTION @extschema@.baro_test(text) IS
'Runs the data tests and unit tests of the selection; failing rows never raise, samples are in barometre.test_result';
COMMENT ON FUNCTION @extschema@.baro_test_tap(text) IS 'The tests of the selection as TAP, for pg_prove';
COMMENT ON COLUMN barometre_internal.test.config IS 'warn_if, error_if, limit, where, fail_calc, tags, meta';
ALTER TABLE barometre.file ADD COLUMN streams jsonb, ADD COLUMN state jsonb;
COMMENT ON COLUMN barometre.file.stream IS 'The stream that loaded it; *: all streams of the tap, which share it';
COMMENT ON COLUMN barometre.file.streams IS 'Of a file that all streams of its tap share (stream is *): what it holds of each, by the names of their tables; NULL: it is of one stream alone';
COMMENT ON COLUMN barometre.file.state IS 'Of Singer messages: the last STATE; NULL: it has none';
ALTER TABLE barometre.file ADD COLUMN forgotten_at timestamptz, DROP CONSTRAINT file_tap_stream_path_key,
    ADD UNIQUE NULLS NOT DISTINCT (tap, stream, path, forgotten_at);
COMMENT ON COLUMN barometre.file.forgotten_at IS 'When baro_forget() took its rows away: this content is not loaded again before a full refresh, whatever its name; NULL: it is loaded';
ALTER TABLE barometre_internal.tap ADD COLUMN shares_files boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN barometre_internal.tap.shares_files IS 'Its files are of Singer messages, for all its streams';
CREATE INDEX reject_file ON barometre.reject (tap, stream, file);
COMMENT ON COLUMN barometre.reject.raw IS 'Its first 1024 bytes as text in UTF-8; NULL where a map hashes or drops values, and where the file changed before it was looked up';

ALTER TABLE barometre.run ADD COLUMN project_hash text, ADD COLUMN git_commit text, ADD COLUMN job_steps jsonb;
COMMENT ON COLUMN barometre.run.job_steps IS 'Of a job: its steps, as the project said them; NULL: not known';
COMMENT ON COLUMN barometre.run.message IS 'Of the error, or why it was skipped, or with which run a job went on';
COMMENT ON COLUMN barometre.run.project_hash IS 'Of the project that it used: all its files, and what is registered; NULL: not known';
COMMENT ON COLUMN barometre.run.git_commit IS 'The commit that was checked out in the project''s folder, whose files may have been edited since; NULL: not known, as when .git is no folder in it';
ALTER TABLE barometre_internal.project ADD COLUMN files_hash text;
ALTER TABLE barometre_internal.project ADD COLUMN roles jsonb;
COMMENT ON COLUMN barometre_internal.project.hash IS 'Of all its files, and what is registered';
COMMENT ON COLUMN barometre_internal.project.files_hash IS 'Of its files alone; NULL: written by 0.1.0';
COMMENT ON COLUMN barometre_internal.project.roles IS 'Who reads what it publishes, and who observes: readers and observers, in the order of the project; NULL: written by 0.1.0';
ALTER TABLE barometre.step ADD COLUMN warnings jsonb, ADD COLUMN rows bigint;
COMMENT ON COLUMN barometre.step.rows IS 'How many its table has afterwards; NULL: it has none, or it was left as it was';
COMMENT ON COLUMN barometre.step.superseded IS 'Records with the key of a later one in the same run, or that delete_absent says are gone';
COMMENT ON COLUMN barometre.test_result.message IS 'Why it could not be run; of max_deletes: how many rows would go';
COMMENT ON COLUMN barometre.step.warnings IS 'What was told of it in WARNINGs: an array of objects with message, detail and hint; NULL: nothing';

DROP FUNCTION @extschema@.baro_run(text, text[], boolean);
CREATE FUNCTION @extschema@.baro_run(tap text DEFAULT NULL, streams text[] DEFAULT NULL, full_refresh boolean DEFAULT false,
                                    on_failure text DEFAULT 'stop')
RETURNS TABLE (stream text, files int, read int, records bigint, inserted bigint, updated bigint, unchanged bigint,
               rejected bigint, seconds numeric)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_run';
COMMENT ON FUNCTION @extschema@.baro_run(text, text[], boolean, text) IS
'Loads the new and changed files of a tap (of all taps: NULL) into its schema; one row a stream; on_failure => skip leaves out files, streams and taps that can''t be loaded';

DROP PROCEDURE @extschema@.baro_job(text, timestamptz);
-- No SET clause: a procedure that has one can't commit.
CREATE PROCEDURE @extschema@.baro_job(name text, scheduled_at timestamptz DEFAULT NULL, from_failed boolean DEFAULT false)
LANGUAGE C AS 'MODULE_PATHNAME', 'barometre_job';
COMMENT ON PROCEDURE @extschema@.baro_job(text, timestamptz, boolean) IS
'Runs the steps of a job, each in transactions of its own, and fails in the end if one of them failed; with a time, as pg_cron calls it, only if it is due then; from_failed: goes on with its last run at the step that failed';

CREATE FUNCTION barometre_internal.is_running(run bigint) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'barometre_is_running';
COMMENT ON FUNCTION barometre_internal.is_running(bigint) IS 'Whether a run is marked as running by what is committed now, whatever the query sees';
GRANT EXECUTE ON FUNCTION barometre_internal.is_running(bigint) TO PUBLIC;

-- Errors of the server and of records may have values of the data in them: any SQLSTATE can, when a function says it, or a value is cast to
-- regclass or tsquery. Who may read barometre.run sees them; who was given the views alone (roles: {observers: ...}) sees what barometre says
-- of the project, up to the line of a file, and that something was cancelled.
CREATE FUNCTION barometre_internal.sees_values() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_catalog.has_table_privilege('barometre.run'::regclass, 'SELECT')
       AND NOT coalesce(pg_catalog.current_setting('barometre.hide_values', true), 'off')::boolean;
COMMENT ON FUNCTION barometre_internal.sees_values() IS 'Whether who asks may see values of the data in messages';

CREATE FUNCTION barometre_internal.type_words() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '(?:smallint|integer|bigint|numeric|decimal|real|double precision|money|oid|boolean|date|interval|timestamp|time|timestamp with(?:out)? time zone|time with(?:out)? time zone'
       '|uuid|jsonb?|xml|bytea|bit|bit varying|text|character|character varying|name|inet|cidr|macaddr8?|tsvector|tsquery|point|line|lseg|box|path|polygon|circle|pg_lsn|tid|xid8?)';
COMMENT ON FUNCTION barometre_internal.type_words() IS 'A regular expression of the names of the server''s types: other words may be a value''s';

CREATE FUNCTION barometre_internal.without_values(message text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT m.parts[1] || w.words
        FROM pg_catalog.regexp_match(message, '^((?:(?:model|snapshot|seed|test|stream|hook) "[^"]+"(?: \([^()]*\))?: )?)(.*)$') AS m (parts),
             LATERAL pg_catalog.regexp_replace(m.parts[2], '"[^"]*"', '"…"', 'g') AS w (words)
        WHERE w.words ~ ('^(division by zero|invalid input syntax for type ' || barometre_internal.type_words() || ': "…"|invalid input value for enum "…": "…"|value "…" is out of range for type ' || barometre_internal.type_words() ||
                         '|(integer|bigint|smallint|date|timestamp|interval) out of range|numeric field overflow|date/time field value out of range: "…"'
                         '|value too long for type character( varying)?\([0-9]{1,8}\)|null value in column "…" of relation "…" violates not-null constraint'
                         '|(duplicate key value|new row for relation "…"|(insert or update|update or delete) on table "…") violates (unique|check|foreign key) constraint "…"( on table "…")?'
                         '|(column|relation|schema|type|role|database|function) "…" does not exist|column "…" of relation "…" does not exist|relation "…" already exists'
                         '|column reference "…" is ambiguous|column "…" must appear in the GROUP BY clause or be used in an aggregate function'
                         '|(syntax error|unterminated quoted string) at or near "…"|syntax error at end of input|more than one row returned by a subquery used as an expression'
                         '|deadlock detected|could not serialize access due to (concurrent (update|delete)|read/write dependencies among transactions)'
                         '|could not create unique index "…"|out of (shared )?memory|could not extend file "…": No space left on device|could not write to file "…": No space left on device)$'));
COMMENT ON FUNCTION barometre_internal.without_values(text) IS
'A message of the server''s without what it quotes, with the name of the model or file before it; NULL: it is none whose other words are known';

CREATE FUNCTION barometre_internal.reason_without_values(reason text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(pg_catalog.substring(reason, '^(expected [0-9]{1,5} fields, found [0-9]{1,5}|invalid byte sequence for the file''s encoding|NUL byte, which PostgreSQL can''t store in text'
                                             '|a quoted field is never closed|text after a closing quote \(a quote inside a quoted field is doubled\)'
                                             '|a quote inside a field that does not begin with one|the line is longer than [0-9]+ MiB|the value is not of type ' || barometre_internal.type_words() || '(?:\([0-9]{1,4}(,[0-9]{1,4})?\))?(?:\[\])*'
                                             '|a CR alone, though the file''s first line ends in LF or CR LF \(in quotes it is text\)|the header line once more|the record can''t be loaded)$'),
                '"…" is ' || pg_catalog.substring(reason, '^".*" is (not of type ' || barometre_internal.type_words() || '(?:\([0-9]{1,4}(?:,[0-9]{1,4})?\))?(?:\[\])*)$'), barometre_internal.without_values(reason));
COMMENT ON FUNCTION barometre_internal.reason_without_values(text) IS 'Why a record could not be loaded, without its values; NULL: in other words than are known';

CREATE FUNCTION barometre_internal.told(message text, sqlstate text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN message IS NULL OR barometre_internal.sees_values()
                 OR sqlstate IN ('BM001', 'BM002', 'BM003', 'BM006', 'BM008', 'BM009', 'BM010') THEN message
            WHEN sqlstate = 'BM005' THEN pg_catalog.regexp_replace(message, '(: line [0-9]+|the JSON value that begins in line [0-9]+ can''t be used)(: |, ).*$', '\1')
            WHEN sqlstate = 'BM004' THEN coalesce(
                pg_catalog.substring(message, '^((?:stream|seed) "[^"]*": (?:at least |all )?[0-9]+(?: of [0-9]+)? records (?:of file "[^"]*" )?can''t be loaded(?:, and max_rejects is [0-9.%]+)?: the first is in (?:file "[^"]*", )?line [0-9]+)$'),
                (SELECT m.parts[1] || coalesce(barometre_internal.reason_without_values(m.parts[2]), 'the record can''t be loaded')
                 FROM pg_catalog.regexp_match(message, '^((?:stream|seed) "[^"]*": file "[^"]*", line [0-9]+(?:, column "[^"]*")?: )(.*)$') AS m (parts)),
                'records that can''t be loaded: the loader sees them')
            WHEN sqlstate = 'BM011' THEN pg_catalog.regexp_replace(message, '^(job "[^"]*" failed).*$', '\1')
            WHEN sqlstate IS NULL THEN 'a message that may hold values: the loader sees it'
            ELSE coalesce(barometre_internal.without_values(message), pg_catalog.substring(message, '((canceling statement|terminating connection) due to (user request|(statement|lock|idle-in-transaction|idle-session) timeout|conflict with recovery|administrator command)|the timeout of its job was over)$'),
                          'an error of SQLSTATE ' || sqlstate || coalesce(' (' || CASE sqlstate
                              WHEN '40001' THEN 'serialization failure' WHEN '40P01' THEN 'deadlock' WHEN '42501' THEN 'a right is missing'
                              WHEN '42601' THEN 'syntax error' WHEN '42703' THEN 'no such column' WHEN '42883' THEN 'no such function'
                              WHEN '42P01' THEN 'no such relation' WHEN '53100' THEN 'disk full' WHEN '53200' THEN 'out of memory'
                              WHEN '55P03' THEN 'a lock was not free' WHEN '57014' THEN 'cancelled' WHEN '58030' THEN 'input/output error' END || ')', '')
                          || ', whose message may hold values: the loader sees it') END;
COMMENT ON FUNCTION barometre_internal.told(text, text) IS 'A message as who asks may see it: without values of the data for those who may not';

CREATE FUNCTION barometre_internal.masked_sql("text" text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_masked_sql';
COMMENT ON FUNCTION barometre_internal.masked_sql(text) IS 'An SQL text without the values in it: … in the place of what strings hold, and of long numbers';

CREATE FUNCTION barometre_internal.step_name(kind text, name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN kind = 'sql' AND NOT barometre_internal.sees_values() THEN barometre_internal.masked_sql(name) ELSE name END;
COMMENT ON FUNCTION barometre_internal.step_name(text, text) IS 'The name of a step as who asks may see it: that of kind sql is its SQL';

CREATE FUNCTION barometre_internal.warned(warnings jsonb, said text DEFAULT NULL) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN NOT barometre_internal.sees_values() THEN pg_catalog.jsonb_array_length(warnings) || ' told, which the loader sees'
            ELSE (SELECT pg_catalog.string_agg(w.one ->> 'message', '; ' ORDER BY w.place) FILTER (WHERE w.place <= 3)
                         || CASE WHEN count(*) > 3 THEN '; and ' || count(*) - 3 || ' more' ELSE '' END
                  FROM pg_catalog.jsonb_array_elements(warnings) WITH ORDINALITY AS w (one, place)
                  WHERE said IS NULL OR pg_catalog.strpos(w.one ->> 'message', said) = 0) END;
COMMENT ON FUNCTION barometre_internal.warned(jsonb, text) IS 'The first messages of what barometre.step keeps of warnings, without those that hold a text that was said already';

GRANT EXECUTE ON FUNCTION barometre_internal.sees_values(), barometre_internal.type_words(), barometre_internal.without_values(text), barometre_internal.reason_without_values(text), barometre_internal.masked_sql(text), barometre_internal.step_name(text, text), barometre_internal.told(text, text), barometre_internal.warned(jsonb, text) TO PUBLIC;

DROP VIEW barometre.progress;
CREATE VIEW barometre.progress AS
SELECT c.pid, c.call, barometre_internal.fold(c.what, 22) AS working_on, c.number, c.of,
       CASE WHEN c.read < c.total THEN pg_catalog.concat(pg_catalog.div(c.read, c.unit), '/', pg_catalog.div(c.total, c.unit),
                                                         CASE c.unit WHEN 1000000 THEN ' MB' ELSE ' kB' END) END AS read,
       barometre_internal.duration(CASE WHEN u.seconds > d.took THEN u.seconds - d.took
                                        WHEN d.part BETWEEN 0.02 AND 0.999 AND d.step_took >= 2 THEN d.step_took * (1 - d.part) / d.part END) AS left,
       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - c.began) AS running
FROM (SELECT DISTINCT ON (a.application_name) a.pid, m[1] AS call, m[2]::int AS number, m[3]::int AS of, m[4] AS what, a.query_start AS began, a.xact_start AS step_began,
             b.bytes_processed AS read, b.bytes_total AS total, CASE WHEN b.bytes_total < 10000000 THEN 1000 ELSE 1000000 END AS unit
      FROM pg_catalog.pg_stat_activity a
      CROSS JOIN LATERAL pg_catalog.regexp_match(a.application_name, '^(baro_\w+) (\d+)/(\d+) (.*)$') AS m
      LEFT JOIN pg_catalog.pg_stat_progress_copy b ON b.pid = a.pid AND m[1] = 'baro_run' AND b.bytes_total > 0
      WHERE a.datname = pg_catalog.current_database() AND m IS NOT NULL
      -- Parallel workers have the name of their leader, and only some roles can tell them apart.
      ORDER BY a.application_name, a.leader_pid IS NOT NULL, a.pid) AS c
CROSS JOIN LATERAL (SELECT (greatest(c.number - 1, 0) + coalesce(least(c.read::numeric / c.total, 1), 0)) / greatest(c.of, 1) AS part,
                           extract(epoch FROM pg_catalog.clock_timestamp() - c.began) AS took, extract(epoch FROM pg_catalog.clock_timestamp() - c.step_began) AS step_took) AS d
-- A job that succeeded before: as long as it usually takes.
LEFT JOIN barometre.usual_duration u ON c.call = 'baro_job' AND u.kind = 'job' AND u.name = pg_catalog.split_part(c.what, ':', 1);
COMMENT ON VIEW barometre.progress IS 'Calls that are running: what each is working on, how much was read, and how long it will take';
COMMENT ON COLUMN barometre.progress.pid IS 'The server process: SELECT pg_cancel_backend(pid) stops it';
COMMENT ON COLUMN barometre.progress.call IS 'What was called';
COMMENT ON COLUMN barometre.progress.working_on IS 'The stream, seed, model, test or step that it is at';
COMMENT ON COLUMN barometre.progress.number IS 'Which one that is, from 1';
COMMENT ON COLUMN barometre.progress.of IS 'Of how many';
COMMENT ON COLUMN barometre.progress.read IS 'Of a load, while its files are read: bytes so far, and of all files of the stream; NULL: nothing is being read, or the asking role may not know';
COMMENT ON COLUMN barometre.progress."left" IS 'The time to the end, guessed from what was done so far, or of a job from how long it usually takes; NULL: too early to tell';
COMMENT ON COLUMN barometre.progress.running IS 'For how long the call has run';

CREATE OR REPLACE VIEW barometre.lineage AS
SELECT f.id AS _baro_file, f.tap, f.stream, barometre_internal.fold(f.path, 34) AS path, f.run
FROM barometre.file f;

CREATE VIEW barometre.singer_state AS
SELECT t.tap, coalesce(f.state, '{}') AS value, f.path AS file, barometre_internal.clock(f.loaded_at, z.timezone) AS at
FROM (SELECT name AS tap FROM barometre_internal.tap WHERE shares_files
      UNION SELECT tap FROM barometre.file WHERE stream = '*') AS t
     LEFT JOIN LATERAL (SELECT f.state, f.path, f.loaded_at FROM barometre.file f WHERE f.tap = t.tap AND f.stream = '*' AND f.state IS NOT NULL
                        ORDER BY f.path COLLATE "C" DESC LIMIT 1) AS f ON true, barometre_internal.zone z;
COMMENT ON VIEW barometre.singer_state IS 'The state of each Singer tap, for its next extraction: that of the loaded file with the greatest name';
COMMENT ON COLUMN barometre.singer_state.tap IS 'The tap';
COMMENT ON COLUMN barometre.singer_state.value IS 'The last STATE of that file; {}: no file has had one';
COMMENT ON COLUMN barometre.singer_state.file IS 'The file, as in barometre.file';
COMMENT ON COLUMN barometre.singer_state.at IS 'When it was loaded';

CREATE OR REPLACE VIEW barometre_internal.run_state AS
SELECT r.id, r.kind, r.name, r.role, r.started_at, r.finished_at, r.scheduled_for,
       CASE WHEN g.gone THEN 'interrupted' ELSE r.status END AS status, r.sqlstate,
       CASE WHEN g.gone THEN 'the server process that did this run ended without a word'
            WHEN r.status <> 'failed' THEN r.message ELSE m.told END AS message,
       CASE WHEN v.seen THEN r.detail END AS detail, CASE WHEN v.seen OR m.told = r.message THEN r.hint END AS hint
FROM barometre.run r
CROSS JOIN LATERAL (SELECT barometre_internal.told(r.message, r.sqlstate) AS told) AS m, (SELECT barometre_internal.sees_values() AS seen) AS v
-- A standby server does not know the locks of its primary. The array is made once, and only if a run is marked so. What ended since the
-- query began has no lock any more, and its end is not what the query sees: then it was running.
CROSS JOIN LATERAL (SELECT r.status = 'running' AND NOT pg_catalog.pg_is_in_recovery() AND r.id <> ALL (ARRAY(
    SELECT a.id FROM barometre_internal.run_alive a)) AND barometre_internal.is_running(r.id) AS gone) AS g;

CREATE OR REPLACE VIEW barometre.report AS
SELECT l.kind, barometre_internal.fold(l.name, 30) AS name, l.status, barometre_internal.duration(l.seconds) AS took,
       barometre_internal.fold(l.what, 22) AS what, last.id AS run
FROM (SELECT r.id FROM barometre_internal.run_state r WHERE r.status <> 'running' AND r.kind <> 'page' ORDER BY r.id DESC LIMIT 1) AS last
CROSS JOIN LATERAL (
    SELECT s.number, s.kind, barometre_internal.step_name(s.kind, s.name) AS name, s.status, CASE WHEN s.status NOT IN ('skipped', 'skip') THEN s.seconds END AS seconds,
           nullif(pg_catalog.concat_ws('; ', CASE
               WHEN s.kind = 'test' THEN CASE WHEN s.status IN ('fail', 'warn') THEN s.records || CASE WHEN EXISTS (
                   SELECT FROM barometre_internal.test x WHERE x.target || ' ' || x.name = s.name AND x.config ? 'fail_calc') THEN ' failure' ELSE ' failing row' END
                   || CASE WHEN s.records = 1 THEN '' ELSE 's' END END
               WHEN s.status <> 'succeeded' THEN NULL
               WHEN s.kind IN ('stream', 'run') AND s.records = 0 THEN 'nothing new'
               WHEN s.kind IN ('stream', 'run') THEN s.records || ' records' || coalesce(': ' || n.changes, ', no change')
               WHEN s.kind IN ('seed', 'model', 'snapshot') THEN s.records || CASE WHEN s.records = 1 THEN ' row' ELSE ' rows' END || coalesce(': ' || n.changes, ', no change')
           END, CASE WHEN s.kind = 'stream' AND s.rejected > 0 THEN s.rejected || ' rejected: barometre.reject WHERE run = ' || s.run END,
               s.why, barometre_internal.told(s.message, s.sqlstate), 'WARNING: ' || barometre_internal.warned(s.warnings, s.why)), '') AS what
    FROM barometre.step s
    CROSS JOIN LATERAL (SELECT barometre_internal.changes(s.inserted, s.updated, s.deleted, s.rejected) AS changes) AS n
    WHERE s.run = last.id
    UNION ALL -- what no step says
    SELECT NULL, r.kind, r.name, r.status, extract(epoch FROM r.finished_at - r.started_at),  -- NULL: last
           CASE WHEN coalesce(r.detail, r.hint) IS NULL THEN r.message
                ELSE pg_catalog.concat_ws(' ', pg_catalog.rtrim(r.message, '. ') || '.', r.detail, r.hint) END
    FROM barometre_internal.run_state r
    WHERE r.id = last.id AND r.status <> 'succeeded'
      AND NOT EXISTS (SELECT FROM barometre.step s WHERE s.run = r.id AND s.status = 'failed' AND s.message IS NOT NULL)
) AS l
ORDER BY l.number;
COMMENT ON COLUMN barometre.report.run IS 'The run, as in barometre.run, barometre.step and barometre.reject';

CREATE OR REPLACE VIEW barometre.history AS
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
           sum(pg_catalog.jsonb_array_length(s.warnings)) AS warnings,
           (SELECT count(*) FROM barometre.test_result t WHERE t.run = r.id AND t.status <> 'skip') AS tests,
           (SELECT count(*) FROM barometre.test_result t WHERE t.run = r.id AND t.status = 'skip') AS skipped,
           -- The name and what is wrong, without the words that say the name again.
           (SELECT pg_catalog.regexp_replace(barometre_internal.step_name(f.kind, f.name), '^.*\.', '') || ': ' || pg_catalog.regexp_replace(barometre_internal.told(f.message, f.sqlstate), '^[^:"]*"[^"]*"[^:]*: ', '')
            FROM barometre.step f WHERE f.run = r.id AND f.status = 'failed' AND f.message IS NOT NULL ORDER BY f.number LIMIT 1) AS why
    FROM barometre.step s WHERE s.run = r.id) AS c
CROSS JOIN LATERAL (SELECT barometre_internal.changes(c.inserted, c.updated, c.deleted, c.rejected) AS counts) AS n
CROSS JOIN LATERAL (SELECT c.warnings || CASE WHEN c.warnings = 1 THEN ' warning' ELSE ' warnings' END AS warnings) AS m
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN r.status = 'running' THEN NULL
        WHEN r.status <> 'succeeded' AND c.why IS NULL AND c.tests_failed > 0
            THEN c.tests_failed || CASE WHEN c.tests_failed = 1 THEN ' test failed' ELSE ' tests failed' END
        WHEN r.status <> 'succeeded' THEN coalesce(c.why, r.message)
        WHEN r.kind IN ('run', 'forget') THEN pg_catalog.concat_ws(', ', nullif(c.failed, 0) || ' left out', coalesce(n.counts || CASE WHEN c.streams > 1 THEN ', ' || c.streams || ' streams' ELSE '' END, 'nothing new'), m.warnings)
        WHEN r.kind = 'test' THEN pg_catalog.concat_ws(', ', nullif(c.tests_failed, 0) || ' failed', nullif(c.warned, 0) || ' warned',
                                                       c.tests - c.tests_failed - c.warned || ' passed', nullif(c.skipped, 0) || ' skipped')
        WHEN r.kind = 'job' THEN pg_catalog.concat_ws(', ', c.built || '/' || c.steps || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END, m.warnings)
        WHEN c.nodes = 0 THEN nullif(c.steps, 0) || CASE WHEN c.steps = 1 THEN ' step' ELSE ' steps' END
        ELSE pg_catalog.concat_ws(', ', nullif(c.failed, 0) || ' failed', nullif(c.tests_failed, 0) || ' tests failed',
                                  c.built || '/' || c.nodes || CASE WHEN r.kind = 'seed' THEN ' loaded' ELSE ' built' END,
                                  nullif(c.tests, 0) || CASE WHEN c.tests = 1 THEN ' test' ELSE ' tests' END, nullif(c.skipped, 0) || ' skipped', m.warnings) END AS what) AS w
ORDER BY r.id DESC;
COMMENT ON COLUMN barometre.history.kind IS 'run, forget, seed, transform, test, job, page, or sql (of a job)';
COMMENT ON COLUMN barometre.run.kind IS 'run, forget, seed, transform, test, job, page, or sql (of a job)';
COMMENT ON COLUMN barometre.history.what IS
'Rows of streams: + inserted, ~ updated, - deleted, ! rejected; models built of those looked at; tests; warnings; of a failed run: what is wrong';

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

CREATE TABLE barometre_internal.source_age (
    run bigint NOT NULL,
    source text NOT NULL,
    newest timestamptz,
    error text,
    measured_at timestamptz NOT NULL
);
CREATE INDEX source_age_run ON barometre_internal.source_age (run);
CREATE INDEX source_age_source ON barometre_internal.source_age (source, measured_at);
COMMENT ON TABLE barometre_internal.source_age IS 'How new the data of sources were each time that it was measured';
COMMENT ON COLUMN barometre_internal.source_age.run IS 'The run in barometre.run';
COMMENT ON COLUMN barometre_internal.source_age.source IS 'As in barometre_internal.source';
COMMENT ON COLUMN barometre_internal.source_age.newest IS 'The greatest value of its loaded_at_field; NULL: there was none';
COMMENT ON COLUMN barometre_internal.source_age.error IS 'Why it could not be measured; NULL: it was';
COMMENT ON COLUMN barometre_internal.source_age.measured_at IS 'When';
SELECT pg_extension_config_dump('barometre_internal.source', '');
SELECT pg_extension_config_dump('barometre_internal.source_age', '');

CREATE OR REPLACE VIEW barometre_internal.data_age AS
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
COMMENT ON COLUMN barometre_internal.data_age.stream IS 'tap.stream, or source.table';
COMMENT ON COLUMN barometre_internal.data_age.path IS 'The folder of its files; NULL: it is a source';
COMMENT ON COLUMN barometre_internal.data_age.kind IS 'stream, or source: what others write, if the project says how old it may be';
COMMENT ON COLUMN barometre_internal.data_age.definition IS 'Where the project declares it: file:line';
COMMENT ON COLUMN barometre_internal.data_age.run IS 'Of a source, the run that measured it last, in barometre.run';
COMMENT ON COLUMN barometre_internal.data_age.measured_at IS 'When that was';
COMMENT ON COLUMN barometre_internal.data_age.error IS 'Why that run could not measure it';
COMMENT ON VIEW barometre.freshness IS 'How new the data of each stream and source is, and whether that is as it should be';
COMMENT ON COLUMN barometre.freshness.stream IS 'tap.stream, or source.table of a source that says how old its data may be';
COMMENT ON COLUMN barometre.freshness.status IS 'fresh; late: beyond warn_after; stale: beyond error_after; unknown: nothing is expected, or nothing was loaded. Of a source as it was when it was measured last; unknown too: that is too long ago, or it can''t be measured';

CREATE OR REPLACE VIEW barometre_internal.failure AS
WITH ended AS MATERIALIZED (
    SELECT r.*, coalesce(r.finished_at, r.started_at) AS at, j.job,
           r.status = 'succeeded' AS is_good, -- the planner can't tell how often a computed status has a value
           CASE r.kind WHEN 'run' THEN 'SELECT * FROM baro_run(' || CASE WHEN r.name = '*' THEN '' ELSE pg_catalog.quote_literal(r.name) END || ');'
                       WHEN 'seed' THEN 'SELECT * FROM baro_seed();'
                       WHEN 'test' THEN 'SELECT * FROM baro_test(' || pg_catalog.quote_literal(r.name) || ');'
                       WHEN 'sql' THEN 'CALL baro_job(' || pg_catalog.quote_literal(j.job) || ');'
                       WHEN 'page' THEN 'CALL baro_job(' || pg_catalog.quote_literal(j.job) || ');'
                       ELSE 'CALL baro_' || r.kind || '(' || pg_catalog.quote_literal(r.name) || ');' END AS call
    FROM barometre_internal.run_state r
    CROSS JOIN LATERAL (SELECT CASE r.kind WHEN 'job' THEN r.name WHEN 'page' THEN (SELECT min(x.name) FROM barometre_internal.job x WHERE x.definition #>> '{page,file}' = r.name) WHEN 'sql' THEN pg_catalog.regexp_replace(r.name, ' (on_failure_sql|step [0-9]+)$', '') END AS job) AS j
    WHERE r.kind <> 'forget' -- which is refused to whoever asks, and puts nothing right
      AND r.status <> 'running' AND (r.status <> 'skipped' OR (r.kind = 'job' AND pg_catalog.strpos(r.message, ', which it comes after, ') > 0))
), good_run AS ( -- when it was well last
    SELECT r.kind, r.name, max(r.at) AS at FROM ended r WHERE r.is_good GROUP BY r.kind, r.name
), failed AS MATERIALIZED ( -- without a message: because of a test, or of another step
    SELECT r.id AS run, s.kind, s.name, s.sqlstate, s.message FROM ended r JOIN barometre.step s ON s.run = r.id
    WHERE s.status = 'failed' AND s.message IS NOT NULL AND s.kind IN ('stream', 'tap', 'seed', 'model', 'snapshot')
), failing AS MATERIALIZED (
    SELECT t.* FROM ended r JOIN barometre.test_result t ON t.run = r.id WHERE t.status = 'fail' OR (t.status = 'error' AND t.severity = 'error')
), told AS MATERIALIZED ( -- the last time that something was told of each thing
    SELECT DISTINCT ON (s.kind, s.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, s.kind || ' ' || s.name AS place, s.kind, s.name, s.status, s.why, s.warnings
    FROM ended r JOIN barometre.step s ON s.run = r.id
    WHERE r.is_good AND r.kind <> 'job' AND s.kind IN ('stream', 'seed', 'model', 'snapshot') AND s.status <> 'failed' AND s.warnings IS NOT NULL
    ORDER BY s.kind, s.name, r.at DESC
), suspect AS MATERIALIZED ( -- of all steps, which are many, only those of these names are looked at
    SELECT f.name FROM failed f
    UNION SELECT x.tap || '.' || x.name FROM barometre_internal.stream x WHERE x.tap IN (SELECT f.name FROM failed f WHERE f.kind = 'tap')
    UNION SELECT pg_catalog.split_part(t.target, '.', 1) FROM failing t
    UNION SELECT l.name FROM told l
), done AS MATERIALIZED (
    SELECT s.run, s.kind, s.name, s.status FROM barometre.step s WHERE s.kind <> 'test' AND s.status <> 'failed' AND s.name IN (SELECT u.name FROM suspect u)
), good_step AS (
    SELECT s.kind, s.name, max(r.at) AS at, max(r.at) FILTER (WHERE r.kind = 'transform') AS built
    FROM done s JOIN ended r ON r.id = s.run AND r.is_good WHERE s.status IN ('succeeded', 'unchanged') GROUP BY s.kind, s.name
), last_step AS (
    SELECT s.kind, s.name, max(r.at) AS at FROM done s JOIN ended r ON r.id = s.run AND r.is_good AND r.kind <> 'job' GROUP BY s.kind, s.name
), good_test AS (
    SELECT t.target, t.test, max(r.at) FILTER (WHERE r.is_good) AS at, max(r.at) FILTER (WHERE r.kind = 'transform') AS built
    FROM barometre.test_result t JOIN ended r ON r.id = t.run
    WHERE t.status IN ('pass', 'warn') AND (t.target, t.test) IN (SELECT f.target, f.test FROM failing f) GROUP BY t.target, t.test
), declared AS (
    SELECT x.target, x.name, pg_catalog.string_agg(DISTINCT x.definition, ', ') AS definition,
           CASE WHEN pg_catalog.bool_or(x.config ? 'fail_calc') THEN ' failure' ELSE ' failing row' END AS unit -- fail_calc counts what it likes
    FROM barometre_internal.test x GROUP BY x.target, x.name
), failed_step AS (
    SELECT DISTINCT ON (s.kind, s.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, s.kind || ' ' || s.name AS place,
           CASE WHEN r.sqlstate LIKE '57%' THEN r.message ELSE barometre_internal.told(s.message, s.sqlstate) END AS why, -- what cancelled it knows the run
           coalesce(r.hint, CASE WHEN r.sqlstate LIKE '57%' THEN 'Run it again: ' || r.call END, CASE s.kind WHEN 'model' THEN 'Correct it, then: CALL baro_transform(' || pg_catalog.quote_literal(s.name) || ');'
                                        WHEN 'stream' THEN 'SELECT * FROM baro_check(' || pg_catalog.quote_literal(pg_catalog.split_part(s.name, '.', 1)) || ');'
                                        ELSE r.call END) AS what_to_do
    FROM ended r JOIN failed s ON s.run = r.id LEFT JOIN good_step g ON g.kind = s.kind AND g.name = s.name
    WHERE (g.at > r.at) IS NOT TRUE
      AND (s.kind <> 'tap' OR NOT EXISTS (SELECT FROM good_step t WHERE t.kind = 'stream' AND pg_catalog.split_part(t.name, '.', 1) = s.name AND t.at > r.at))
      AND (s.kind <> 'tap' OR EXISTS (SELECT FROM barometre_internal.tap x WHERE x.name = s.name))
      AND (s.kind <> 'stream' OR EXISTS (SELECT FROM barometre_internal.stream x WHERE x.tap || '.' || x.name = s.name))
      AND (s.kind <> 'seed' OR EXISTS (SELECT FROM barometre_internal.seed x WHERE x.name = s.name))
      AND (s.kind NOT IN ('model', 'snapshot') OR EXISTS (SELECT FROM barometre_internal.model x WHERE x.name = s.name))
    ORDER BY s.kind, s.name, r.at DESC
), failed_test AS (
    SELECT DISTINCT ON (t.target, t.test) r.at, r.id AS run, r.kind || ' ' || r.name AS what, 'test ' || t.target || ' ' || t.test AS place,
           CASE WHEN barometre_internal.sees_values() OR (t.test = 'max_deletes' AND t.status = 'fail') THEN coalesce(t.message, w.failing)
                WHEN t.status = 'error' THEN 'it could not be run' ELSE w.failing END AS why,
           CASE WHEN t.status = 'error' THEN 'Correct the test' || coalesce(', which is declared in ' || x.definition, '') || '.'
                ELSE 'SELECT target, sample FROM barometre.test_result WHERE run = ' || r.id || ' AND status = ''fail'';' END
           || CASE WHEN t.test = 'max_deletes' AND t.message IS NOT NULL THEN '  To let the rows go, set  max_deletes: 100%  of the model.' ELSE '' END AS what_to_do
    FROM ended r JOIN failing t ON t.run = r.id
    LEFT JOIN declared x ON x.target = t.target AND x.name = t.test
    LEFT JOIN good_run c ON c.kind = r.kind AND c.name = r.name
    LEFT JOIN good_test g ON g.target = t.target AND g.test = t.test
    LEFT JOIN (SELECT n.name, max(n.built) AS built FROM good_step n GROUP BY n.name) AS n ON n.name = pg_catalog.split_part(t.target, '.', 1)
    CROSS JOIN LATERAL (SELECT t.failures || coalesce(x.unit, ' failing row') || CASE WHEN t.failures = 1 THEN '' ELSE 's' END AS failing) AS w
    WHERE (EXISTS (SELECT FROM barometre_internal.test y WHERE y.target = t.target)
           OR (t.test = 'max_deletes' AND EXISTS (SELECT FROM barometre_internal.model y WHERE y.name = t.target)))
      -- What is published may pass while what a transform built does not, and must not be.
      AND (CASE r.kind WHEN 'transform' THEN greatest(c.at, g.built, n.built) ELSE greatest(c.at, g.at) END > r.at) IS NOT TRUE
    ORDER BY t.target, t.test, r.at DESC
), failed_run AS (
    SELECT DISTINCT ON (r.kind, r.name) r.at, r.id AS run, r.kind || ' ' || r.name AS what, NULL AS place, r.message AS why,
           pg_catalog.concat_ws(' ', r.hint, CASE WHEN r.status = 'skipped' THEN 'When that is put right:  ' || r.call WHEN r.hint IS NULL THEN CASE r.kind WHEN 'job' THEN 'Steps that were done are kept' WHEN 'page' THEN 'The last page is kept' ELSE 'Nothing of it was kept' END || '; run it again:  ' || r.call END) AS what_to_do
    FROM ended r
    LEFT JOIN good_run c ON c.kind = r.kind AND c.name = r.name
    LEFT JOIN good_run d ON r.kind = 'sql' AND d.kind = 'job' AND d.name = r.job
    WHERE (greatest(c.at, d.at) > r.at) IS NOT TRUE AND r.status IN ('failed', 'interrupted', 'skipped')
      -- A name that was mistyped by hand, or that the project has no more, never succeeds.
      AND (r.sqlstate IS DISTINCT FROM 'BM003' OR r.scheduled_for IS NOT NULL)
      AND CASE WHEN r.job IS NULL THEN r.kind <> 'page' ELSE EXISTS (SELECT FROM barometre_internal.job x WHERE x.name = r.job) END
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
      AND NOT (w.kind = 'job' AND w.status = 'failed' AND EXISTS ( -- or of files that it left out, which are told themselves
        SELECT FROM barometre_internal.left_out l JOIN ended r ON r.id = l.run AND r.role = w.role AND r.started_at BETWEEN w.started_at AND w.at
        WHERE l.is_there AND EXISTS (SELECT FROM barometre.step s WHERE s.run = w.run AND s.status = 'failed' AND s.kind = 'run')))
), left_out AS (
    SELECT r.at, l.run, coalesce('run ' || r.name, 'run ' || l.tap) AS what, 'file ' || l.path || CASE WHEN l.stream = '*' THEN ' of tap ' || l.tap ELSE ' of stream ' || l.tap || '.' || l.stream END AS place,
           'left out: ' || barometre_internal.told(l.message, l.sqlstate) AS why,
           coalesce(CASE WHEN barometre_internal.sees_values() THEN l.hint END, 'Correct the file.') AS what_to_do
    FROM barometre_internal.left_out l LEFT JOIN ended r ON r.id = l.run
    WHERE l.is_there AND (l.stream = '*' OR EXISTS (SELECT FROM barometre_internal.stream x WHERE x.tap = l.tap AND x.name = l.stream))
      AND EXISTS (SELECT FROM barometre_internal.tap x WHERE x.name = l.tap)
), rejected AS (
    SELECT max(r.at) AS at, max(r.id) AS run, 'run ' || max(j.tap) AS what, 'file ' || j.file || ' of stream ' || j.tap || '.' || j.stream AS place,
           count(*) || CASE WHEN count(*) = 1 THEN ' record' ELSE ' records' END || ' rejected; line ' || min(j.line)
           || coalesce(': ' || CASE WHEN barometre_internal.sees_values() THEN (pg_catalog.array_agg(j.reason ORDER BY j.line))[1]
                               ELSE barometre_internal.reason_without_values((pg_catalog.array_agg(j.reason ORDER BY j.line))[1]) END, '') AS why,
           'SELECT line, column_name, reason FROM barometre.reject WHERE tap = ' || pg_catalog.quote_literal(j.tap) || ' AND stream = '
           || pg_catalog.quote_literal(j.stream) || ' AND file = ' || pg_catalog.quote_literal(j.file) || ';' AS what_to_do
    FROM barometre.reject j JOIN ended r ON r.id = j.run AND r.is_good
    JOIN barometre.file f ON f.tap = j.tap AND (f.stream = j.stream OR (f.stream = '*' AND f.streams ? j.stream)) AND f.path = j.file AND f.forgotten_at IS NULL
    JOIN barometre_internal.stream x ON x.tap = j.tap AND x.name = j.stream
    WHERE NOT EXISTS (SELECT FROM barometre_internal.left_out l WHERE l.tap = j.tap AND l.stream = f.stream AND l.path = j.file AND l.run = j.run)
    GROUP BY j.tap, j.stream, j.file
), warned AS ( -- what was told of each thing when it was done last; what its input lacks is told there
    SELECT l.at, l.run, l.what, l.place, barometre_internal.warned(l.warnings) AS why,
           coalesce(CASE WHEN barometre_internal.sees_values() THEN l.warnings -> 0 ->> 'hint' END, 'SELECT warnings FROM barometre.step WHERE run = ' || l.run || ' AND name = ' || pg_catalog.quote_literal(l.name) || ';') AS what_to_do
    FROM told l JOIN last_step d ON d.kind = l.kind AND d.name = l.name AND d.at = l.at
    WHERE (l.status = 'skipped' AND l.why LIKE '% was not built') IS NOT TRUE
      AND CASE l.kind WHEN 'stream' THEN EXISTS (SELECT FROM barometre_internal.stream x WHERE x.tap || '.' || x.name = l.name)
                      WHEN 'seed' THEN EXISTS (SELECT FROM barometre_internal.seed x WHERE x.name = l.name)
                      ELSE EXISTS (SELECT FROM barometre_internal.model x WHERE x.name = l.name) END
), weak_test AS MATERIALIZED (
    SELECT DISTINCT ON (t.target, t.test) r.at, r.id AS run, r.kind || ' ' || r.name AS what, t.target, t.test, t.status, t.failures, t.message
    FROM ended r JOIN barometre.test_result t ON t.run = r.id
    WHERE r.is_good AND t.status IN ('skip', 'warn') ORDER BY t.target, t.test, r.at DESC
), tested AS (
    SELECT t.target, t.test, max(r.at) AS at FROM ended r JOIN barometre.test_result t ON t.run = r.id
    WHERE r.is_good AND (t.target, t.test) IN (SELECT l.target, l.test FROM weak_test l) GROUP BY t.target, t.test
), last_test AS ( -- of those, what had no other result since
    SELECT l.at, l.run, l.what, l.target || ' ' || l.test AS name, l.status, l.failures, l.message, coalesce(x.unit, ' failing row') AS unit
    FROM weak_test l JOIN tested d ON d.target = l.target AND d.test = l.test AND d.at = l.at
    LEFT JOIN declared x ON x.target = l.target AND x.name = l.test
    WHERE EXISTS (SELECT FROM barometre_internal.test y WHERE y.target = l.target)
), weak AS ( -- tests that were skipped, by what they would read, and those of severity warn
    SELECT max(l.at) AS at, l.run, l.what, 'test ' || min(l.name) || CASE WHEN count(*) > 1 THEN ' and ' || count(*) - 1 || ' more' ELSE '' END AS place,
           count(*) || CASE WHEN count(*) = 1 THEN ' test was skipped: ' ELSE ' tests were skipped: ' END || l.message AS why,
           'Load or build what is missing, or correct its name.' AS what_to_do
    FROM last_test l WHERE l.status = 'skip' GROUP BY l.run, l.what, l.message
    UNION ALL
    SELECT l.at, l.run, l.what, 'test ' || l.name, l.failures || l.unit || CASE WHEN l.failures = 1 THEN '' ELSE 's' END,
           'SELECT target, sample FROM barometre.test_result WHERE run = ' || l.run || ' AND status = ''warn'';'
    FROM last_test l WHERE l.status = 'warn'
), late AS (
    SELECT coalesce(f.newest + f.expected, f.measured_at) AS at, f.run, 'data' AS what, f.kind || ' ' || f.stream AS place,
           coalesce('the newest data is ' || f.age || ' old', 'there are no data') || ', and ' || f.expected || ' are expected' AS why,
           CASE f.kind WHEN 'stream' THEN 'See whether files arrive in "' || f.path || '", and whether baro_run is called.'
                ELSE 'See whether who writes it still does, then: SELECT * FROM baro_test(' || pg_catalog.quote_literal('source:' || f.stream) || ');' END AS what_to_do, f.status
    FROM barometre_internal.data_age f
    WHERE f.status IN ('late', 'stale')
), unmeasured AS (
    SELECT f.measured_at AS at, f.run, 'data' AS what, 'source ' || f.stream AS place, 'how new the data is can''t be measured' || CASE WHEN barometre_internal.sees_values() THEN ': ' || f.error ELSE '' END AS why,
           'Correct it in ' || f.definition || ', or make the table, then: SELECT * FROM baro_test(' || pg_catalog.quote_literal('source:' || f.stream) || ');' AS what_to_do
    FROM barometre_internal.data_age f
    WHERE f.error IS NOT NULL
), missed AS (
    SELECT m.due AS at, NULL::bigint AS run, 'job ' || m.job AS what, NULL AS place, 'pg_cron did not start it when it was due' AS why,
           'SELECT j.jobname, d.start_time, d.status, d.return_message FROM cron.job j LEFT JOIN cron.job_run_details d USING (jobid) '
           'WHERE j.jobname LIKE ''barometre %'' ORDER BY d.runid DESC LIMIT 20;  says what pg_cron tried. "connection failed": '
           'doc/jobs.md, "The schedule". No entry of the job: SELECT * FROM baro_schedule();  Then: CALL baro_job('
           || pg_catalog.quote_literal(m.job) || ');' AS what_to_do
    FROM barometre_internal.missed_run m
)
SELECT pg_catalog.date_trunc('second', a.at) AS at, a.run, a.what, a.place, a.why, a.what_to_do, a.severity
FROM (SELECT *, 'error' AS severity FROM (SELECT * FROM cause UNION ALL SELECT * FROM left_out UNION ALL SELECT * FROM missed
                                      UNION ALL SELECT l.at, l.run, l.what, l.place, l.why, l.what_to_do FROM late l WHERE l.status = 'stale') AS e
      UNION ALL SELECT *, 'warning' FROM (SELECT * FROM warned UNION ALL SELECT * FROM rejected UNION ALL SELECT * FROM weak UNION ALL SELECT * FROM unmeasured
                                        UNION ALL SELECT l.at, l.run, l.what, l.place, l.why, l.what_to_do FROM late l WHERE l.status = 'late') AS w) AS a;
COMMENT ON COLUMN barometre_internal.failure.place IS 'The stream, source, model, seed, test or file; NULL: the call as a whole';
COMMENT ON COLUMN barometre_internal.failure.severity IS 'error, or warning: the call succeeded, and told it, rejected some records, or data are beyond warn_after';

CREATE OR REPLACE VIEW barometre.failures AS
SELECT barometre_internal.clock(f.at, z.timezone) AS at, f.run, barometre_internal.fold(pg_catalog.concat_ws(E'\n', f.what, f.place), 22) AS what,
       barometre_internal.fold(CASE f.severity WHEN 'warning' THEN 'WARNING: ' ELSE '' END || f.why || E'\nHINT: ' || f.what_to_do, 46) AS why
FROM barometre_internal.failure f, barometre_internal.zone z
ORDER BY f.at DESC, f.run DESC, f.place;
COMMENT ON COLUMN barometre.failures.run IS 'The run in barometre.run, which has the whole error; NULL: a stream whose data is late, or a job that did not run';
COMMENT ON COLUMN barometre.failures.what IS 'The call, and below it the stream, source, model, seed, test or file';
COMMENT ON COLUMN barometre.failures.why IS 'What is wrong, or WARNING: what was told by a call that succeeded; HINT: the next move, or a query that shows more';

CREATE VIEW barometre.row_counts AS
SELECT barometre_internal.fold(coalesce(m.schema || '.' || m.relation, d.schema || '.' || d.relation, s.name), 36) AS relation, s.run, s.rows,
       s.inserted AS added, s.deleted AS removed, s.rejected, barometre_internal.clock(r.finished_at, z.timezone) AS at
FROM barometre.step s
JOIN barometre.run r ON r.id = s.run AND r.status = 'succeeded'
CROSS JOIN barometre_internal.zone z
LEFT JOIN barometre_internal.model m ON s.kind IN ('model', 'snapshot') AND m.name = s.name
LEFT JOIN barometre_internal.seed d ON s.kind = 'seed' AND d.name = s.name
WHERE s.status = 'succeeded' AND s.rows IS NOT NULL
ORDER BY s.run DESC, s.number;
COMMENT ON VIEW barometre.row_counts IS 'How many rows each table had after each run that published something of it, the last one first';
COMMENT ON COLUMN barometre.row_counts.relation IS 'The table of a stream, seed, model or snapshot, in lines that fit';
COMMENT ON COLUMN barometre.row_counts.run IS 'The run, as in barometre.run';
COMMENT ON COLUMN barometre.row_counts.rows IS 'How many it had then';
COMMENT ON COLUMN barometre.row_counts.added IS 'Rows that this run added';
COMMENT ON COLUMN barometre.row_counts.removed IS 'Rows that it removed';
COMMENT ON COLUMN barometre.row_counts.rejected IS 'Records that it set aside';
COMMENT ON COLUMN barometre.row_counts.at IS 'When the run ended, by the project''s clock';

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

CREATE OR REPLACE VIEW barometre.status AS
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
COMMENT ON COLUMN barometre.status.warnings IS 'How many its last run was told; they are in barometre.failures and barometre.step';

COMMENT ON FUNCTION @extschema@.baro_ls(text) IS
'The streams, seeds and models of the selection in dependency order, whether each is new, stale, current or blocked, and why; where it asks for tests, also those, with their last result';
COMMENT ON FUNCTION @extschema@.baro_compile(text) IS
'The SQL of a model, snapshot or test (table.column.test), as it would run, and what makes the table of a seed';

CREATE FUNCTION @extschema@.baro_show(query text, max_rows int DEFAULT 20) RETURNS TABLE (content jsonb)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_show';
COMMENT ON FUNCTION @extschema@.baro_show(text, int) IS
'The first rows of a query with templates, or of what has that name: a model by its SQL, a seed, a stream (tap.stream), a test; nothing is written';

CREATE FUNCTION @extschema@.baro_forget(tap text, stream text, file text, dry_run boolean DEFAULT true)
RETURNS TABLE (relation text, rows bigint, note text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_forget';
COMMENT ON FUNCTION @extschema@.baro_forget(text, text, text, boolean) IS
'What becomes of the rows of a loaded file when it is forgotten: its table is then what all other files give; with dry_run => false they go';

CREATE FUNCTION @extschema@.baro_diff(model text, samples int DEFAULT 10)
RETURNS TABLE (change text, key text, column_name text, published text, built text, rows bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_diff';
COMMENT ON FUNCTION @extschema@.baro_diff(text, int) IS
'What a build of a model, snapshot or seed would change of what is published: columns, and rows that go, come and change, with examples; all is rolled back';

CREATE OR REPLACE FUNCTION @extschema@.baro_help()
RETURNS TABLE (want text, call text, example text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    VALUES ('load the new files of all taps', 'baro_run', 'SELECT * FROM baro_run();'),
           ('load one tap', 'baro_run', 'SELECT * FROM baro_run(''tap'');'),
           ('load one stream', 'baro_run', 'SELECT * FROM baro_run(''tap.stream'');'),
           ('make tables what the files are', 'baro_run', E'SELECT * FROM baro_run(''tap'',\n    full_refresh => true);'),
           ('load all but what fails', 'baro_run', E'SELECT * FROM baro_run(''tap'',\n    on_failure => ''skip'');'),
           ('see what a load would do', 'baro_check', 'SELECT * FROM baro_check(''tap'');'),
           ('see the first records', 'baro_preview', 'SELECT * FROM baro_preview(''tap.stream'');'),
           ('take back what a file brought', 'baro_forget', E'SELECT * FROM baro_forget(\n    ''tap'', ''stream'', ''in/file.csv'');'),
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
           ('test models on made-up rows', 'baro_test', E'SELECT * FROM baro_test(\n    ''test_type:unit'');'),
           ('test the data by pg_prove', 'baro_test_tap', 'SELECT * FROM baro_test_tap();'),
           ('run a job now', 'baro_job', 'CALL baro_job(''job'');'),
           ('go on at the step that failed', 'baro_job', E'CALL baro_job(''job'',\n    from_failed => true);'),
           ('let jobs run by themselves', 'baro_schedule', 'SELECT * FROM baro_schedule();'),
           ('let no job run by itself', 'baro_unschedule', 'SELECT * FROM baro_unschedule();'),
           ('see how the jobs are', 'barometre.status', 'SELECT * FROM barometre.status;'),
           ('see what is wrong, what to do', 'barometre.failures', 'SELECT * FROM barometre.failures;'),
           ('have it all as a page', 'baro_page', 'SELECT baro_page();'),
           ('make a page of one''s own', 'baro_page_data', 'SELECT baro_page_data();'),
           ('ask for monitoring', 'baro_health', 'SELECT * FROM baro_health();'),
           ('see what the last run did', 'barometre.report', 'SELECT * FROM barometre.report;'),
           ('see what ran', 'barometre.history', 'SELECT * FROM barometre.history LIMIT 20;'),
           ('see how many rows tables had', 'barometre.row_counts', E'SELECT * FROM barometre.row_counts\n    LIMIT 20;'),
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
SELECT pg_extension_config_dump('barometre_internal.problem', '');
SELECT pg_extension_config_dump('barometre_internal.described', '');
COMMENT ON COLUMN barometre_internal.model_edge.input IS 'What is read: a model, a seed, tap.stream or source.table';
COMMENT ON COLUMN barometre_internal.model_edge.kind IS 'What is read is a model, snapshot, seed, stream or source';

-- What of the project can't be used, until its files are mended.
CREATE VIEW barometre.problems AS
SELECT barometre_internal.fold(p.file, 20) AS file, p.line, barometre_internal.fold(p.name, 14) AS name,
       barometre_internal.fold(p.message || coalesce(E'\n' || p.detail, ''), 32) AS message, barometre_internal.fold(p.hint, 18) AS hint
FROM barometre_internal.problem p
ORDER BY p.file, p.line, p.name;
COMMENT ON VIEW barometre.problems IS 'What could not be read of the project when it was read last';
COMMENT ON COLUMN barometre.problems.file IS 'Where it is wrong, below the project''s folder';
COMMENT ON COLUMN barometre.problems.line IS 'The line; NULL: it is of the whole file';
COMMENT ON COLUMN barometre.problems.name IS 'What can''t be used because of it';
COMMENT ON COLUMN barometre.problems.message IS 'What is wrong';
COMMENT ON COLUMN barometre.problems.hint IS 'The next move';

DROP FUNCTION @extschema@.baro_load_project(text);
CREATE FUNCTION @extschema@.baro_load_project(path text DEFAULT NULL)
RETURNS TABLE (kind text, name text, change text, place text, detail text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_load_project';
COMMENT ON FUNCTION @extschema@.baro_load_project(text) IS
'Reads the project in a folder and makes it the one of this database; says what was added, changed and removed, what is ignored, and what is refused';

CREATE FUNCTION @extschema@.baro_stamp_sources()
RETURNS TABLE (relation text, change text)
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_stamp_sources';
COMMENT ON FUNCTION @extschema@.baro_stamp_sources() IS
'Lets changes of the sources be seen that the caller owns, by the trigger baro_stamp on each; one row a source';
REVOKE ALL ON FUNCTION @extschema@.baro_stamp_sources() FROM PUBLIC;

-- By which a model that reads barometre.lineage is stale when something was loaded, and not at each call.
CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON barometre.file EXECUTE FUNCTION @extschema@.baro_stamp();

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

COMMENT ON FUNCTION @extschema@.baro_grant() IS
'Gives the roles of the project what they need: the loader all the work, the readers the models, the observers views without values; one row a grant';

CREATE INDEX step_trouble ON barometre.step (run) WHERE status = 'failed' OR warnings IS NOT NULL;
CREATE INDEX step_work ON barometre.step (run) WHERE status NOT IN ('unchanged', 'pass');
CREATE INDEX test_result_trouble ON barometre.test_result (run) WHERE status <> 'pass';

-- The page, and its data (doc/page.md), which page_data() in 79_pagedata.sql puts together of what the functions of 75 to 79 make. They run as the
-- extension's owner, so each filters by the roles it is given; all are STABLE, so that one statement sees one snapshot.

CREATE FUNCTION @extschema@.baro_page(lang text DEFAULT 'en', audience text DEFAULT NULL, samples boolean DEFAULT false) RETURNS text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_page';
COMMENT ON FUNCTION @extschema@.baro_page(text, text, boolean) IS
'The state, lineage and history of the project''s data as one HTML file, in ''en'' or ''fr'', as a role may see it; values only with samples';

CREATE FUNCTION @extschema@.baro_page_data(lang text DEFAULT 'en', audience text DEFAULT NULL, samples boolean DEFAULT false) RETURNS jsonb
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'barometre_page_data';
COMMENT ON FUNCTION @extschema@.baro_page_data(text, text, boolean) IS 'What baro_page() shows, for a page of one''s own: doc/page.md';

CREATE FUNCTION barometre_internal.page_time(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN pg_catalog.isfinite(at) THEN pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') END;
COMMENT ON FUNCTION barometre_internal.page_time(timestamptz) IS 'A time as the page''s data have it: ISO 8601, to the second; NULL: none, or infinite';

CREATE FUNCTION barometre_internal.page_day(day date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN day BETWEEN '0001-01-01' AND '9999-12-31' THEN pg_catalog.to_char(day, 'YYYY-MM-DD') END;
COMMENT ON FUNCTION barometre_internal.page_day(date) IS 'A day as the page''s data have it; NULL: none, or none that a calendar shows';

CREATE FUNCTION barometre_internal.page_seconds(seconds numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.trim_scale(pg_catalog.round(seconds, 3));
COMMENT ON FUNCTION barometre_internal.page_seconds(numeric) IS 'Seconds as the page''s data have them: to the millisecond, in as few digits as that takes';

CREATE FUNCTION barometre_internal.page_sees(audience oid) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN pg_catalog.has_table_privilege(audience, 'barometre.run'::regclass, 'SELECT') THEN 'all'
            WHEN pg_catalog.has_table_privilege(audience, 'barometre.failures'::regclass, 'SELECT') THEN 'names'
            ELSE 'relations' END;
COMMENT ON FUNCTION barometre_internal.page_sees(oid) IS
'What a page for a role holds: all; names: no values of the data; relations: only what it may SELECT, and nothing of runs and failures';

CREATE VIEW barometre_internal.page_node AS
SELECT n.kind, n.name, n.kind || '.' || n.name AS id, n.schema, n.relation, n.materialized, n.description, n.tags, n.definition, n.columns, n.key,
       c.oid, c.relnamespace AS place, c.relkind, c.reltuples, coalesce(c.relrowsecurity, false) OR (n.kind = 'source' AND NOT pg_catalog.has_table_privilege(o.owner, c.oid, 'SELECT')) IS TRUE AS guarded, b.hashed
FROM (SELECT 'stream' AS kind, s.tap || '.' || s.name AS name, s.tap AS schema, s.name AS relation, NULL AS materialized, s.description,
             NULL::text[] AS tags, s.definition, s.columns, s.key_properties AS key
      FROM barometre_internal.stream s
      UNION ALL
      SELECT 'seed', s.name, coalesce(s.schema, p.schema), coalesce(s.relation, s.name), NULL, s.description, s.tags, NULL, s.columns, NULL
      FROM barometre_internal.seed s, barometre_internal.project p
      UNION ALL
      SELECT CASE m.materialized WHEN 'snapshot' THEN 'snapshot' ELSE 'model' END, m.name, m.schema, m.relation, m.materialized, m.description,
             m.tags, m.file, m.columns, NULL
      FROM barometre_internal.model m
      UNION ALL
      SELECT 'source', s.name, s.schema, s.relation, NULL, s.description, NULL, s.definition, s.columns, NULL
      FROM barometre_internal.source s) AS n
CROSS JOIN (SELECT pg_catalog.max(j.owner::oid) AS owner FROM barometre_internal.project j) AS o
LEFT JOIN (SELECT r.oid, r.relname, r.relnamespace, s.nspname, r.relkind, r.reltuples, r.relrowsecurity
           FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace s ON s.oid = r.relnamespace
           WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f')) AS c
    ON c.nspname = n.schema AND c.relname = n.relation AND n.materialized IS DISTINCT FROM 'ephemeral'
LEFT JOIN barometre.bookmark b ON n.kind = 'stream' AND b.tap = n.schema AND b.stream = n.relation;
COMMENT ON VIEW barometre_internal.page_node IS 'The streams, seeds, models, snapshots and sources of the project, and the relation of each';
COMMENT ON COLUMN barometre_internal.page_node.kind IS 'stream, seed, model, snapshot or source';
COMMENT ON COLUMN barometre_internal.page_node.name IS 'As steps of runs have it: tap.stream, source.table, else its own';
COMMENT ON COLUMN barometre_internal.page_node.id IS 'Kind and name: kind.name';
COMMENT ON COLUMN barometre_internal.page_node.schema IS 'Of its table or view';
COMMENT ON COLUMN barometre_internal.page_node.relation IS 'What its table or view is called';
COMMENT ON COLUMN barometre_internal.page_node.materialized IS 'As in barometre_internal.model; NULL: it is no model';
COMMENT ON COLUMN barometre_internal.page_node.description IS 'What the project says of it';
COMMENT ON COLUMN barometre_internal.page_node.tags IS 'By which selections find it; NULL: it can''t have any';
COMMENT ON COLUMN barometre_internal.page_node.definition IS 'Where the project declares it; NULL: not known, as of seeds';
COMMENT ON COLUMN barometre_internal.page_node.columns IS 'What the project says of its columns, by name';
COMMENT ON COLUMN barometre_internal.page_node.key IS 'Of a stream, the columns of its key';
COMMENT ON COLUMN barometre_internal.page_node.oid IS 'The relation; NULL: there is none';
COMMENT ON COLUMN barometre_internal.page_node.place IS 'The schema of that, as pg_namespace numbers it';
COMMENT ON COLUMN barometre_internal.page_node.relkind IS 'As in pg_class';
COMMENT ON COLUMN barometre_internal.page_node.reltuples IS 'As in pg_class';
COMMENT ON COLUMN barometre_internal.page_node.guarded IS 'Whether row security is on, or the project''s owner may not read it: then its counts are of rows that not everybody may know of';
COMMENT ON COLUMN barometre_internal.page_node.hashed IS 'Of a stream, as in barometre.bookmark';

CREATE FUNCTION barometre_internal.page_seen(audience oid, caller oid)
RETURNS TABLE (index integer, kind text, name text, id text, schema text, relation text, materialized text, description text, tags text[],
               definition text, columns jsonb, key text[], oid oid, relkind "char", reltuples real, guarded boolean, hashed text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (pg_catalog.row_number() OVER (ORDER BY n.kind, n.name COLLATE "C") - 1)::int, n.kind, n.name, n.id, n.schema, n.relation, n.materialized,
           n.description, n.tags, n.definition, n.columns, n.key, n.oid, n.relkind, n.reltuples, n.guarded, n.hashed
    FROM barometre_internal.page_node n
    WHERE (SELECT barometre_internal.page_sees(audience)) <> 'relations'
       OR (pg_catalog.has_table_privilege(audience, n.oid, 'SELECT') AND pg_catalog.has_schema_privilege(audience, n.place, 'USAGE')
           AND pg_catalog.has_table_privilege(caller, n.oid, 'SELECT') AND pg_catalog.has_schema_privilege(caller, n.place, 'USAGE'));
END;
COMMENT ON FUNCTION barometre_internal.page_seen(oid, oid) IS 'What a page for a role, asked for by another one, shows of page_node; index: the place of each in the page''s nodes';

-- Sizes are asked of the server under a lock, and the page waits for nobody.
CREATE VIEW barometre_internal.page_busy AS
SELECT DISTINCT coalesce(i.indrelid, l.relation) AS oid
FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = l.relation
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database());
COMMENT ON VIEW barometre_internal.page_busy IS 'Tables that another session has, or waits to have, for itself alone';
COMMENT ON COLUMN barometre_internal.page_busy.oid IS 'The table';

-- By the statistics that ANALYZE keeps, of which nothing but days is shown. Columns that tell when a row was loaded say nothing of what it is about.
CREATE FUNCTION barometre_internal.page_columns(audience oid, caller oid)
RETURNS TABLE (index integer, number integer, name text, type text, not_null boolean, is_key boolean, is_hashed boolean, comment text, nulls numeric,
               "distinct" bigint, first_day date, last_day date, is_period boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH seen AS MATERIALIZED (
        SELECT * FROM barometre_internal.page_seen(audience, caller)
    ), col AS MATERIALIZED (
        SELECT n.index, n.schema, n.relation, n.key, n.reltuples, n.guarded, a.attrelid, a.attnum, a.attname::text AS name, a.atttypid, a.atttypmod, a.attnotnull,
               coalesce(pg_catalog.strpos(', ' || n.hashed || ', ', ', ' || pg_catalog.quote_ident(a.attname) || ', ') > 0, false) AS hashed
        FROM seen n JOIN pg_catalog.pg_attribute a ON a.attrelid = n.oid AND a.attnum > 0 AND NOT a.attisdropped
    ), stat AS MATERIALIZED (
        SELECT DISTINCT ON (p.schemaname, p.tablename, p.attname) p.schemaname::text AS schema, p.tablename::text AS relation, p.attname::text AS name, p.null_frac,
               p.n_distinct, c.atttypid AS type, CASE WHEN c.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN p.most_common_vals::text::text[] END
               || CASE WHEN b.bounds <> '{}' THEN ARRAY[b.bounds[1], b.bounds[pg_catalog.cardinality(b.bounds)]] END AS days
        FROM pg_catalog.pg_stats p JOIN col c ON c.schema = p.schemaname::text AND c.relation = p.tablename::text AND c.name = p.attname::text AND NOT c.guarded AND NOT c.hashed
        LEFT JOIN LATERAL (SELECT p.histogram_bounds::text::text[] AS bounds) AS b ON c.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
        WHERE p.schemaname = ANY (ARRAY(SELECT DISTINCT n.schema::name FROM seen n))
        ORDER BY p.schemaname, p.tablename, p.attname, p.inherited DESC
    ), period AS MATERIALIZED (
        SELECT v.schema, v.relation, v.name, min(v.day) AS first_day, max(v.day) AS last_day
        FROM (SELECT s.schema, s.relation, s.name, CASE s.type WHEN 'date'::regtype THEN u.value::date WHEN 'timestamp'::regtype THEN u.value::timestamp::date
                                                               WHEN 'timestamptz'::regtype THEN (u.value::timestamptz AT TIME ZONE z.timezone)::date END AS day
              FROM stat s, pg_catalog.unnest(s.days) AS u (value), barometre_internal.zone z) AS v
        WHERE pg_catalog.isfinite(v.day) GROUP BY v.schema, v.relation, v.name
    ), primary_key AS MATERIALIZED (
        SELECT i.indrelid, k.attnum FROM pg_catalog.pg_index i, pg_catalog.unnest(i.indkey) AS k (attnum) WHERE i.indisprimary AND i.indrelid IN (SELECT n.oid FROM seen n)
    )
    SELECT c.index, c.attnum::int, c.name, pg_catalog.format_type(c.atttypid, c.atttypmod), c.attnotnull, coalesce(c.name = ANY (c.key), false) OR k.attnum IS NOT NULL,
           c.hashed, pg_catalog.col_description(c.attrelid, c.attnum), pg_catalog.round(s.null_frac::numeric, 4),
           CASE WHEN s.n_distinct < 0 AND c.reltuples >= 0 THEN pg_catalog.round((- s.n_distinct * c.reltuples)::numeric)::bigint
                WHEN s.n_distinct > 0 THEN pg_catalog.round(s.n_distinct::numeric)::bigint END,
           d.first_day, d.last_day, NOT pg_catalog.starts_with(c.name, '_') AND NOT pg_catalog.starts_with(c.name, 'dbt_')
    FROM col c
    LEFT JOIN stat s ON s.schema = c.schema AND s.relation = c.relation AND s.name = c.name
    LEFT JOIN period d ON d.schema = c.schema AND d.relation = c.relation AND d.name = c.name
    LEFT JOIN primary_key k ON k.indrelid = c.attrelid AND k.attnum = c.attnum;
END;
COMMENT ON FUNCTION barometre_internal.page_columns(oid, oid) IS
'The columns of what a page shows, and what the server''s statistics say of them; is_period: days that its rows are about, as far as its name tells';

-- What became of each node: the steps of runs. Of steps that found a node unchanged, which are most of them, only those of the last runs of
-- each call are looked at.
CREATE VIEW barometre_internal.page_step AS
WITH ended AS MATERIALIZED (
    SELECT r.id, r.kind, r.name, r.status, a.at, (a.at AT TIME ZONE z.timezone)::date AS day
    FROM barometre.run r, barometre_internal.zone z, LATERAL (SELECT coalesce(r.finished_at, r.started_at) AS at) AS a WHERE r.status <> 'running'
), latest AS (
    SELECT max(e.id) AS id FROM ended e GROUP BY e.kind, e.name
    UNION
    SELECT max(e.id) FROM ended e WHERE e.status = 'succeeded' GROUP BY e.kind, e.name
)
SELECT s.kind, s.name, s.run, s.number, e.at, e.day, s.status, s.status IN ('succeeded', 'unchanged') AS is_good,
       s.status <> 'unchanged' AND NOT (s.kind = 'stream' AND s.status = 'succeeded' AND s.read = 0) AS is_work, s.why, s.seconds, s.records, s.inserted,
       s.updated, s.deleted, s.rejected, CASE WHEN e.status = 'succeeded' AND s.status = 'succeeded' THEN s.rows END AS rows, s.sqlstate, s.message
FROM (SELECT a.run, a.number, a.kind, a.name, a.status, a.why, a.read, a.records, a.inserted, a.updated, a.deleted, a.rejected, a.seconds, a.sqlstate, a.message, a.rows
      FROM barometre.step a WHERE a.status NOT IN ('unchanged', 'pass')
      UNION ALL
      SELECT a.run, a.number, a.kind, a.name, a.status, a.why, a.read, a.records, a.inserted, a.updated, a.deleted, a.rejected, a.seconds, a.sqlstate, a.message, a.rows
      FROM barometre.step a WHERE a.status = 'unchanged' AND a.run = ANY (ARRAY(SELECT l.id FROM latest l))) AS s
JOIN ended e ON e.id = s.run
WHERE s.kind IN ('stream', 'seed', 'model', 'snapshot');
COMMENT ON VIEW barometre_internal.page_step IS 'The steps that did something of a node, and the last ones of each';
COMMENT ON COLUMN barometre_internal.page_step.kind IS 'As in barometre.step, of nodes alone';
COMMENT ON COLUMN barometre_internal.page_step.name IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.run IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.number IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.at IS 'When its run ended';
COMMENT ON COLUMN barometre_internal.page_step.day IS 'The day of that, by the project''s clock';
COMMENT ON COLUMN barometre_internal.page_step.status IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.is_good IS 'Whether its node was well then';
COMMENT ON COLUMN barometre_internal.page_step.is_work IS 'Whether there was something to do';
COMMENT ON COLUMN barometre_internal.page_step.why IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.seconds IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.records IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.inserted IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.updated IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.deleted IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.rejected IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.rows IS 'As in barometre.step, of what was published';
COMMENT ON COLUMN barometre_internal.page_step.sqlstate IS 'As in barometre.step';
COMMENT ON COLUMN barometre_internal.page_step.message IS 'As in barometre.step';

-- Of what it groups the planner thinks that there is one row, and would group it anew for each node.
CREATE FUNCTION barometre_internal.page_doings(audience oid, caller oid, today date)
RETURNS TABLE (index integer, status text, since timestamptz, loaded_at timestamptz, rows bigint, last json, history json, rows_from date, rows_by_day json)
LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
    WITH level AS MATERIALIZED (
        SELECT barometre_internal.page_sees(audience) <> 'relations' AS is_told
    ), step AS MATERIALIZED (
        SELECT n.index, n.guarded, s.*, pg_catalog.row_number() OVER w AS back, sum(s.is_work::int) OVER (w ROWS UNBOUNDED PRECEDING) AS work_back
        FROM barometre_internal.page_step s JOIN barometre_internal.page_seen(audience, caller) n ON n.kind = s.kind AND n.name = s.name
        WINDOW w AS (PARTITION BY n.index ORDER BY s.at DESC, s.run DESC, s.number DESC)
    ), turn AS (
        SELECT s.index, max(s.at) FILTER (WHERE s.is_good) AS good_at, max(s.at) FILTER (WHERE NOT s.is_good) AS bad_at FROM step s GROUP BY s.index
    ), node AS (
        SELECT s.index, count(*) FILTER (WHERE s.is_work) AS works, max(s.at) FILTER (WHERE s.status = 'succeeded' AND s.is_work) AS loaded_at,
               min(s.at) FILTER (WHERE s.is_good AND (s.at <= t.bad_at) IS NOT TRUE) AS good_since, min(s.at) FILTER (WHERE NOT s.is_good AND (s.at <= t.good_at) IS NOT TRUE) AS bad_since,
               pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds::float8) FILTER (WHERE s.is_good AND s.is_work AND s.work_back <= 10) AS usual,
               pg_catalog.json_agg(pg_catalog.json_build_object(
                   'run', s.run, 'at', barometre_internal.page_time(s.at), 'status', s.status, 'seconds', barometre_internal.page_seconds(s.seconds), 'records', s.records,
                   'inserted', nullif(s.inserted, 0), 'updated', nullif(s.updated, 0), 'deleted', nullif(s.deleted, 0), 'rejected', nullif(s.rejected, 0))
                   ORDER BY s.work_back) FILTER (WHERE s.is_work AND s.work_back <= 10) AS history
        FROM step s JOIN turn t ON t.index = s.index GROUP BY s.index
    ), daily AS (
        SELECT s.index, s.day, (max(ARRAY[s.run, s.rows]))[2] AS rows FROM step s WHERE s.rows IS NOT NULL AND s.day > today - 90 GROUP BY s.index, s.day
    ), by_day AS (
        SELECT g.index, min(g.day) AS rows_from, (pg_catalog.array_agg(g.rows ORDER BY g.day DESC))[1] AS rows,
               ('[' || pg_catalog.string_agg(g.rows || pg_catalog.repeat(',null', g.days - 1), ',' ORDER BY g.day) || ']')::json AS rows_by_day
        FROM (SELECT d.*, coalesce(pg_catalog.lead(d.day) OVER (PARTITION BY d.index ORDER BY d.day), today + 1) - d.day AS days FROM daily d) AS g
        GROUP BY g.index
    )
    SELECT n.index, s.status, CASE WHEN s.is_good THEN n.good_since ELSE n.bad_since END, n.loaded_at, b.rows,
           pg_catalog.json_build_object(
               'run', CASE WHEN v.is_told THEN s.run END, 'status', s.status, 'at', barometre_internal.page_time(s.at),
               'seconds', barometre_internal.page_seconds(s.seconds), 'usual', CASE WHEN n.works > 1 THEN barometre_internal.page_seconds(n.usual::numeric) END,
               'why', CASE WHEN v.is_told THEN s.why END, 'message', CASE WHEN v.is_told THEN barometre_internal.told(s.message, s.sqlstate) END,
               'records', CASE WHEN NOT s.guarded THEN s.records END, 'inserted', CASE WHEN NOT s.guarded THEN nullif(s.inserted, 0) END, 'updated', CASE WHEN NOT s.guarded THEN nullif(s.updated, 0) END,
               'deleted', CASE WHEN NOT s.guarded THEN nullif(s.deleted, 0) END, 'rejected', CASE WHEN NOT s.guarded THEN nullif(s.rejected, 0) END),
           CASE WHEN v.is_told AND NOT s.guarded AND (n.works > 1 OR NOT s.is_work) THEN n.history END, b.rows_from, b.rows_by_day
    FROM node n CROSS JOIN level v
    JOIN step s ON s.index = n.index AND s.back = 1
    LEFT JOIN by_day b ON b.index = n.index;
END;
COMMENT ON FUNCTION barometre_internal.page_doings(oid, oid, date) IS 'What became of each node: its last step, what it did lately, since when it is well or not, and its rows by day';

CREATE FUNCTION barometre_internal.page_files(shown boolean) RETURNS TABLE (name text, files jsonb, rejects jsonb) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH refused AS MATERIALIZED (
        SELECT j.tap, j.stream, j.file, j.sqlstate, j.column_name, count(*) AS records, max(j.id) AS id FROM barometre.reject j
        GROUP BY j.tap, j.stream, j.file, j.sqlstate, j.column_name
    ), loaded AS (
        SELECT f.tap, coalesce(k.key, f.stream) AS stream, f.path, coalesce((k.value ->> 'records')::bigint, f.records) AS records, f.size, f.loaded_at, f.run, f.forgotten_at
        FROM barometre.file f LEFT JOIN LATERAL pg_catalog.jsonb_each(f.streams) AS k ON f.stream = '*'
        WHERE f.stream <> '*' OR k.key IS NOT NULL
    ), file AS (
        SELECT l.*, r.rejected, pg_catalog.row_number() OVER (PARTITION BY l.tap, l.stream ORDER BY l.loaded_at DESC, l.path DESC) AS back
        FROM loaded l
        LEFT JOIN (SELECT j.tap, j.stream, j.file, sum(j.records)::bigint AS rejected FROM refused j GROUP BY j.tap, j.stream, j.file) AS r
            ON r.tap = l.tap AND r.stream = l.stream AND r.file = l.path AND l.forgotten_at IS NULL
    ), line AS ( -- a file a line: the last ones, and those that wait to be corrected
        SELECT f.tap, f.stream, f.loaded_at AS at, f.path, pg_catalog.jsonb_build_object(
                   'path', f.path, 'records', f.records, 'bytes', f.size, 'rejected', f.rejected, 'at', barometre_internal.page_time(f.loaded_at), 'run', f.run,
                   'state', CASE WHEN f.forgotten_at IS NULL THEN 'loaded' ELSE 'forgotten' END) AS file
        FROM file f WHERE f.back <= 20
        UNION ALL
        SELECT s.tap, s.name, l.since, l.path, pg_catalog.jsonb_build_object(
                   'path', l.path, 'at', barometre_internal.page_time(l.since), 'run', l.run, 'state', 'left out', 'why', barometre_internal.told(l.message, l.sqlstate))
        FROM (SELECT *, pg_catalog.row_number() OVER (PARTITION BY o.tap, o.stream ORDER BY o.since DESC, o.path) AS back FROM barometre_internal.left_out o WHERE o.is_there) AS l
        JOIN barometre_internal.stream s ON s.tap = l.tap AND l.stream IN (s.name, '*')
        WHERE l.back <= 100
    ), total AS (
        SELECT f.tap, f.stream, count(*) FILTER (WHERE f.forgotten_at IS NULL) AS files, sum(f.records) FILTER (WHERE f.forgotten_at IS NULL) AS records,
               sum(f.size) FILTER (WHERE f.forgotten_at IS NULL) AS bytes, sum(f.rejected) AS rejected
        FROM file f GROUP BY f.tap, f.stream
    ), cause AS (
        SELECT r.tap, r.stream, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                   'sqlstate', r.sqlstate, 'column', r.column_name, 'records', r.records, 'files', r.files, 'file', j.file, 'line', j.line,
                   'reason', CASE WHEN shown THEN j.reason ELSE barometre_internal.reason_without_values(j.reason) END)) AS cause, r.records,
               pg_catalog.row_number() OVER (PARTITION BY r.tap, r.stream ORDER BY r.records DESC, r.id DESC) AS place
        FROM (SELECT f.tap, f.stream, f.sqlstate, f.column_name, sum(f.records)::bigint AS records, count(*) AS files, max(f.id) AS id
              FROM refused f GROUP BY f.tap, f.stream, f.sqlstate, f.column_name) AS r
        JOIN barometre.reject j ON j.id = r.id
    )
    SELECT s.tap || '.' || s.name,
           pg_catalog.jsonb_build_object('count', coalesce(t.files, 0), 'records', coalesce(t.records, 0), 'bytes', coalesce(t.bytes, 0), 'rejected', coalesce(t.rejected, 0),
                                         'last', l.lines), c.causes
    FROM barometre_internal.stream s
    LEFT JOIN total t ON t.tap = s.tap AND t.stream = s.name
    LEFT JOIN (SELECT i.tap, i.stream, pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(i.file) ORDER BY i.at DESC, i.path DESC) AS lines
               FROM line i GROUP BY i.tap, i.stream) AS l ON l.tap = s.tap AND l.stream = s.name
    LEFT JOIN (SELECT u.tap, u.stream, pg_catalog.jsonb_agg(u.cause ORDER BY u.place) FILTER (WHERE u.place <= 20) AS causes
               FROM cause u GROUP BY u.tap, u.stream) AS c ON c.tap = s.tap AND c.stream = s.name
    WHERE l.lines IS NOT NULL OR c.causes IS NOT NULL;
END;
COMMENT ON FUNCTION barometre_internal.page_files(boolean) IS 'Of each stream the files that were loaded last and that are left out, and rejects by what was wrong; with reasons, which may have values, or without';

-- Each node meets one row of each of a dozen sets, all of which the planner takes for small: by loops a thousand streams would take seconds.
CREATE FUNCTION barometre_internal.page_nodes(audience oid, caller oid, shown boolean, texts jsonb, today date) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
    WITH level AS MATERIALIZED (
        SELECT barometre_internal.page_sees(audience) AS sees
    ), seen AS MATERIALIZED (
        SELECT * FROM barometre_internal.page_seen(audience, caller)
    ), columns AS MATERIALIZED (
        SELECT * FROM barometre_internal.page_columns(audience, caller)
    ), period AS MATERIALIZED ( -- the one whose days come nearest to today: others, such as days of birth, say nothing of what is covered
        SELECT DISTINCT ON (c.index) c.index, c.number, c.name, barometre_internal.page_day(c.first_day) AS first_day, barometre_internal.page_day(c.last_day) AS last_day
        FROM columns c WHERE c.is_period AND c.last_day IS NOT NULL ORDER BY c.index, c.last_day > today, c.last_day DESC, c.first_day, c.number
    ), unseen AS MATERIALIZED ( -- what a reader may know nothing of, and how SQL names it
        SELECT DISTINCT w.word FROM (
            SELECT n.name FROM barometre_internal.page_node n WHERE n.id NOT IN (SELECT i.id FROM seen i)
            UNION ALL SELECT n.relation FROM barometre_internal.page_node n WHERE n.id NOT IN (SELECT i.id FROM seen i)
            UNION ALL
            SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND s.nspname !~ '^(pg_|information_schema$|barometre(_internal)?$)'
              AND (pg_catalog.has_table_privilege(audience, c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(audience, s.oid, 'USAGE')
                   AND pg_catalog.has_table_privilege(caller, c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(caller, s.oid, 'USAGE')) IS NOT TRUE) AS o (name)
        CROSS JOIN LATERAL (SELECT pg_catalog.lower(pg_catalog.regexp_replace(o.name, '^.*\.', '')) AS word) AS w
        WHERE (SELECT l.sees FROM level l) = 'relations'
    ), closed AS MATERIALIZED ( -- a reader reads the SQL that names nothing else than it may read
        SELECT DISTINCT e.model AS name FROM barometre_internal.model_edge e
        WHERE (SELECT l.sees FROM level l) = 'relations' AND NOT EXISTS (SELECT FROM seen i WHERE i.id = e.kind || '.' || e.input)
        UNION
        SELECT n.name FROM seen n CROSS JOIN LATERAL (SELECT pg_catalog.lower(pg_catalog.concat_ws(' ', texts -> n.id ->> 'written', texts -> n.id ->> 'compiled')) AS text) AS t
        WHERE (SELECT l.sees FROM level l) = 'relations'
          AND (EXISTS (SELECT FROM pg_catalog.regexp_matches(t.text, '[[:alnum:]_$]+', 'g') AS m (words) WHERE m.words[1] IN (SELECT u.word FROM unseen u))
               OR EXISTS (SELECT FROM unseen u WHERE u.word ~ '[^[:alnum:]_$]' AND pg_catalog.strpos(t.text, u.word) > 0))
    ), listed AS (
        SELECT c.index, pg_catalog.json_agg(pg_catalog.json_build_object(
                   'name', c.name, 'type', c.type, 'description', coalesce(n.columns ->> c.name, c.comment), 'not_null', CASE WHEN c.not_null THEN true END,
                   'key', CASE WHEN c.is_key THEN true END, 'hashed', CASE WHEN c.is_hashed THEN true END, 'nulls', nullif(pg_catalog.trim_scale(c.nulls), 0), 'distinct', c."distinct",
                   'from', p.first_day, 'to', p.last_day) ORDER BY c.number) AS columns
        FROM columns c JOIN seen n ON n.index = c.index LEFT JOIN period p ON p.index = c.index AND p.number = c.number GROUP BY c.index
    ), size AS (
        SELECT n.index, CASE WHEN n.relkind = 'p' THEN (SELECT sum(pg_catalog.pg_total_relation_size(t.relid)) FROM pg_catalog.pg_partition_tree(n.oid) AS t)
                             ELSE pg_catalog.pg_total_relation_size(n.oid) END AS bytes
        FROM seen n WHERE n.relkind IN ('r', 'p', 'm') AND NOT n.guarded AND n.oid <> ALL (ARRAY(SELECT b.oid FROM barometre_internal.page_busy b))
    )
    SELECT coalesce(pg_catalog.json_strip_nulls(pg_catalog.json_agg(pg_catalog.json_build_object(
        'id', n.id, 'kind', n.kind, 'name', n.name, 'schema', n.schema, 'relation', n.relation, 'exists', n.oid IS NOT NULL, 'materialized', n.materialized,
        'description', nullif(n.description, ''), 'tags', nullif(pg_catalog.to_jsonb(n.tags), '[]'), 'definition', n.definition,
        'status', coalesce(d.status, CASE WHEN n.kind <> 'source' THEN 'never' END), 'since', nullif(barometre_internal.page_time(d.since), d.last ->> 'at'),
        'last', d.last,
        'loaded_at', barometre_internal.page_time(coalesce(d.loaded_at, o.updated_at, b.built)), 'freshness', f.freshness,
        'rows', CASE WHEN NOT n.guarded THEN CASE n.kind WHEN 'stream' THEN coalesce(o.rows, d.rows) WHEN 'source' THEN CASE WHEN n.relkind IN ('r', 'p', 'm') AND n.reltuples >= 0 THEN n.reltuples::bigint END
                                                         ELSE coalesce(b.rows, d.rows) END END,
        'rows_by_day', CASE WHEN NOT n.guarded AND d.rows_from IS NOT NULL
                            THEN pg_catalog.json_build_object('from', barometre_internal.page_day(d.rows_from), 'rows', d.rows_by_day) END,
        'bytes', z.bytes, 'period', CASE WHEN p.index IS NOT NULL THEN pg_catalog.json_build_object('column', p.name, 'from', p.first_day, 'to', p.last_day) END,
        'columns', coalesce(l.columns, (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', k.key, 'description', k.value) ORDER BY k.key)
                                        FROM pg_catalog.jsonb_each_text(n.columns) AS k), '[]'),
        'written', t.texts ->> 'written', 'compiled', t.texts -> 'compiled',
        'lookup', CASE WHEN n.oid IS NOT NULL AND n.kind = 'stream' AND v.sees <> 'relations'
                       THEN pg_catalog.format(E'SELECT f.path, t._baro_line, t.*\nFROM %I.%I AS t JOIN barometre.%s AS f ON %s = t._baro_file\nLIMIT 20;', n.schema, n.relation,
                                              CASE v.sees WHEN 'all' THEN 'file' ELSE 'lineage' END, CASE v.sees WHEN 'all' THEN 'f.id' ELSE 'f._baro_file' END) END,
        'history', d.history, 'files', i.files, 'rejects', i.rejects) ORDER BY n.index)), '[]')
    FROM seen n CROSS JOIN level v
    CROSS JOIN LATERAL (SELECT CASE WHEN n.name NOT IN (SELECT x.name FROM closed x) THEN texts -> n.id END AS texts) AS t
    LEFT JOIN barometre_internal.page_doings(audience, caller, today) AS d ON d.index = n.index
    LEFT JOIN barometre.bookmark o ON n.kind = 'stream' AND o.tap = n.schema AND o.stream = n.relation
    LEFT JOIN barometre_internal.build b ON b.name = n.name AND b.kind = CASE n.kind WHEN 'snapshot' THEN 'model' ELSE n.kind END AND n.kind <> 'stream'
    LEFT JOIN listed l ON l.index = n.index
    LEFT JOIN period p ON p.index = n.index
    LEFT JOIN size z ON z.index = n.index
    LEFT JOIN (SELECT * FROM barometre_internal.page_files(shown) WHERE barometre_internal.page_sees(audience) <> 'relations') AS i ON n.kind = 'stream' AND i.name = n.name
    LEFT JOIN (SELECT a.kind, a.stream, pg_catalog.jsonb_build_object('status', a.status, 'newest', barometre_internal.page_time(a.newest), 'age', a.age, 'expected', a.expected::text,
                          'since', CASE WHEN a.status IN ('late', 'stale') THEN barometre_internal.page_time(coalesce(a.newest + a.expected, a.measured_at)) END) AS freshness
               FROM barometre_internal.data_age a WHERE a.expected IS NOT NULL) AS f ON f.kind = n.kind AND f.stream = n.name;
END;
COMMENT ON FUNCTION barometre_internal.page_nodes(oid, oid, boolean, jsonb, date) IS 'The page''s nodes: all that is known of each, as far as the roles may know it';

CREATE FUNCTION barometre_internal.page_edges(audience oid, caller oid) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH seen AS MATERIALIZED (SELECT s.index, s.kind, s.name, s.id FROM barometre_internal.page_seen(audience, caller) s)
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(i.index, o.index) ORDER BY i.index, o.index), '[]')
    FROM barometre_internal.model_edge e
    JOIN seen o ON o.name = e.model AND o.kind IN ('model', 'snapshot')
    JOIN seen i ON i.id = e.kind || '.' || e.input;
END;
COMMENT ON FUNCTION barometre_internal.page_edges(oid, oid) IS 'The page''s edges: pairs of places in its nodes, of which the second reads the first';

-- What was tested, and what ran.

-- A test is of what its target begins with: model.column is of the model. The longest name that fits is meant.
CREATE FUNCTION barometre_internal.page_targets(audience oid, caller oid)
RETURNS TABLE (target text, index integer, "column" text) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH seen AS MATERIALIZED (SELECT s.index, s.id FROM barometre_internal.page_seen(audience, caller) s)
    SELECT f.target, s.index, f."column"
    FROM (SELECT DISTINCT ON (t.target) t.target, n.id, nullif(pg_catalog.substr(t.target, pg_catalog.length(n.name) + 2), '') AS "column" -- seen or not
          FROM (SELECT DISTINCT x.target FROM barometre_internal.test x WHERE x.test <> 'singular') AS t
          CROSS JOIN LATERAL (SELECT pg_catalog.split_part(t.target, '.', 1) AS one, pg_catalog.split_part(t.target, '.', 2) AS two) AS p
          CROSS JOIN LATERAL pg_catalog.unnest(ARRAY[t.target, p.one || '.' || p.two, p.one]) AS c (name)
          JOIN (SELECT a.name, a.id FROM barometre_internal.page_node a) AS n ON n.name = c.name
          ORDER BY t.target, pg_catalog.length(n.name) DESC, n.id) AS f
    JOIN seen s ON s.id = f.id;
END;
COMMENT ON FUNCTION barometre_internal.page_targets(oid, oid) IS 'Which of the page''s nodes, and which of its columns, each test is of';

CREATE FUNCTION barometre_internal.page_hides("column" text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM barometre.bookmark b WHERE pg_catalog.strpos(', ' || b.hashed || ', ', ', ' || pg_catalog.quote_ident("column") || ', ') > 0);
COMMENT ON FUNCTION barometre_internal.page_hides(text) IS 'Whether a stream has a hashed column of that name, which models may have taken over';

CREATE FUNCTION barometre_internal.page_sample(sample jsonb, "column" text) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT pg_catalog.jsonb_agg(r.one - coalesce((SELECT pg_catalog.array_agg(k.name) FROM pg_catalog.jsonb_object_keys(r.one) AS k (name) WHERE barometre_internal.page_hides(k.name)), '{}')
                                    ORDER BY r.place)
        FROM pg_catalog.jsonb_array_elements(sample) WITH ORDINALITY AS r (one, place)
        WHERE pg_catalog.jsonb_typeof(r.one) = 'object' AND ("column" IS NULL OR NOT barometre_internal.page_hides("column")));
COMMENT ON FUNCTION barometre_internal.page_sample(jsonb, text) IS 'Failing rows of a test, without hashed columns; NULL: the test is of one';

-- Without nested loops, as page_doings().
CREATE FUNCTION barometre_internal.page_tests(audience oid, caller oid, shown boolean, texts jsonb, today date) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE SET enable_nestloop = off
BEGIN ATOMIC
    WITH level AS MATERIALIZED (
        SELECT barometre_internal.page_sees(audience) AS sees
    ), declared AS MATERIALIZED (
        SELECT pg_catalog.row_number() OVER () AS number, x.*
        FROM (SELECT DISTINCT ON (t.target COLLATE "C", t.name COLLATE "C") t.* FROM barometre_internal.test t ORDER BY t.target COLLATE "C", t.name COLLATE "C", t.severity, t.definition) AS x
    ), ended AS MATERIALIZED ( -- its day, and that as one bit of ninety
        SELECT r.id, d.day, CASE WHEN d.day > today - 90 AND d.day <= today THEN pg_catalog.set_bit(0::bit(90), d.day - (today - 89), 1) ELSE 0::bit(90) END AS bits
        FROM barometre.run r, barometre_internal.zone z, LATERAL (SELECT (coalesce(r.finished_at, r.started_at) AT TIME ZONE z.timezone)::date AS day) AS d
    ), history AS MATERIALIZED ( -- the lower its mark, the worse
        SELECT x.number, min(m.mark) AS worst, max(t.run) AS run, min(t.tested_at) AS first_at, pg_catalog.bit_or(e.bits)::text AS bits
        FROM barometre.test_result t JOIN declared x ON x.target = t.target AND x.name = t.test JOIN ended e ON e.id = t.run
        CROSS JOIN LATERAL (SELECT pg_catalog.strpos('efwsp', pg_catalog.left(t.status, 1)) AS mark) AS m
        GROUP BY x.number
    ), mixed AS MATERIALIZED ( -- of those that did not always pass, which are few, each result is looked at
        SELECT h.number, e.day, t.status, pg_catalog.strpos('efwsp', pg_catalog.left(t.status, 1)) AS mark, t.tested_at AS at,
               pg_catalog.first_value(t.status) OVER (PARTITION BY h.number ORDER BY t.run DESC, t.tested_at DESC) AS last_status
        FROM history h JOIN declared x ON x.number = h.number JOIN barometre.test_result t ON t.target = x.target AND t.test = x.name JOIN ended e ON e.id = t.run
        WHERE h.worst < 5
    ), since AS (
        SELECT b.number, min(b.at) FILTER (WHERE b.status = b.last_status AND (b.at <= b.other_at) IS NOT TRUE) AS at
        FROM (SELECT a.*, max(a.at) FILTER (WHERE a.status <> a.last_status) OVER (PARTITION BY a.number) AS other_at FROM mixed a) AS b
        GROUP BY b.number
    ), letters AS (
        SELECT g.number, pg_catalog.string_agg(pg_catalog.substr('efwsp', g.mark, 1) || pg_catalog.repeat('-', g.days - 1), '' ORDER BY g.day) AS letters
        FROM (SELECT d.*, coalesce(pg_catalog.lead(d.day) OVER (PARTITION BY d.number ORDER BY d.day), today + 1) - d.day AS days
              FROM (SELECT a.number, a.day, min(a.mark) AS mark FROM mixed a WHERE a.day > today - 90 AND a.day <= today GROUP BY a.number, a.day) AS d) AS g
        GROUP BY g.number
    ), done AS (
        SELECT DISTINCT ON (h.number) h.number, t.* FROM barometre.test_result t
        JOIN declared x ON x.target = t.target AND x.name = t.test JOIN history h ON h.number = x.number AND h.run = t.run
        WHERE t.run = ANY (ARRAY(SELECT DISTINCT o.run FROM history o)) ORDER BY h.number, t.tested_at DESC
    )
    SELECT coalesce(pg_catalog.json_agg(CASE WHEN a.rows IS NULL THEN o.object ELSE (o.object::jsonb || pg_catalog.jsonb_build_object('sample', a.rows))::json END -- whose NULLs stay
                                        ORDER BY d.number), '[]')
    FROM declared d CROSS JOIN level v
    LEFT JOIN barometre_internal.page_targets(audience, caller) n ON n.target = d.target
    LEFT JOIN since s ON s.number = d.number
    LEFT JOIN history h ON h.number = d.number
    LEFT JOIN letters e ON e.number = d.number
    LEFT JOIN done r ON r.number = d.number
    LEFT JOIN LATERAL (SELECT CASE WHEN shown THEN barometre_internal.page_sample(r.sample, n."column") END AS rows) AS a ON true
    CROSS JOIN LATERAL (SELECT pg_catalog.strpos(h.bits, '1') AS place) AS p
    CROSS JOIN LATERAL (SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
        'node', n.index, 'target', d.target, 'column', n."column", 'name', d.name, 'test', d.test, 'severity', d.severity, 'definition', d.definition,
        'sql', CASE WHEN v.sees <> 'relations' THEN texts #>> ARRAY['test.' || d.target || ' ' || d.name, 'sql'] END, -- it may name what a reader does not see
        'arguments', CASE WHEN shown THEN nullif(d.arguments || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('where', d.config -> 'where')), '{}') END,
        'status', r.status, 'failures', nullif(r.failures, 0), 'at', barometre_internal.page_time(r.tested_at), 'seconds', barometre_internal.page_seconds(r.seconds),
        'run', CASE WHEN v.sees <> 'relations' THEN r.run END, 'since', nullif(barometre_internal.page_time(coalesce(s.at, h.first_at)), barometre_internal.page_time(r.tested_at)),
        'message', CASE WHEN v.sees <> 'relations' THEN barometre_internal.told(r.message, NULL) END,
        'history', CASE WHEN p.place > 0 THEN pg_catalog.json_build_object('from', barometre_internal.page_day(today - 90 + p.place),
                       'days', coalesce(e.letters, pg_catalog.translate(pg_catalog.substr(h.bits, p.place), '01', '-p'))) END)) AS object) AS o
    WHERE v.sees <> 'relations' OR n.index IS NOT NULL;
END;
COMMENT ON FUNCTION barometre_internal.page_tests(oid, oid, boolean, jsonb, date) IS 'The page''s tests: what each is, its last result, and a letter a day; arguments and failing rows only if values are to be shown';

CREATE FUNCTION barometre_internal.page_runs(audience oid, caller oid) RETURNS jsonb LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    WITH run AS MATERIALIZED (
        SELECT r.* FROM barometre_internal.run_state r WHERE r.kind <> 'page' ORDER BY r.id DESC LIMIT 30
    ), seen AS MATERIALIZED (
        SELECT s.index, s.id FROM barometre_internal.page_seen(audience, caller) s
    ), target AS MATERIALIZED (
        SELECT x.target || ' ' || x.name AS name, min(t.index) AS index FROM barometre_internal.test x
        JOIN barometre_internal.page_targets(audience, caller) t ON t.target = x.target GROUP BY 1
    ), step AS ( -- those that found nothing to do, and tests that passed, are counted alone
        SELECT s.run, count(*) FILTER (WHERE s.status = 'unchanged') AS unchanged, count(*) FILTER (WHERE s.status = 'pass') AS passed,
               pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                   'kind', s.kind, 'name', barometre_internal.step_name(s.kind, s.name), 'node', coalesce(n.index, t.index), 'status', s.status, 'why', s.why, 'seconds', barometre_internal.page_seconds(s.seconds),
                   'records', s.records, 'inserted', nullif(s.inserted, 0), 'updated', nullif(s.updated, 0), 'deleted', nullif(s.deleted, 0), 'rejected', nullif(s.rejected, 0),
                   'message', barometre_internal.told(s.message, s.sqlstate), 'warnings', nullif(pg_catalog.jsonb_array_length(s.warnings), 0))) ORDER BY s.number)
                   FILTER (WHERE s.status NOT IN ('unchanged', 'pass')) AS steps
        FROM barometre.step s
        LEFT JOIN seen n ON n.id = s.kind || '.' || s.name
        LEFT JOIN target t ON s.kind = 'test' AND t.name = s.name
        WHERE s.run = ANY (ARRAY(SELECT r.id FROM run r)) GROUP BY s.run
    )
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'id', r.id, 'kind', r.kind, 'name', r.name, 'role', r.role, 'status', r.status, 'started', barometre_internal.page_time(r.started_at),
        'seconds', barometre_internal.page_seconds(extract(epoch FROM r.finished_at - r.started_at)), 'usual', barometre_internal.page_seconds(u.seconds),
        'scheduled_for', barometre_internal.page_time(r.scheduled_for), 'message', r.message, 'detail', r.detail, 'hint', r.hint,
        'unchanged', nullif(s.unchanged, 0), 'passed', nullif(s.passed, 0), 'steps', coalesce(s.steps, '[]'))) ORDER BY r.id DESC), '[]')
    FROM run r
    LEFT JOIN step s ON s.run = r.id
    LEFT JOIN barometre.usual_duration u ON u.kind = r.kind AND u.name = r.name;
END;
COMMENT ON FUNCTION barometre_internal.page_runs(oid, oid) IS 'The page''s runs: the last 30, with the steps that did something';

CREATE FUNCTION barometre_internal.page_days(today date) RETURNS jsonb LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('day', barometre_internal.page_day(g.day), 'kind', g.kind, 'name', g.name, 'runs', g.runs,
                                                                       'failed', g.failed, 'seconds', barometre_internal.page_seconds(g.seconds))
                                         ORDER BY g.day DESC, g.kind, g.name COLLATE "C"), '[]')
    FROM (SELECT d.day, r.kind, r.name, count(*) AS runs, count(*) FILTER (WHERE r.status IN ('failed', 'interrupted')) AS failed,
                 coalesce(sum(extract(epoch FROM r.finished_at - r.started_at)), 0) AS seconds
          FROM barometre_internal.run_state r, barometre_internal.zone z, LATERAL (SELECT (r.started_at AT TIME ZONE z.timezone)::date AS day) AS d
          WHERE d.day > today - 90 AND r.kind <> 'page' AND r.id NOT IN (SELECT l.id FROM barometre.run l WHERE l.kind <> 'page' ORDER BY l.id DESC LIMIT 30)
          GROUP BY d.day, r.kind, r.name) AS g;
END;
COMMENT ON FUNCTION barometre_internal.page_days(date) IS 'The page''s days: of the runs of 90 days that are not in its runs, a line a day and what was called';

CREATE FUNCTION barometre_internal.page_jobs(shown boolean, made_at timestamptz) RETURNS jsonb LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'name', j.name, 'description', j.definition ->> 'description', 'interval', j.every, 'timezone', j.zone,
        'state', j.state,
        'steps', (SELECT pg_catalog.jsonb_agg(CASE WHEN w.word = 'sql' AND NOT shown THEN 'sql' ELSE pg_catalog.concat_ws(' ', w.word, s.step ->> w.word) END ORDER BY s.place)
                  FROM pg_catalog.jsonb_array_elements(j.definition -> 'steps') WITH ORDINALITY AS s (step, place)
                  CROSS JOIN LATERAL (SELECT coalesce((SELECT k.word FROM pg_catalog.unnest('{run,seed,transform,test,sql}'::text[]) AS k (word) WHERE s.step ? k.word), '?') AS word) AS w),
        'after', j.definition ->> 'after',
        'last', CASE WHEN r.id IS NOT NULL THEN pg_catalog.jsonb_build_object(
                    'run', r.id, 'status', r.status, 'started', barometre_internal.page_time(r.started_at),
                    'seconds', barometre_internal.page_seconds(extract(epoch FROM r.finished_at - r.started_at)), 'message', r.message,
                    'warnings', (SELECT nullif(sum(pg_catalog.jsonb_array_length(s.warnings)), 0) FROM barometre.step s WHERE s.run = r.id)) END,
        'usual', barometre_internal.page_seconds(u.seconds),
        'next', CASE j.state WHEN 'scheduled' THEN barometre_internal.page_time(barometre_internal.next_due(j.every, j.zone, j.enabled, j.first_day, made_at)) END,
        'missed', barometre_internal.page_time(m.due))) ORDER BY j.name COLLATE "C"), '[]')
    FROM barometre_internal.job_state j
    LEFT JOIN LATERAL (SELECT s.* FROM barometre_internal.run_state s WHERE s.kind = 'job' AND s.name = j.name ORDER BY s.id DESC LIMIT 1) AS r ON true
    LEFT JOIN barometre_internal.missed_run m ON m.job = j.name
    LEFT JOIN barometre.usual_duration u ON u.kind = 'job' AND u.name = j.name;
END;
COMMENT ON FUNCTION barometre_internal.page_jobs(boolean, timestamptz) IS 'The page''s jobs: when each ran last and is due next; the SQL of steps only if values are to be shown';

-- What is wrong, and the one sentence that says how the data are.

-- A place of failures names a node: "model m", "test m.c unique", "file f of stream t.s".
CREATE FUNCTION barometre_internal.page_failures(audience oid, caller oid) RETURNS jsonb LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    WITH place AS MATERIALIZED (
        SELECT p.name, min(p.index) AS index
        FROM (SELECT s.kind || ' ' || s.name AS name, s.index FROM barometre_internal.page_seen(audience, caller) s
              UNION ALL
              SELECT 'test ' || x.target || ' ' || x.name, t.index FROM barometre_internal.test x
              JOIN barometre_internal.page_targets(audience, caller) t ON t.target = x.target) AS p
        GROUP BY p.name
    ), failed AS MATERIALIZED ( -- with the name of its place, once: there may be thousands
        SELECT f.*, coalesce(pg_catalog.substring(f.place, '^file .* of (stream .*)$'), f.place) AS of FROM barometre_internal.failure f
    )
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'severity', f.severity, 'what', f.what, 'place', f.place, 'node', p.index,
        'why', f.why, 'what_to_do', f.what_to_do, 'at', barometre_internal.page_time(f.at), 'run', f.run))
        ORDER BY f.severity = 'warning', f.at DESC, f.run DESC, f.place), '[]')
    FROM failed f LEFT JOIN place p ON p.name = f.of;
END;
COMMENT ON FUNCTION barometre_internal.page_failures(oid, oid) IS 'The page''s failures: what barometre.failures has, errors first';

CREATE FUNCTION barometre_internal.page_problems(audience oid, caller oid) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH seen AS MATERIALIZED (SELECT s.index, s.id FROM barometre_internal.page_seen(audience, caller) s)
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'kind', p.kind, 'name', p.name, 'node', s.index, 'file', p.file, 'line', p.line, 'message', p.message, 'detail', p.detail, 'hint', p.hint))
        ORDER BY p.file, p.line, p.name), '[]')
    FROM barometre_internal.problem p LEFT JOIN seen s ON s.id = p.kind || '.' || p.name;
END;
COMMENT ON FUNCTION barometre_internal.page_problems(oid, oid) IS 'The page''s problems: what barometre.problems has';

CREATE FUNCTION barometre_internal.page_date(day date, lang text, today date, weekday boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.concat_ws(' ',
    CASE WHEN weekday THEN ((CASE lang WHEN 'fr' THEN '{lundi,mardi,mercredi,jeudi,vendredi,samedi,dimanche}'
                                       ELSE '{Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday}' END)::text[])[extract(isodow FROM day)] END,
    extract(day FROM day) || CASE WHEN lang = 'fr' AND extract(day FROM day) = 1 THEN 'er' ELSE '' END,
    ((CASE lang WHEN 'fr' THEN '{janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre}'
                ELSE '{January,February,March,April,May,June,July,August,September,October,November,December}' END)::text[])[extract(month FROM day)],
    CASE WHEN NOT weekday OR extract(year FROM day) <> extract(year FROM today) THEN extract(year FROM day) END);
COMMENT ON FUNCTION barometre_internal.page_date(date, text, date, boolean) IS 'A day for people, with its weekday, and then with its year only if it is another one than today''s; or without';

CREATE FUNCTION barometre_internal.page_count(n bigint, one text, many text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN n = 1 THEN one WHEN n > 1 THEN pg_catalog.replace(many, '#', n::text) END;
COMMENT ON FUNCTION barometre_internal.page_count(bigint, text, text) IS 'A number of things in words, # being the number; NULL: there are none';

-- Of what the page shows and of nothing else; but that all is well is said only if it is, seen or not.
CREATE FUNCTION barometre_internal.page_state(lang text, nodes jsonb, tests json, failures jsonb, sees text, made_at timestamptz, zone text)
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH node AS MATERIALIZED (
        SELECT n.value ->> 'kind' AS kind, n.value ->> 'status' AS status, n.value ? 'loaded_at' AS is_loaded, n.value -> 'columns' AS columns,
               n.value #>> '{freshness,status}' AS fresh, (n.value #>> '{freshness,since}')::timestamptz AS late_since,
               n.value #>> '{period,column}' AS period_column, n.value #>> '{freshness,newest}' AS newest
        FROM pg_catalog.jsonb_array_elements(nodes) AS n
    ), failure AS MATERIALIZED (
        SELECT f.value ->> 'severity' AS severity, f.value ->> 'what' AS what, pg_catalog.split_part(f.value ->> 'place', ' ', 1) AS kind, (f.value ->> 'at')::timestamptz AS at
        FROM pg_catalog.jsonb_array_elements(failures) AS f
        WHERE sees <> 'relations'
        UNION ALL -- a reader knows what it can see: age, and how its relations and their tests are
        SELECT CASE n.fresh WHEN 'stale' THEN 'error' ELSE 'warning' END, 'data', n.kind, n.late_since FROM node n WHERE sees = 'relations' AND n.fresh IN ('late', 'stale')
        UNION ALL
        SELECT 'error', '', n.kind, NULL FROM node n WHERE sees = 'relations' AND n.status IN ('failed', 'interrupted')
        UNION ALL
        SELECT CASE WHEN t.value ->> 'status' = 'warn' THEN 'warning' ELSE 'error' END, '', 'test', (t.value ->> 'at')::timestamptz
        FROM pg_catalog.json_array_elements(tests) AS t WHERE sees = 'relations' AND (t.value ->> 'status' IN ('warn', 'fail') OR (t.value ->> 'status' = 'error' AND t.value ->> 'severity' = 'error'))
    ), figures AS ( -- what models publish; of a project without any, what was loaded
        SELECT max(c.day) FILTER (WHERE c.kind = 'model') AS of_models, max(c.day) AS of_all
        FROM (SELECT n.kind, (c.value ->> 'to')::date AS day
              FROM node n, pg_catalog.jsonb_array_elements(n.columns) AS c
              WHERE n.kind IN ('model', 'stream') AND c.value ? 'to' AND NOT pg_catalog.starts_with(c.value ->> 'name', '_') AND NOT pg_catalog.starts_with(c.value ->> 'name', 'dbt_')
              UNION ALL
              SELECT 'stream', (b.newest_value AT TIME ZONE zone)::date FROM barometre.bookmark b WHERE sees <> 'relations' AND b.newest_value IS NOT NULL AND pg_catalog.isfinite(b.newest_value)) AS c
        WHERE c.day <= (made_at AT TIME ZONE zone)::date
    ), count AS (
        SELECT (SELECT count(*) FROM node n WHERE n.fresh IN ('late', 'stale')) AS late, (SELECT (min(n.late_since) AT TIME ZONE zone)::date FROM node n) AS late_since,
               EXISTS (SELECT FROM node n WHERE n.is_loaded) AS is_loaded, count(*) FILTER (WHERE f.severity = 'error') AS errors, count(*) FILTER (WHERE f.severity = 'warning') AS warnings,
               count(*) FILTER (WHERE f.severity = 'error' AND f.kind IN ('model', 'snapshot', 'seed') AND f.what <> 'data') AS tables,
               count(*) FILTER (WHERE f.severity = 'error' AND f.kind IN ('stream', 'tap', 'file') AND f.what <> 'data') AS loads,
               count(*) FILTER (WHERE f.severity = 'error' AND f.kind = 'test') AS tests,
               count(*) FILTER (WHERE f.severity = 'error' AND f.what = 'project') AS unread,
               count(*) FILTER (WHERE f.severity = 'error' AND f.what <> 'project' AND coalesce(f.kind, '') NOT IN ('model', 'snapshot', 'seed', 'stream', 'tap', 'file', 'test', 'source')) AS runs,
               count(*) FILTER (WHERE f.severity = 'warning' AND f.what <> 'data') AS others, count(*) FILTER (WHERE f.what = 'data') AS ages, max(f.at) FILTER (WHERE f.severity = 'error' AND f.what <> 'data') AS last_at
        FROM failure f
    ), state AS ( -- points to look at: also an age that can't be measured
        SELECT c.*, c.others + greatest(c.ages - c.late, 0) AS points, coalesce(g.of_models, g.of_all) AS published_to, EXISTS (SELECT FROM barometre_internal.project) AS has_project,
               sees = 'relations' AND CASE WHEN c.errors + c.warnings = 0 THEN pg_catalog.jsonb_array_length(failures) > 0
                                           ELSE EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(failures) AS f WHERE NOT f.value ? 'node') END AS is_kept_back, (made_at AT TIME ZONE zone)::date AS today,
               coalesce(lang = 'fr', false) AS fr, (c.last_at AT TIME ZONE zone) AS last_time
        FROM count c, figures g
    ), said AS (
        SELECT s.*, CASE WHEN NOT s.is_loaded THEN CASE WHEN s.fr THEN 'rien n''a encore été chargé' ELSE 'nothing was loaded yet' END
                         WHEN s.published_to IS NULL THEN NULL
                         WHEN s.fr THEN 'les chiffres publiés vont jusqu''au ' || barometre_internal.page_date(s.published_to, 'fr', s.today, false)
                         ELSE 'published figures go to ' || barometre_internal.page_date(s.published_to, 'en', s.today, false) END AS figures,
               CASE WHEN s.fr THEN barometre_internal.page_count(s.late, '1 table est plus ancienne que prévu', '# tables sont plus anciennes que prévu') || coalesce(', depuis le ' || barometre_internal.page_date(s.late_since, 'fr', s.today, true), '')
                    ELSE barometre_internal.page_count(s.late, '1 table is older than promised', '# tables are older than promised') || coalesce(', since ' || barometre_internal.page_date(s.late_since, 'en', s.today, true), '') END AS late_words,
               CASE WHEN s.fr THEN pg_catalog.concat_ws(', ', barometre_internal.page_count(s.unread, 'le projet ne peut pas être lu', ''), barometre_internal.page_count(s.loads, '1 chargement a échoué', '# chargements ont échoué'),
                                                        barometre_internal.page_count(s.tables, '1 table n''a pas pu être mise à jour', '# tables n''ont pas pu être mises à jour'),
                                                        barometre_internal.page_count(s.tests, '1 contrôle des données a échoué', '# contrôles des données ont échoué'),
                                                        barometre_internal.page_count(s.runs, '1 traitement a échoué ou n''a pas démarré', '# traitements ont échoué ou n''ont pas démarré'))
                    ELSE pg_catalog.concat_ws(', ', barometre_internal.page_count(s.unread, 'the project can''t be read', ''), barometre_internal.page_count(s.loads, '1 load failed', '# loads failed'),
                                              barometre_internal.page_count(s.tables, '1 table could not be renewed', '# tables could not be renewed'),
                                              barometre_internal.page_count(s.tests, '1 check of the data failed', '# checks of the data failed'),
                                              barometre_internal.page_count(s.runs, '1 run failed or did not start', '# runs failed or did not start')) END
               || CASE WHEN s.last_time IS NULL THEN ''
                       WHEN s.fr THEN ', ' || CASE WHEN s.loads + s.tables + s.tests + s.runs > 1 THEN 'la dernière fois ' ELSE '' END || 'le ' || barometre_internal.page_date(s.last_time::date, 'fr', s.today, true) || ' à ' || pg_catalog.to_char(s.last_time, 'HH24 h MI')
                       ELSE ', ' || CASE WHEN s.loads + s.tables + s.tests + s.runs > 1 THEN 'the last one ' ELSE '' END || 'on ' || barometre_internal.page_date(s.last_time::date, 'en', s.today, true) || ' at ' || pg_catalog.to_char(s.last_time, 'HH24:MI') END AS failed,
               CASE WHEN s.fr THEN barometre_internal.page_count(s.points, '1 point est à vérifier', '# points sont à vérifier')
                    ELSE barometre_internal.page_count(s.points, '1 thing is to be looked at', '# things are to be looked at') END AS warned,
               CASE WHEN s.is_kept_back THEN CASE WHEN s.fr THEN 'quelque chose ne va pas que cette page ne montre pas : les administrateurs le voient' ELSE 'something is wrong that this page does not show: who runs the database sees it' END END AS kept_back
        FROM state s
    ), sentence AS (
        SELECT s.*, CASE WHEN NOT s.has_project THEN CASE WHEN s.fr THEN 'aucun projet n''a encore été lu' ELSE 'no project was read yet' END
                         WHEN s.errors + s.warnings + s.late = 0 AND NOT s.is_kept_back AND s.is_loaded
                             THEN pg_catalog.concat_ws(CASE WHEN s.fr THEN ' : ' ELSE ': ' END, CASE WHEN s.fr THEN 'tout va bien' ELSE 'all is well' END, s.figures)
                         ELSE pg_catalog.concat_ws(CASE WHEN s.fr THEN ' ; ' ELSE '; ' END, s.figures, nullif(s.failed, ''), s.late_words, s.warned, s.kept_back) END AS text
        FROM said s
    )
    SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'code', CASE WHEN NOT s.has_project THEN 3 WHEN s.errors > 0 THEN 2 WHEN s.warnings > 0 OR s.is_kept_back THEN 1 ELSE 0 END,
        'sentence', pg_catalog.upper(pg_catalog.left(s.text, 1)) || pg_catalog.substr(s.text, 2) || '.',
        'published_to', barometre_internal.page_day(s.published_to), 'late', s.late, 'late_since', barometre_internal.page_day(s.late_since),
        'failures', s.errors, 'warnings', s.warnings))
    FROM sentence s;
END;
COMMENT ON FUNCTION barometre_internal.page_state(text, jsonb, json, jsonb, text, timestamptz, text) IS 'The page''s state: a number for machines, and one sentence for whoever answers for the data';

-- What stands around the data in the database, and all of the page's data together.

CREATE FUNCTION barometre_internal.page_server(shown boolean, cron jsonb) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH place AS MATERIALIZED (
        SELECT DISTINCT n.schema FROM barometre_internal.page_node n WHERE n.kind <> 'source'
    ), relation AS MATERIALIZED (
        SELECT c.oid, s.nspname::text AS schema, c.relname::text AS name, c.relkind, c.relispartition, c.reltuples, c.relrowsecurity,
               CASE WHEN c.relkind IN ('r', 'm') AND c.oid <> ALL (ARRAY(SELECT b.oid FROM barometre_internal.page_busy b)) THEN pg_catalog.pg_total_relation_size(c.oid) END AS bytes
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (s.nspname ~ '^barometre(_internal)?$' OR s.nspname IN (SELECT p.schema FROM place p))
          AND NOT pg_catalog.starts_with(c.relname, '_baro_')
    ), size AS (
        SELECT r.schema, count(*) FILTER (WHERE r.relkind IN ('r', 'p', 'm')) AS tables, coalesce(sum(r.bytes), 0) AS bytes FROM relation r GROUP BY r.schema
    ), unowned AS (
        SELECT r.* FROM relation r
        WHERE r.schema IN (SELECT p.schema FROM place p) AND NOT r.relispartition
          AND r.oid NOT IN (SELECT n.oid FROM barometre_internal.page_node n WHERE n.oid IS NOT NULL)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.objsubid = 0 AND d.deptype = 'e')
    )
    SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'version', pg_catalog.current_setting('server_version'), 'database', pg_catalog.current_database(), 'bytes', pg_catalog.pg_database_size(pg_catalog.current_database()),
        'schemas', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', s.schema, 'tables', s.tables, 'bytes', s.bytes) ORDER BY s.bytes DESC, s.schema) FROM size s), '[]'),
        'unowned', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                                 'schema', u.schema, 'name', u.name, 'kind', CASE u.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
                                 'bytes', CASE WHEN NOT u.relrowsecurity THEN coalesce(u.bytes, 0) END,
                                 'rows', CASE WHEN u.reltuples >= 0 AND u.relkind IN ('r', 'p', 'm') AND NOT u.relrowsecurity THEN u.reltuples::bigint END) ORDER BY u.schema, u.name) FROM unowned u), '[]'),
        'cron', CASE WHEN shown THEN cron
                     ELSE cron || (SELECT pg_catalog.jsonb_build_object('entries', coalesce(pg_catalog.jsonb_agg(e.one #- '{last,message}' ORDER BY e.place), '[]'))
                                   FROM pg_catalog.jsonb_array_elements(cron -> 'entries') WITH ORDINALITY AS e (one, place)) END));
END;
COMMENT ON FUNCTION barometre_internal.page_server(boolean, jsonb) IS 'The page''s server: sizes, what no node owns in the project''s schemas, and pg_cron as the caller found it';

-- Its plans look expensive and are not: to compile them would take seconds. What it joins and groups is larger than the planner thinks, and in no order.
CREATE FUNCTION barometre_internal.page_data(lang text, samples boolean, audience oid, caller oid, texts jsonb, cron jsonb, wrong jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off SET enable_mergejoin = off SET work_mem = '64MB' SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'postgres'
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT pg_catalog.clock_timestamp() AS made_at, barometre_internal.page_sees(audience) AS sees, coalesce(samples, false) AS samples, z.timezone AS zone,
               CASE lang WHEN 'fr' THEN 'fr' ELSE 'en' END AS lang, coalesce(texts, '{}') AS texts
        FROM barometre_internal.zone z
    ), viewer AS MATERIALIZED (
        SELECT a.*, a.samples AND a.sees = 'all' AS shown, a.sees <> 'relations' AS is_told, (a.made_at AT TIME ZONE a.zone)::date AS today FROM asked a
    ), part AS MATERIALIZED (
        SELECT v.*, barometre_internal.page_nodes(audience, caller, v.shown, v.texts, v.today) AS nodes, barometre_internal.page_tests(audience, caller, v.shown, v.texts, v.today) AS tests,
               barometre_internal.page_failures(audience, caller) AS failures, CASE WHEN v.is_told THEN barometre_internal.page_jobs(v.shown, v.made_at) ELSE '[]' END AS jobs,
               EXISTS (SELECT FROM barometre_internal.problem) AS has_problems
        FROM viewer v
    )
    SELECT pg_catalog.json_object_agg(s.name, s.value)::jsonb -- once, and what there is not has no key
    FROM part p CROSS JOIN LATERAL (VALUES
        ('format', '1'::json), ('version', (SELECT pg_catalog.to_json(e.extversion) FROM pg_catalog.pg_extension e WHERE e.extname = 'barometre')),
        ('lang', pg_catalog.to_json(p.lang)), ('made_at', pg_catalog.to_json(barometre_internal.page_time(p.made_at))),
        ('valid_until', (SELECT pg_catalog.to_json(min(j.value ->> 'next')) FROM pg_catalog.jsonb_array_elements(p.jobs) AS j)),
        ('audience', pg_catalog.json_build_object('role', (SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = audience), 'sees', p.sees, 'samples', p.shown)),
        ('project', (SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
                                'name', j.name, 'schema', j.schema, 'timezone', j.timezone, 'loaded_at', barometre_internal.page_time(j.loaded_at),
                                'git_commit', CASE WHEN p.is_told THEN (SELECT r.git_commit FROM barometre.run r ORDER BY r.id DESC LIMIT 1) END))
                     FROM barometre_internal.project j)),
        ('state', barometre_internal.page_state(p.lang, p.nodes::jsonb, p.tests, p.failures || CASE WHEN wrong IS NOT NULL THEN '[{"severity": "error", "what": "project"}]'::jsonb
                                                                                                WHEN p.has_problems THEN '[{"severity": "warning", "what": "project"}]' ELSE '[]' END, p.sees, p.made_at, p.zone)::json),
        ('failures', CASE WHEN p.is_told THEN p.failures ELSE '[]' END::json),
        ('problems', CASE WHEN p.is_told THEN coalesce(wrong, '[]') || barometre_internal.page_problems(audience, caller) ELSE '[]' END::json),
        ('jobs', p.jobs::json), ('nodes', p.nodes), ('edges', barometre_internal.page_edges(audience, caller)::json), ('tests', p.tests),
        ('runs', CASE WHEN p.is_told THEN barometre_internal.page_runs(audience, caller) ELSE '[]' END::json),
        ('days', CASE WHEN p.is_told THEN barometre_internal.page_days(p.today) ELSE '[]' END::json),
        ('server', CASE WHEN p.is_told THEN barometre_internal.page_server(p.shown, cron) END::json)) AS s (name, value)
    WHERE s.value IS NOT NULL;
END;
COMMENT ON FUNCTION barometre_internal.page_data(text, boolean, oid, oid, jsonb, jsonb, jsonb) IS
'What the page shows to a role (audience) when another one (caller) asks for it: doc/page.md says what is in it. Of the extension''s C code: who may ask is decided there; texts: SQL of models and tests, masked; cron: what pg_cron has; wrong: why the project can''t be read, as a problem';

-- What a page says without its script: the state, failures and jobs. The script takes its place.

CREATE FUNCTION barometre_internal.page_text("text" text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.replace(pg_catalog.replace(pg_catalog.replace("text", '&', '&amp;'), '<', '&lt;'), '>', '&gt;');
COMMENT ON FUNCTION barometre_internal.page_text(text) IS 'A text between tags of HTML';

CREATE FUNCTION barometre_internal.page_said(at timestamptz, lang text, zone text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT barometre_internal.page_date(l.time::date, lang, l.time::date, true) || CASE lang WHEN 'fr' THEN ' à ' ELSE ' at ' END || pg_catalog.to_char(l.time, 'HH24:MI')
        FROM (SELECT at AT TIME ZONE zone AS time) AS l);
COMMENT ON FUNCTION barometre_internal.page_said(timestamptz, text, text) IS 'A time for people, by the clocks of a time zone; NULL: none';

CREATE FUNCTION barometre_internal.page_html(data jsonb) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH word AS MATERIALIZED (
        SELECT w.*, coalesce(data #>> '{project,timezone}', 'UTC') AS zone, data ->> 'lang' AS lang
        FROM (VALUES ('en', 'Made on', 'valid until', 'times are those of', 'What is wrong', 'What to do:', 'since', 'Jobs', 'job', 'last run', 'began', 'next run',
                      'The project can''t be read as it is', 'This page needs JavaScript for lineage, relations, runs and tests.'),
                     ('fr', 'Établie le', 'valable jusqu''au', 'heures de', 'Ce qui ne va pas', 'À faire :', 'depuis le', 'Tâches', 'tâche', 'dernière exécution', 'commencée', 'prochaine exécution',
                      'Le projet ne peut pas être lu tel qu''il est', 'Cette page a besoin de JavaScript pour la lignée, les relations, les exécutions et les tests.'))
             AS w (of, made, until, clocks, wrong, todo, since, jobs, job, last, began, next, unread, script)
        WHERE w.of = coalesce(data ->> 'lang', 'en')
    ), failure AS (
        SELECT pg_catalog.string_agg('<article class="card ' || CASE f.one ->> 'severity' WHEN 'warning' THEN 'warning' ELSE 'error' END || '"><h3>' || barometre_internal.page_text(f.one ->> 'what')
                   || '</h3>' || coalesce('<p class="place">' || barometre_internal.page_text(f.one ->> 'place') || '</p>', '')
                   || coalesce('<p class="why">' || barometre_internal.page_text(f.one ->> 'why') || '</p>', '')
                   || coalesce('<p class="do">' || w.todo || ' ' || barometre_internal.page_text(f.one ->> 'what_to_do') || '</p>', '')
                   || coalesce('<p class="since">' || w.since || ' ' || barometre_internal.page_said((f.one ->> 'at')::timestamptz, w.lang, w.zone) || '</p>', '') || '</article>', '' ORDER BY f.place) AS cards
        FROM pg_catalog.jsonb_array_elements(data -> 'failures') WITH ORDINALITY AS f (one, place), word w
    ), problem AS (
        SELECT pg_catalog.string_agg('<article class="card error"><h3>' || barometre_internal.page_text(p.one ->> 'message') || '</h3>'
                   || coalesce('<p class="why">' || barometre_internal.page_text(p.one ->> 'detail') || '</p>', '')
                   || coalesce('<p class="do">' || w.todo || ' ' || barometre_internal.page_text(p.one ->> 'hint') || '</p>', '') || '</article>', '' ORDER BY p.place) AS cards
        FROM pg_catalog.jsonb_array_elements(data -> 'problems') WITH ORDINALITY AS p (one, place), word w
    ), job AS (
        SELECT pg_catalog.string_agg('<tr><td>' || barometre_internal.page_text(j.one ->> 'name') || '</td><td>' || coalesce(barometre_internal.page_text(j.one #>> '{last,status}'), '')
                   || '</td><td>' || coalesce(barometre_internal.page_said((j.one #>> '{last,started}')::timestamptz, w.lang, w.zone), '')
                   || '</td><td>' || coalesce(barometre_internal.page_said((j.one ->> 'next')::timestamptz, w.lang, w.zone), barometre_internal.page_text(j.one ->> 'state'), '') || '</td></tr>', '' ORDER BY j.place) AS lines
        FROM pg_catalog.jsonb_array_elements(data -> 'jobs') WITH ORDINALITY AS j (one, place), word w
    )
    SELECT '<header class="state code-' || coalesce(data #>> '{state,code}', '3') || '"><div class="say"><p class="verdict">' || barometre_internal.page_text(coalesce(data #>> '{project,name}', 'barometre'))
           || '</p><h1 class="sentence">' || barometre_internal.page_text(coalesce(data #>> '{state,sentence}', '')) || '</h1><p class="made">'
           || w.made || ' ' || barometre_internal.page_said((data ->> 'made_at')::timestamptz, w.lang, w.zone)
           || coalesce(', ' || w.until || ' ' || barometre_internal.page_said((data ->> 'valid_until')::timestamptz, w.lang, w.zone), '')
           || ' (' || w.clocks || ' ' || barometre_internal.page_text(w.zone) || ')</p></div></header>'
           || coalesce('<section><h2>' || w.wrong || '</h2>' || f.cards || '</section>', '')
           || coalesce('<section><h2>' || w.unread || '</h2>' || p.cards || '</section>', '')
           || coalesce('<section><h2>' || w.jobs || '</h2><div class="table-place"><table><thead><tr><th scope="col">' || w.job || '</th><th scope="col">' || w.last || '</th><th scope="col">' || w.began
                       || '</th><th scope="col">' || w.next || '</th></tr></thead><tbody>' || j.lines || '</tbody></table></div></section>', '')
           || '<noscript><p>' || w.script || '</p></noscript>'
    FROM word w, failure f, problem p, job j;
END;
COMMENT ON FUNCTION barometre_internal.page_html(jsonb) IS 'The state of the page''s data as plain HTML, which is read where there is no script';
