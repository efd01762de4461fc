-- The sums stand beside each other, so that the five tags are there even when there is no experience.
with counted as (
    select
        count(*) as total_count,
        sum((tag_accessibilite = 'Positif')::int) as accessibilite_pos,
        sum((tag_accessibilite = 'Neutre')::int) as accessibilite_med,
        sum((tag_accessibilite = 'Négatif')::int) as accessibilite_neg,
        sum((tag_explication = 'Positif')::int) as explication_pos,
        sum((tag_explication = 'Neutre')::int) as explication_med,
        sum((tag_explication = 'Négatif')::int) as explication_neg,
        sum((tag_relation = 'Positif')::int) as relation_pos,
        sum((tag_relation = 'Neutre')::int) as relation_med,
        sum((tag_relation = 'Négatif')::int) as relation_neg,
        sum((tag_reactivite = 'Positif')::int) as reactivite_pos,
        sum((tag_reactivite = 'Neutre')::int) as reactivite_med,
        sum((tag_reactivite = 'Négatif')::int) as reactivite_neg,
        sum((tag_simplicite = 'Positif')::int) as simplicite_pos,
        sum((tag_simplicite = 'Neutre')::int) as simplicite_med,
        sum((tag_simplicite = 'Négatif')::int) as simplicite_neg
    from (
        select
            coalesce(tag_accessibilite, '') as tag_accessibilite,
            coalesce(tag_explication, '') as tag_explication,
            coalesce(tag_relation, '') as tag_relation,
            coalesce(tag_reactivite, '') as tag_reactivite,
            coalesce(tag_simplicite, '') as tag_simplicite
        from {{ ref('voxusagers_clean') }}
    ) as opinions
)
select tags.tag, tags.pos_count, tags.med_count, tags.neg_count, counted.total_count
from counted
cross join lateral (
    values
        ('tag_accessibilite', accessibilite_pos, accessibilite_med, accessibilite_neg),
        ('tag_explication', explication_pos, explication_med, explication_neg),
        ('tag_relation', relation_pos, relation_med, relation_neg),
        ('tag_reactivite', reactivite_pos, reactivite_med, reactivite_neg),
        ('tag_simplicite', simplicite_pos, simplicite_med, simplicite_neg)
) as tags (tag, pos_count, med_count, neg_count)
