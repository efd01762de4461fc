-- One row an experience, with its dates read and its department found.
with experiences as (
    select
        id::bigint as id,
        to_timestamp(ecrit_le, 'DD/MM/YYYY')::date as date_ecriture,
        to_timestamp(date_de_publication, 'DD/MM/YYYY')::date as date_publi,
        to_timestamp("date_de_premiere_réponse", 'DD/MM/YYYY')::date as date_reponse,
        "etat_de_lexpérience" as etat_experience,
        ressenti_usager,
        "tags_généraux_accessibilité" as tag_accessibilite,
        "tags_généraux_informationexplication" as tag_explication,
        "tags_généraux_relation" as tag_relation,
        "tags_généraux_réactivité" as tag_reactivite,
        "tags_généraux_simplicitécomplexité" as tag_simplicite,
        code_postal_usager as code_postal,
        "intitulé_typologie_1" as typologie_structure_1,
        "intitulé_typologie_2" as typologie_structure_2,
        "intitulé_typologie_3" as typologie_structure_3
    from {{ source('tap_csv_voxusagers', 'experiences') }}
)
select
    experiences.*,
    code_postal_to_iso(code_postal::text) as iso_3166_2,
    date_reponse - date_publi as days_to_response
from experiences
