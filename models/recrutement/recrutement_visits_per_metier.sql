{#- What the site's addresses lost, in this order: accents, capitals, apostrophes. -#}
{% set spellings = [
    ('psig', 'PSIG'),
    ('gign', 'GIGN'),
    (' rh ', ' RH '),
    ('d h', "d'h"),
    ('d i', "d'i"),
    ('unite', 'unité'),
    ('republicain', 'républicain'),
    ('systemes', 'systèmes'),
    ('enqueteur', 'enquêteur'),
    ('securite', 'sécurité'),
    ('numerique', 'numérique'),
    ('telecom', 'télécom'),
    ('developpeur', 'développeur'),
    ('helicoptere', 'hélicoptère'),
    ('aerien', 'aérien'),
    ('mecanicien', 'mécanicien')
] -%}
with jobs as (
    select
        month, month_str, page_full_name, visit_count,
        replace(replace(page_full_name, 'decouvrir-nos-metiers::', ''), '-', ' ') as name
    from {{ ref('atinternet_visits_per_page') }}
    where subsite = 'recrutement' and starts_with(page_full_name, 'decouvrir-nos-metiers::')
),
spelled as (
    select
        month, month_str, page_full_name, visit_count,
        {% for spelling in spellings %}replace({% endfor %}name
        {%- for spelling in spellings %}, '{{ spelling[0] }}', '{{ spelling[1] | replace("'", "''") }}'){% endfor %} as name
    from jobs
    -- Pages that are no job.
    where name not in ('Z2VuZGFybW', 'null', 'technicien en réseaux informatiques et télécoms', 'gendarmeen brigade')
),
capitalized as (
    select month, month_str, page_full_name, visit_count, upper(left(name, 1)) || substr(name, 2) as name
    from spelled
)
select
    capitalized.month,
    capitalized.month_str,
    capitalized.page_full_name,
    capitalized.visit_count,
    coalesce(display.name_clean, capitalized.name) as metier_name
from capitalized
left join {{ ref('recrutement_noms_metiers') }} as display on display.name = capitalized.name
