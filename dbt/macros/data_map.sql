{#- Who is care experienced, of the populations that a measure can be of. -#}
{% macro care_populations() -%}
    'looked_after', 'care_experienced', 'aftercare_eligible', 'continuing_care_eligible', 'children_in_services'
{%- endmacro %}

{#- The population of a measure as a return of holdings would have it. -#}
{% macro population_category(population) -%}
    case
        when {{ population }} = 'looked_after' then 'looked_after'
        when {{ population }} in ({{ care_populations() }}) then 'care_experienced'
        when {{ population }} in ('all_children', 'all_pupils', 'all_school_leavers') then 'all_children'
        when {{ population }} in ('households', 'foster_households') then 'families'
        when {{ population }} = 'staff' then 'workforce'
        else 'other'
    end
{%- endmacro %}

{#- The stems of a text as rows, words that mean the same taken for one; a phrase of several words counts beside its words.
    `dict` is PostgreSQL's own stemmer of English. -#}
{% macro stems_of(relation, key, text) -%}
    select
        own.{{ key }},
        coalesce(synonym.stands_for, own.stem) as stem,
        count(*)::integer as times
    from (
        select
            {{ key }},
            unnest(tsvector_to_array(to_tsvector('english', coalesce({{ text }}, '')))) as stem
        from {{ relation }}
    ) as own
    left join {{ ref('int_synonym_stem') }} as synonym on own.stem = synonym.stem
    -- Numbers and letters by themselves make nothing alike.
    where own.stem ~ '^[a-z]{3,}'
    group by own.{{ key }}, coalesce(synonym.stands_for, own.stem)
{%- endmacro %}
