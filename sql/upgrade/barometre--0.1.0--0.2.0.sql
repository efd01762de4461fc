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
ALTER TABLE barometre_internal.model ADD COLUMN columns jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN barometre_internal.model.columns IS 'What the project says of its columns, by name';
COMMENT ON COLUMN barometre.reject.raw IS 'Its first 1024 bytes as text in UTF-8; NULL where a map hashes or drops values, and where the file changed before it was looked up';

CREATE OR REPLACE VIEW barometre.report AS
SELECT l.kind, barometre_internal.fold(l.name, 30) AS name, l.status, barometre_internal.duration(l.seconds) AS took,
       barometre_internal.fold(l.what, 22) AS what, last.id AS run
FROM (SELECT r.id FROM barometre_internal.run_state r WHERE r.status <> 'running' ORDER BY r.id DESC LIMIT 1) AS last
CROSS JOIN LATERAL (
    SELECT s.number, s.kind, s.name, s.status, CASE WHEN s.status NOT IN ('skipped', 'skip') THEN s.seconds END AS seconds,
           nullif(pg_catalog.concat_ws('; ', CASE
               WHEN s.kind = 'test' THEN CASE WHEN s.status IN ('fail', 'warn') THEN s.records || CASE WHEN s.records = 1 THEN ' failing row' ELSE ' failing rows' END END
               WHEN s.status <> 'succeeded' THEN NULL
               WHEN s.kind IN ('stream', 'run') AND s.records = 0 THEN 'nothing new'
               WHEN s.kind IN ('stream', 'run') THEN s.records || ' records' || coalesce(': ' || n.changes, ', no change')
               WHEN s.kind IN ('seed', 'model', 'snapshot') THEN s.records || CASE WHEN s.records = 1 THEN ' row' ELSE ' rows' END || coalesce(': ' || n.changes, ', no change')
           END, CASE WHEN s.kind = 'stream' AND s.rejected > 0 THEN s.rejected || ' rejected: barometre.reject WHERE run = ' || s.run END,
               s.why, s.message), '') AS what
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
