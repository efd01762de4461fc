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
