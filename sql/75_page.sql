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
