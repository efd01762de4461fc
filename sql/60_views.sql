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

-- What the server says in fixed words around quoted parts. A text that merely looks so has nothing but those words left.
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

CREATE FUNCTION barometre_internal.warned(warnings jsonb, said text DEFAULT NULL) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN NOT barometre_internal.sees_values() THEN pg_catalog.jsonb_array_length(warnings) || ' told, which the loader sees'
            ELSE (SELECT pg_catalog.string_agg(w.one ->> 'message', '; ' ORDER BY w.place) FILTER (WHERE w.place <= 3)
                         || CASE WHEN count(*) > 3 THEN '; and ' || count(*) - 3 || ' more' ELSE '' END
                  FROM pg_catalog.jsonb_array_elements(warnings) WITH ORDINALITY AS w (one, place)
                  WHERE said IS NULL OR pg_catalog.strpos(w.one ->> 'message', said) = 0) END;
COMMENT ON FUNCTION barometre_internal.warned(jsonb, text) IS 'The first messages of what barometre.step keeps of warnings, without those that hold a text that was said already';

CREATE FUNCTION barometre_internal.masked_sql("text" text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'barometre_masked_sql';
COMMENT ON FUNCTION barometre_internal.masked_sql(text) IS 'An SQL text without the values in it: … in the place of what strings hold, and of long numbers';

CREATE FUNCTION barometre_internal.step_name(kind text, name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN kind = 'sql' AND NOT barometre_internal.sees_values() THEN barometre_internal.masked_sql(name) ELSE name END;
COMMENT ON FUNCTION barometre_internal.step_name(text, text) IS 'The name of a step as who asks may see it: that of kind sql is its SQL';

CREATE VIEW barometre_internal.zone AS
SELECT coalesce((SELECT p.timezone FROM barometre_internal.project p), 'UTC') AS timezone;
COMMENT ON VIEW barometre_internal.zone IS 'By whose clocks views show times: one row';
COMMENT ON COLUMN barometre_internal.zone.timezone IS 'The project''s time zone';

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

-- A running call says in its application_name how far it is: anybody may see that; bytes and times only who may look into that session.
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

CREATE VIEW barometre.lineage AS
SELECT f.id AS _baro_file, f.tap, f.stream, barometre_internal.fold(f.path, 34) AS path, f.run
FROM barometre.file f;
COMMENT ON VIEW barometre.lineage IS 'The file that a row''s _baro_file names; barometre.file has all that is known of it';
COMMENT ON COLUMN barometre.lineage._baro_file IS 'As in the rows of the stream''s table';
COMMENT ON COLUMN barometre.lineage.tap IS 'The tap of the stream';
COMMENT ON COLUMN barometre.lineage.stream IS 'The stream';
COMMENT ON COLUMN barometre.lineage.path IS 'Below barometre.data_directory, or absolute; in lines that fit, whole in barometre.file';
COMMENT ON COLUMN barometre.lineage.run IS 'The run that read it last, in barometre.run';

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
