\pset footer off
\echo Satisfaction of the users
SELECT exp_count AS experiences, exp_pos_count AS positive, exp_moy_count AS neutral, exp_neg_count AS negative,
       exp_answered_count AS answered, round(avg_days_to_response, 1) AS days_to_answer
FROM analytics.exp_total;
\echo The six busiest departments (online pre-complaints)
SELECT geo_dpt_iso AS iso, geo_dpt_name AS department, sum(n_preplaintes) AS complaints,
       date_trunc('second', sum(duree_moy * n_preplaintes) / sum(n_preplaintes)) AS mean_duration
FROM analytics.ppel_geo WHERE geo_dpt_iso IS NOT NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 6;
\echo Requests to the contact centre by hour of the day
SELECT hour, n_contact AS requests, repeat('#', (n_contact * 40 / max(n_contact) OVER ())::int) AS " "
FROM analytics.easiware_n_contacts_hour ORDER BY hour;
\echo Reports of card fraud by age of the victims
SELECT age_cat AS age, sum(count) AS reports, repeat('#', (sum(count) * 40 / max(sum(count)) OVER ())::int) AS " "
FROM analytics.perceval_age_cat GROUP BY age_cat ORDER BY age_cat;
