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
