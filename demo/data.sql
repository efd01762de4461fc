-- Writes the demo's files below the folder :dir. Made-up data: every value
-- follows from its row's number, so that each run gives the same bytes.
\set ON_ERROR_STOP on
\o /dev/null

create function pg_temp.pick(seed text, n int) returns int immutable language sql as
$$ select (('x' || substr(md5(seed), 1, 7))::bit(28)::int % n) $$;

create function pg_temp.one_of(seed text, choices text[]) returns text immutable language sql as
$$ select choices[1 + pg_temp.pick(seed, array_length(choices, 1))] $$;

-- A CSV field: quoted where it must be.
create function pg_temp.field(value text, delimiter text) returns text immutable language sql as
$$
    select case when value is null then ''
        when value = '' or value ~ E'["\n\r]' or position(delimiter in value) > 0 then '"' || replace(value, '"', '""') || '"'
        else value end
$$;

create function pg_temp.line(delimiter text, variadic fields text[]) returns text immutable language sql as
$$ select string_agg(pg_temp.field(f, delimiter), delimiter order by n) from unnest(fields) with ordinality as u (f, n) $$;

-- Bytes as they are: COPY would choose the line ends and the quoting.
create function pg_temp.write_file(path text, content text) returns void language plpgsql as
$$
declare
    object oid := lo_from_bytea(0, convert_to(content, 'UTF8'));
begin
    perform lo_export(object, path);
    perform lo_unlink(object);
end
$$;

-- Reviews: CRLF line ends.
select pg_temp.write_file(:'dir' || '/voxusagers-experiences.csv',
    'ID;Statut de l''expérience;Etat de l''expérience;Titre;Description;Pseudonyme usager;Postée comme;Ecrit le;Date de publication;Date de premiere réponse;Ressenti usager;Commune usager;Code postal usager;Structure;Intitulé typologie 1;Intitulé typologie 2;Intitulé typologie 3;Tags généraux : Accessibilité;Tags généraux : Information/Explication;Tags généraux : Relation;Tags généraux : Réactivité;Tags généraux : Simplicité/Complexité' || E'\r\n'
    || string_agg(pg_temp.line(';',
        (100000 + i)::text,
        pg_temp.one_of('statut' || i, array['Publiée', 'Publiée', 'Clôturée']),
        case when answered then 'Traitée' else 'A traiter' end,
        pg_temp.one_of('titre' || i, array['Accueil à la brigade', 'Délai ; aucune réponse', 'Très bien reçu', 'Plainte « refusée »', 'Démarche en ligne']),
        pg_temp.one_of('texte' || i, array['Merci à toute l''équipe !', E'Première ligne\nDeuxième ligne ; et la suite', 'On m''a dit "revenez demain"', 'Rien à signaler', 'Œuvre d''utilité publique']),
        'usager_' || i,
        'Usager',
        to_char(written, 'DD/MM/YYYY'),
        to_char(written + 3, 'DD/MM/YYYY'),
        case when answered then to_char(written + 3 + pg_temp.pick('jours' || i, 20), 'DD/MM/YYYY') end,
        pg_temp.one_of('ressenti' || i, array['Positif', 'Positif', 'Positif', 'Neutre', 'Négatif']),
        pg_temp.one_of('commune' || i, array['Ajaccio', 'Bourg-en-Bresse', 'Saint-Denis', 'Nîmes', 'Évreux']),
        pg_temp.one_of('cp' || i, array['06600', '6600', '01500', '1500', '20137', '20200', '97150', '97233', '97410', '98800', '75016', '69300', '67000', '29200', null]),
        'Brigade de ' || pg_temp.one_of('structure' || i, array['Lyon', 'Brest', 'Nîmes']),
        pg_temp.one_of('type1' || i, array['Brigade de gendarmerie', 'Brigade de gendarmerie', 'Unité Numérique', 'Région de Gendarmerie']),
        pg_temp.one_of('type2' || i, array['Gendarmerie Nationale', 'Pré-plainte en ligne (PPEL)', 'Préfecture', null]),
        pg_temp.one_of('type3' || i, array['Service en ligne Perceval', null, null]),
        pg_temp.one_of('a' || i, array['Positif', 'Neutre', 'Négatif', null]),
        pg_temp.one_of('b' || i, array['Positif', 'Neutre', 'Négatif', null]),
        pg_temp.one_of('c' || i, array['Positif', 'Positif', 'Négatif', null]),
        pg_temp.one_of('d' || i, array['Positif', 'Neutre', 'Négatif', null]),
        pg_temp.one_of('e' || i, array['Positif', 'Neutre', 'Neutre', null])
    ), E'\r\n' order by i) || E'\r\n')
from (
    select i, date '2021-01-01' + pg_temp.pick('date' || i, 700) as written, pg_temp.pick('answer' || i, 5) > 0 as answered
    from generate_series(1, 20000) as i
) as experiences;

-- Requests to the contact centre: four files without a header line.
create temp table motifs (n int, motif_parent text, motif text, categorie text);
insert into motifs values
    (1, 'Renseignement', 'Horaires de brigade', 'demande_info'),
    (2, 'Renseignement', null, 'demande_info'),
    (3, 'Violences', 'Violences conjugales', 'victime'),
    (4, 'Violences', 'Harcèlement ; menaces', 'victime'),
    (5, 'Cyber', E'Pi\uFFFDge \uFFFD la webcam', 'victime'),
    (6, 'Signalement', 'Escroquerie "faux conseiller"', 'signalement'),
    (7, 'Signalement', 'Véhicule suspect', 'signalement'),
    (8, null, null, 'demande_info'),
    (9, 'PNAV', 'Demande d''audience', 'PNAV');

select pg_temp.write_file(format('%s/easiware/easiware_2021_T%s.csv', :'dir', quarter), content)
from (
    select quarter, string_agg(pg_temp.line(';',
        'EW-21-' || lpad(i::text, 6, '0'),
        to_char(timestamp '2021-01-01' + (quarter - 1) * interval '91 days'
            + pg_temp.pick('jour' || i, 91) * interval '1 day'
            + least(pg_temp.pick('h1' || i, 24), pg_temp.pick('h2' || i, 24) + 8) * interval '1 hour'
            + pg_temp.pick('mn' || i, 60) * interval '1 minute', 'DD/MM/YYYY HH24:MI'),
        pg_temp.one_of('canal' || i, array['Téléphone', 'Courriel', 'Tchat']),
        m.motif_parent,
        m.motif,
        pg_temp.one_of('element' || i, array['RAS', E'ligne 1\nligne 2', 'Élément "à qualifier"', 'urgent ; à rappeler', null])
    ), E'\n' order by i) || E'\n' as content
    from generate_series(1, 32000) as i
    cross join lateral (select 1 + (i - 1) / 8000 as quarter) as q
    join motifs as m on m.n = 1 + pg_temp.pick('motif' || i, 9)
    group by quarter
) as files;

-- The reference of categories is confidential in reality; this one is made up.
select pg_temp.write_file(:'dir' || '/seeds/easiware_categories.csv',
    E'motif_parent,motif,categorie\n'
    || string_agg(pg_temp.line(',', motif_parent, replace(motif, E'\uFFFD', '?'), categorie), E'\n' order by n) || E'\n')
from motifs;

-- Online pre-complaints: the second file begins with a byte order mark.
select pg_temp.write_file(format('%s/ppel/ppel_%s.csv', :'dir', year), content)
from (
    select year, case when year = 2022 then E'\uFEFF' else '' end
        || E'stats_id,stats_debut_declaration,stats_fin_declaration,stats_dpt_unite,stats_pers_physique,stats_pers_morale\n'
        || string_agg(pg_temp.line(',',
            i::text,
            to_char(begun, 'YYYY-MM-DD HH24:MI:SS'),
            to_char(begun + (120 + pg_temp.pick('duree' || i, 2400)) * interval '1 second', 'YYYY-MM-DD HH24:MI:SS'),
            pg_temp.one_of('dpt' || i, array['01', '06', '13', '13', '29', '2A', '2B', '31', '33', '59', '59', '59', '67', '69', '75', '971', '972', '973', '974', '974', '976', '988']),
            (kind <> 1)::int::text,
            (kind = 1)::int::text
        ), E'\n' order by i) || E'\n' as content
    from generate_series(1, 20000) as i
    cross join lateral (select 2021 + (i - 1) / 10000 as year, pg_temp.pick('personne' || i, 8) as kind) as q
    cross join lateral (
        select make_timestamp(year, 1, 1, 0, 0, 0) + pg_temp.pick('jour' || i, 365) * interval '1 day'
            + pg_temp.pick('seconde' || i, 86400) * interval '1 second' as begun
    ) as b
    group by year
) as files;

-- Reports of card fraud: one nested document, as what publishes them gives it.
create temp table reports as
select
    date '2021-01-01' + pg_temp.pick('signale' || i, 730) as day,
    pg_temp.one_of('ou' || i, array['01', '06', '13', '13', '29', '2A', '2B', '31', '33', '59', '59', '67', '69', '75', '971', '974', '988']) as dpt_code,
    pg_temp.one_of('age' || i, array['00', '15-24', '25-34', '25-34', '35-44', '35-44', '45-54', '55-64', '65-74', '75+']) as age_cat,
    (500 + pg_temp.pick('euros' || i, 60000)) / 100.0::numeric(8, 2) as amount
from generate_series(1, 20000) as i;

create function pg_temp.by_month(what text) returns jsonb language sql as
$$
    select jsonb_object_agg(month, counts)
    from (
        select month, jsonb_object_agg(key, n) as counts
        from (
            select to_char(day, 'YYYY-MM') as month, case what when 'age_cat' then age_cat else dpt_code end as key, count(*) as n
            from reports
            group by 1, 2
        ) as counted
        group by month
    ) as months
$$;

select pg_temp.write_file(:'dir' || '/perceval/perceval.json', jsonb_pretty(jsonb_build_object(
    'age_categories_month', pg_temp.by_month('age_cat'),
    'dpt_report_month', pg_temp.by_month('dpt_code'),
    'amount_of_money_day', (select jsonb_object_agg(day, amount) from (select day, round(sum(amount), 2) as amount from reports group by day) as days),
    'nb_report_day', (select jsonb_object_agg(day, n) from (select day, count(*) as n from reports group by day) as days)
)) || E'\n');

-- Singer files: what extractions elsewhere leave, one message a line. A stream has its SCHEMA, its records, and the STATE after them.
create temp table streams (tap text, stream text, at int, keys text[], bookmark text, properties json);
create temp table records (tap text, file text, stream text, n bigint, record json);

create function pg_temp.type_of(name text, format text default null) returns json language sql as
$$ select json_strip_nulls(json_build_object('type', json_build_array('null', name), 'format', format)) $$;

-- Followers on Twitter.
insert into streams values ('tap_twitter', 'users', 1, '{id}', null, json_build_object(
    'id', '{"type": "string"}'::json, 'username', pg_temp.type_of('string'), 'name', pg_temp.type_of('string'),
    'created_at', pg_temp.type_of('string', 'date-time'), 'verified', pg_temp.type_of('boolean'), 'public_metrics', pg_temp.type_of('object')));
insert into records
select 'tap_twitter', '2022-12-31', 'users', i, json_build_object(
    'id', (2184489764 + i * 7919)::text,
    'username', username,
    'name', name,
    'created_at', to_char(timestamp '2011-02-01 08:00' + pg_temp.pick('compte' || i, 3000) * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS.000Z'),
    'verified', pg_temp.pick('certifié' || i, 3) = 0,
    'public_metrics', json_build_object(
        'followers_count', case when i <= 4 then 40000 else 900 end + pg_temp.pick('abonnés' || i, 25000),
        'following_count', pg_temp.pick('abonnements' || i, 900),
        'tweet_count', 300 + pg_temp.pick('tweets' || i, 9000),
        'listed_count', pg_temp.pick('listes' || i, 400)))
from unnest(
    array['Gendarmerie', 'CYBERGEND', 'GIGN_officiel', 'GardeRepublique', 'gendarmerie_2A', 'GENDARMERIE_069', 'Gendarmerie_971', 'Gendarmerie_974'],
    array['Gendarmerie nationale', 'Gendarmerie – Cyber', 'GIGN', 'Garde républicaine', 'Gendarmerie de Corse-du-Sud',
          'Gendarmerie du Rhône', 'Gendarmerie de Guadeloupe', 'Gendarmerie de La Réunion']) with ordinality as u (username, name, i)
union all
select 'tap_twitter', '2022-12-31', 'users', 8 + i, json_build_object(
    'id', (2184489764 + (8 + i) * 7919)::text,
    'username', 'Gendarmerie_' || lpad(code::text, 2, '0'),
    'name', 'Gendarmerie du département ' || lpad(code::text, 2, '0') || case when i % 7 = 0 then ' 🇫🇷' else '' end,
    'created_at', to_char(timestamp '2013-06-01 08:00' + pg_temp.pick('compte' || 8 + i, 2500) * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS.000Z'),
    'verified', false,
    'public_metrics', json_build_object(
        'followers_count', 900 + pg_temp.pick('abonnés' || 8 + i, 25000),
        'following_count', pg_temp.pick('abonnements' || 8 + i, 900),
        'tweet_count', 300 + pg_temp.pick('tweets' || 8 + i, 9000),
        'listed_count', pg_temp.pick('listes' || 8 + i, 400)))
from unnest(array[1, 2, 4, 6, 7, 8, 9, 11, 13, 14, 17, 19, 21, 22, 25, 26, 29, 30, 31, 33, 34, 35, 37, 38, 40, 44, 45, 49, 50, 54, 56, 57, 59, 60, 62, 63, 64, 66,
    67, 68, 73, 74, 76, 77, 80, 83, 84, 85, 86, 87, 88]) with ordinality as d (code, i);

-- Visits of the Gendarmerie's site (gn) in a file a year, and of service-public.fr's pages on it (sp) in one file.
insert into streams
select tap, stream, at, keys, 'date', properties
from (values ('tap_atinternet_gn'), ('tap_atinternet_sp')) as taps (tap)
cross join (
    select stream, min(at) as at, array_agg(name order by n) filter (where is_key) as keys,
        json_object_agg(name, pg_temp.type_of(type, case name when 'date' then 'date' end) order by n) as properties
    from (
        values ('devices_visits', 1, '{date,date_month,date_year,device_type,os_group,browser_group,browser_language}'::text[]),
            ('geo_visits', 2, '{date,date_month,date_year,geo_country,geo_region,geo_city}'),
            ('hourly_visits', 3, '{date,visit_hour,site_level2}'),
            ('pages_visits', 4, '{date,date_month,date_year,site_level2,page,page_full_name}'),
            ('sources_visits', 5, '{date,date_month,date_year,src,src_detail,src_referrer_url}')
    ) as s (stream, at, dimensions)
    cross join lateral (
        select n, name, n <= cardinality(dimensions) as is_key,
            case when name = 'm_time_spent_per_visits' then 'number' when name ~ '^m_' or name in ('date_year', 'visit_hour') then 'integer' else 'string' end as type
        from unnest(dimensions || '{m_visits,m_unique_visitors,m_bounces,m_time_spent_per_visits}') with ordinality as c (name, n)
    ) as columns
    group by stream
) as all_streams;

-- What is measured follows from the dimensions, whose weight says about how many visits there were.
create function pg_temp.visits(tap text, day date, weight int, dimensions json) returns json language sql as
$$
    select (jsonb_build_object('date', day, 'm_visits', visits, 'm_unique_visitors', visits * 4 / 5, 'm_bounces', visits * pg_temp.pick('rebond' || seed, 60) / 100,
        'm_time_spent_per_visits', round((20000000 + pg_temp.pick('temps' || seed, 180000000)) / 1000.0, 3)) || dimensions::jsonb)::json
    from (select tap || to_char(day, 'YYYY-MM-DD') || dimensions as seed) as s
    cross join lateral (select (weight * (60 + pg_temp.pick('visites' || seed, 80)) / 100 / case tap when 'tap_atinternet_sp' then 4 else 1 end) as visits) as v
$$;

create temp table months as
select tap, day, case tap when 'tap_atinternet_gn' then extract(year from day) || '-12-31' else '2022-12-31' end as file,
    jsonb_build_object('date_month', (array['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
        'November', 'December'])[extract(month from day)::int], 'date_year', extract(year from day)) as month
from (values ('tap_atinternet_gn'), ('tap_atinternet_sp')) as taps (tap)
cross join generate_series(0, 23) as i
cross join lateral (select (date '2021-01-01' + i * interval '1 month')::date as day) as d;

insert into records
select tap, file, 'devices_visits', row_number() over (order by day, n),
    pg_temp.visits(tap, day, weight, (month || jsonb_build_object('device_type', device, 'os_group', os, 'browser_group', browser, 'browser_language', language))::json)
from months
cross join unnest(
    array['Mobile Phone', 'Mobile Phone', 'Mobile Phone', 'Desktop', 'Desktop', 'Desktop', 'Tablet'],
    array['Android', 'iOS', 'iOS', 'Windows', 'Windows', 'Mac OS', 'Android'],
    array['Chrome', 'Safari', 'Safari', 'Chrome', 'Firefox', 'Safari', 'Chrome'],
    array['fr', 'fr', 'en', 'fr', 'fr', 'fr', 'fr'],
    array[42000, 27000, 2100, 31000, 9000, 4000, 3500]) with ordinality as d (device, os, browser, language, weight, n);

insert into records
select tap, file, 'geo_visits', row_number() over (order by day, n),
    pg_temp.visits(tap, day, weight, (month || jsonb_build_object('geo_country', country, 'geo_region', region, 'geo_city', city))::json)
from months
cross join unnest(
    array['France', 'France', 'France', 'France', 'France', 'France', 'France', 'France', 'France', 'France', 'France', 'Belgium', 'Morocco', 'Canada'],
    array['Ile-de-france', 'Ile-de-france', 'Auvergne-rhone-alpes', 'Bretagne', 'Provence-alpes-cote-d''azur', 'Occitanie', 'Hauts-de-france', 'Pays-de-la-loire',
          'Grand-est', 'Reunion', 'Corse', 'Brussels', 'Casablanca', 'Montreal'],
    array['Paris', 'Saint-denis', 'Lyon', 'Rennes', 'Marseille', 'Toulouse', 'Lille', 'Saint-brevin-les-pins', 'Strasbourg', 'Saint-denis', 'Ajaccio', 'Brussels',
          'Casablanca', 'Montreal'],
    array[30000, 6000, 14000, 9000, 12000, 11000, 10000, 7000, 8000, 1500, 1200, 900, 500, 0]) with ordinality as g (country, region, city, weight, n);

-- By hour only the last two weeks of each year. Hour -1: not known.
insert into records
select tap, file, 'hourly_visits', row_number() over (order by hours.day, hour, n),
    pg_temp.visits(tap, hours.day, share * case when hour < 0 then 1 else (array[3, 2, 1, 1, 1, 2, 4, 8, 14, 18, 20, 18, 15, 17, 19, 18, 16, 15, 14, 13, 12, 10, 7, 5])[hour + 1] end,
        json_build_object('visit_hour', hour, 'site_level2', subsite))
from months
cross join lateral (select day + 17 + i as day, hour from generate_series(0, 13) as i cross join generate_series(-1, 23) as hour) as hours
join (values ('tap_atinternet_gn', 1, 'national', 12), ('tap_atinternet_gn', 2, 'recrutement', 5), ('tap_atinternet_sp', 3, 'N/A', 9)) as subsites (of_tap, n, subsite, share)
    on of_tap = tap
where extract(month from months.day) = 12;

insert into records
select tap, file, 'pages_visits', row_number() over (order by day, n),
    pg_temp.visits(tap, day, weight, (month || jsonb_build_object('site_level2', case tap when 'tap_atinternet_gn' then subsite else 'N/A' end,
        'page', regexp_replace(page, '.*::', ''), 'page_full_name', page))::json)
from months
cross join unnest(
    array['national', 'national', 'national', 'pjgn', 'recrutement', 'recrutement', 'recrutement', 'recrutement', 'recrutement', 'recrutement', 'recrutement',
          'recrutement', 'recrutement', 'recrutement', 'recrutement'],
    array['accueil', 'contact::brigade-numerique', 'N/A', 'accueil', 'accueil', 'decouvrir-nos-metiers::gendarme-dans-un-psig', 'decouvrir-nos-metiers::gendarme-au-gign',
          'decouvrir-nos-metiers::secretaire', 'decouvrir-nos-metiers::maitre-de-chien', 'decouvrir-nos-metiers::pilote-d-helicoptere',
          'decouvrir-nos-metiers::enqueteur-en-unite-de-recherches', 'decouvrir-nos-metiers::technicien-en-securite-numerique',
          'decouvrir-nos-metiers::mecanicien-automobile', 'decouvrir-nos-metiers::speleologue', 'decouvrir-nos-metiers::null'],
    array[38000, 9000, 4000, 1500, 22000, 5200, 7900, 2600, 3900, 3100, 2900, 2400, 1300, 700, 40]) with ordinality as p (subsite, page, weight, n)
where tap = 'tap_atinternet_gn' or n <= 3;

insert into records
select tap, file, 'sources_visits', row_number() over (order by day, n),
    pg_temp.visits(tap, day, weight, (month || jsonb_build_object('src', source, 'src_detail', detail, 'src_referrer_url', url))::json)
from months
cross join unnest(
    array['Search engines', 'Search engines', 'Direct traffic', 'Social media', 'Referrer sites'],
    array['Google', 'Ecosia', 'N/A', 'Twitter', 'service-public.fr'],
    array['https://www.google.fr/?q=é,b', 'N/A', 'N/A', 'https://t.co/"x"', 'https://www.service-public.fr/particuliers/vosdroits/N19807'],
    array[70000, 2000, 19000, 6000, 8000]) with ordinality as s (source, detail, url, weight, n);

-- Reviews of brigades.
insert into streams values
    ('tap_partoo', 'businesses', 1, '{id}', null, json_build_object('id', '{"type": "string"}'::json, 'group_id', pg_temp.type_of('integer'),
        'city', pg_temp.type_of('string'), 'zipcode', pg_temp.type_of('string'), 'lat', pg_temp.type_of('number'), 'long', pg_temp.type_of('number'))),
    ('tap_partoo', 'groups', 2, '{id}', null, json_build_object('id', '{"type": "integer"}'::json, 'name', pg_temp.type_of('string'))),
    ('tap_partoo', 'reviews', 3, '{id}', 'update_date', json_build_object('id', '{"type": "integer"}'::json, 'business_id', pg_temp.type_of('string'),
        'date', pg_temp.type_of('string', 'date-time'), 'update_date', pg_temp.type_of('string', 'date-time'), 'content', pg_temp.type_of('string'),
        'rating', pg_temp.type_of('integer')));
create temp table towns (n bigint, city text, zipcode text, lat numeric, long numeric);
insert into towns values
    (1, 'Ajaccio', '20000', 41.927, 8.737), (2, 'Bourg-en-Bresse', '01000', 46.205, 5.226), (3, 'Brest', '29200', 48.390, -4.486), (4, 'Évreux', '27000', 49.024, 1.151),
    (5, 'Nîmes', '30000', 43.837, 4.360), (6, 'Saint-Denis', '97400', -20.882, 55.450), (7, 'L''Haÿ-les-Roses', '94240', 48.779, 2.337), (8, 'Lyon', '69003', 45.760, 4.849);
insert into records
select 'tap_partoo', '2022-12-31', 'businesses', i, json_build_object('id', left(md5('brigade' || i), 12), 'group_id', 1 + (i - 1) % 3, 'city', city, 'zipcode', zipcode,
    'lat', lat + round(pg_temp.pick('lat' || i, 100) / 10000.0, 4), 'long', long + round(pg_temp.pick('long' || i, 100) / 10000.0, 4))
from generate_series(1, 24) as i
join towns on n = 1 + i % 8
union all
select 'tap_partoo', '2022-12-31', 'groups', i, json_build_object('id', i, 'name', name)
from unnest(array['Brigades', 'Compagnies', 'Groupements']) with ordinality as g (name, i)
union all
select 'tap_partoo', '2022-12-31', 'reviews', i, json_build_object('id', 500000 + i, 'business_id', left(md5('brigade' || 1 + pg_temp.pick('où' || i, 24)), 12),
    'date', to_char(written, 'YYYY-MM-DD"T"HH24:MI:SSZ'), 'update_date', to_char(written + interval '2 days', 'YYYY-MM-DD"T"HH24:MI:SSZ'),
    'content', pg_temp.one_of('avis' || i, array['Très bon accueil', E'Attente longue,\nmais équipe à l''écoute', 'Fermé à l''heure dite "ouvert"', '👍', null]),
    'rating', (array[5, 5, 4, 5, 3, 1, 2, 4])[1 + pg_temp.pick('note' || i, 8)])
from generate_series(1, 600) as i
cross join lateral (select timestamp '2021-01-01' + i * interval '29 hours' as written) as w;

-- The STATE says up to where each stream has been extracted, those of the file before it included.
create function pg_temp.state_message(of_tap text, of_file text, up_to int) returns text language sql as
$$
    select json_build_object('type', 'STATE', 'value', json_build_object('bookmarks', json_object_agg(stream, bookmark order by at)))::text
    from (
        select s.at, s.stream, case when s.bookmark is null then '{}' else jsonb_build_object(s.bookmark, max(r.record ->> s.bookmark)) end as bookmark
        from streams as s
        join records as r using (tap, stream)
        where s.tap = of_tap and (r.file < of_file or r.file = of_file and s.at <= up_to)
        group by s.at, s.stream, s.bookmark
    ) as streams_so_far
$$;

select pg_temp.write_file(format('%s/singer/%s/%s.singer', :'dir', tap, file), string_agg(message, E'\n' order by at, part, n) || E'\n')
from (
    select tap, file, at, 1 as part, 0 as n,
        json_build_object('type', 'SCHEMA', 'stream', stream, 'schema', json_build_object('type', 'object', 'properties', properties), 'key_properties', keys)::text as message
    from streams
    join (select distinct tap, stream, file from records) as files using (tap, stream)
    union all
    select tap, file, at, 2, n, json_build_object('type', 'RECORD', 'stream', stream, 'record', record)::text
    from records
    join streams using (tap, stream)
    union all
    select tap, file, at, 3, 0, pg_temp.state_message(tap, file, at)
    from (select distinct tap, file, at from records join streams using (tap, stream)) as ends
) as messages
group by tap, file;
