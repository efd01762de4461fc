-- Another network is another name in this list.
with followers as (
    {{ dbt_utils.union_relations(relations=[ref('twitter_followers')]) }}
)
select
    followers.*,
    replace(split_part(_dbt_source_relation, '"."', 3), '_followers"', '') as reseau
from followers
