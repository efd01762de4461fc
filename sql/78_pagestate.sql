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
