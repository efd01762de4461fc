\pset footer off
\echo Satisfaction of the users
SELECT exp_count AS experiences, exp_pos_count AS positive, exp_moy_count AS neutral, exp_neg_count AS negative,
       exp_answered_count AS answered, round(avg_days_to_response, 1) AS days_to_answer
FROM analytics.exp_total;
\echo What they say of it
SELECT replace(tag, 'tag_', '') AS aspect, pos_count AS positive, med_count AS neutral, neg_count AS negative,
       repeat('#', (pos_count * 40 / total_count)::int) AS " "
FROM analytics.exp_tags ORDER BY pos_count DESC, tag;
\echo Requests to the contact centre by hour of the day
SELECT hour, n_contact AS requests, repeat('#', (n_contact * 40 / max(n_contact) OVER ())::int) AS " "
FROM analytics.easiware_n_contacts_hour ORDER BY hour;
\echo The six busiest departments (online pre-complaints)
SELECT geo_dpt_iso AS iso, geo_dpt_name AS department, sum(n_preplaintes) AS complaints,
       date_trunc('second', sum(duree_moy * n_preplaintes) / sum(n_preplaintes)) AS mean_duration
FROM analytics.ppel_geo WHERE geo_dpt_iso IS NOT NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 6;
\echo Reports of card fraud by age of the victims
SELECT age_cat AS age, sum(count) AS reports, repeat('#', (sum(count) * 40 / max(sum(count)) OVER ())::int) AS " "
FROM analytics.perceval_age_cat GROUP BY age_cat ORDER BY age_cat;
\echo The accounts on social networks that are followed most
SELECT reseau AS network, page_username AS account, n_followers AS followers, geo_dpt_iso AS iso, geo_dpt_name AS department
FROM analytics.reseaux_sociaux_followers ORDER BY n_followers DESC, page_username LIMIT 10;
\echo Visits of the site in 2022 by region, and abroad
SELECT coalesce(geo_region_name, geo_country) AS region, sum(visit_count) AS visits,
       repeat('#', (sum(visit_count) * 40 / max(sum(visit_count)) OVER ())::int) AS " "
FROM (SELECT geo_region_name, geo_country, visit_count FROM analytics.atinternet_visits_per_geo WHERE month_str LIKE '2022%') AS visits
GROUP BY 1 ORDER BY 2 DESC, 1;
\echo Jobs that visitors look at
SELECT metier_name AS job, sum(visit_count) AS visits, repeat('#', (sum(visit_count) * 40 / max(sum(visit_count)) OVER ())::int) AS " "
FROM analytics.recrutement_visits_per_metier GROUP BY 1 ORDER BY 2 DESC, 1;
\echo Only the loading role reads what no model does (role meltano): reviews of brigades by town
\connect - meltano
SELECT b.city, count(DISTINCT b.id) AS brigades, count(*) AS reviews, round(avg(r.rating), 1) AS rating,
       count(*) FILTER (WHERE r.rating <= 2) AS bad, max(r.update_date)::date AS last_one
FROM tap_partoo.reviews AS r JOIN tap_partoo.businesses AS b ON b.id = r.business_id
GROUP BY b.city ORDER BY rating DESC, b.city;
\echo Where the next extractions go on: SELECT * FROM barometre.singer_state;
\pset columns 100
\pset format wrapped
\x on
SELECT * FROM barometre.singer_state;
