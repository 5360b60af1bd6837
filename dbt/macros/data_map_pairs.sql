{#- Pairs of datasets and how alike their words are. Found by stems that few datasets have: a stem of more than `common` of them
    tells two apart from nothing, and would pair everything with everything. The score leaves those out of what is shared and not
    out of what each has, so it errs on the low side. `stems` has dataset_id, stem, datasets, weight. -#}
{% macro alike_pairs(stems, common=150) -%}
    select
        one.dataset_id,
        other.dataset_id as other_dataset_id,
        sum(one.weight * other.weight) as score,
        array_agg(one.stem order by one.weight * other.weight desc, one.stem) as shared_stems
    from {{ stems }} as one
    inner join {{ stems }} as other on one.stem = other.stem and one.dataset_id < other.dataset_id
    where one.datasets <= {{ common }} and other.datasets <= {{ common }}
    group by one.dataset_id, other.dataset_id
    having count(*) >= 2 and sum(one.weight * other.weight) >= 0.35
{%- endmacro %}

{#- Whether two lists of populations can have people in common: the same category, or children in care among all children. -#}
{% macro populations_meet(one, other) -%}
    (
        array_remove({{ one }}, 'other') && array_remove({{ other }}, 'other')
        or ('all_children' = any({{ one }}) and {{ other }} && array['looked_after', 'edge_of_care'])
        or ('all_children' = any({{ other }}) and {{ one }} && array['looked_after', 'edge_of_care'])
        or ('care_experienced' = any({{ one }}) and 'looked_after' = any({{ other }}))
        or ('care_experienced' = any({{ other }}) and 'looked_after' = any({{ one }}))
    )
{%- endmacro %}

{#- Pairs of datasets of records that could be joined: at least one is about care, their populations meet, and so do their periods as
    far as both are known. `datasets` has the columns of int_dataset. -#}
{% macro joinable_pairs(datasets) -%}
    select
        one.dataset_id,
        other.dataset_id as other_dataset_id,
        array(
            select unnest(one.identifiers) intersect select unnest(other.identifiers) except select unnest(array['none', 'council'])
            order by 1
        ) as shared_identifiers,
        greatest(one.period_from, other.period_from) as period_from,
        least(one.period_to, other.period_to) as period_to,
        case when one.geography = other.geography then one.geography end as geography,
        array(select unnest(one.population) intersect select unnest(other.population) order by 1) as shared_population,
        case
            when cardinality(one.identifiers) = 0 or cardinality(other.identifiers) = 0 then 'unknown'
            when not (array_remove(array_remove(one.identifiers, 'none'), 'council')
                && array_remove(array_remove(other.identifiers, 'none'), 'council')) then 'identifier'
            when one.sharing_agreements = 'none' or other.sharing_agreements = 'none' then 'agreement'
            when one.sharing_agreements is null or other.sharing_agreements is null
                or cardinality(one.lawful_basis) = 0 or cardinality(other.lawful_basis) = 0 then 'unknown'
            when one.sharing_agreements = 'in_preparation' or other.sharing_agreements = 'in_preparation' then 'agreement'
            when not (one.lawful_basis && other.lawful_basis) then 'lawful_basis'
            else 'nothing'
        end as blocked_by
    from {{ datasets }} as one
    inner join {{ datasets }} as other
        on
            one.dataset_id < other.dataset_id
            and {{ populations_meet('one.population', 'other.population') }}
    where
        one.has_records and other.has_records
        and (one.is_of_care or other.is_of_care)
        and (
            one.period_from is null or other.period_from is null
            or (
                one.period_from <= coalesce(other.period_to, 'infinity')
                and other.period_from <= coalesce(one.period_to, 'infinity')
            )
        )
{%- endmacro %}
