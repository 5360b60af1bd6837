-- One row per dataset of the Data Map, in the vocabulary of a return of holdings and of DCAT-AP 3: who holds it, whom it is about,
-- what it can be broken down by, what it speaks to, and, for what is loaded here, what we measured of it.
with link as (

    select
        dataset_id,
        array_remove(array_agg(distinct vision_statement_id order by vision_statement_id), null) as vision_statement_ids,
        array_remove(array_agg(distinct target_id order by target_id) filter (where target_kind = 'indicator'), null) as indicator_ids,
        array_remove(array_agg(distinct target_id order by target_id) filter (where target_kind = 'question'), null) as question_ids
    from {{ ref('bridge_dataset_link') }}
    group by dataset_id

),

figure as (

    select
        source_id,
        count(*)::integer as figures,
        count(distinct area_code) filter (where area_code like 'S12%')::integer as councils_covered,
        round(avg((obs_value is null)::integer), 4) as missing_share,
        min(period_start) as period_from,
        max(period_end) as period_to,
        count(*) filter (where is_revised)::integer as figures_revised,
        case
            when bool_or(area_code like 'S12%') then 'council'
            when bool_or(area_code like 'S08%') then 'health_board'
            else 'scotland'
        end as geography,
        array_remove(array_agg(distinct case when breakdown != 'total' then split_part(breakdown, '|', 1) end), null) as breakdowns
    from {{ ref('fct_observation') }}
    group by source_id

),

-- Titles of what a catalogue lists are all that is known of it.
about_children as (

    select distinct dataset.dataset_id
    from {{ ref('int_dataset') }} as dataset
    inner join {{ ref('framework__child_word') }} as child
        on to_tsvector('english', dataset.title) @@ plainto_tsquery('english', child.word)

),

-- Councils and NHS boards are named as a group where all of them hold it.
holder as (

    select
        organisation_id,
        name
    from {{ ref('framework__organisation') }}
    union all
    select
        'councils' as organisation_id,
        'All councils' as name
    union all
    select
        'health_boards' as organisation_id,
        'All NHS boards' as name

),

organisation as (

    select
        dataset.dataset_id,
        string_agg(holder.name, '; ' order by holder.name) as names
    from {{ ref('int_dataset') }} as dataset, unnest(dataset.organisation_ids) as held (organisation_id)
    inner join holder on held.organisation_id = holder.organisation_id
    group by dataset.dataset_id

)

select
    dataset.dataset_id,
    dataset.entry,
    dataset.title,
    dataset.description,
    coalesce(dataset.publisher_words, organisation.names) as publisher,
    -- Held by two, it is not one organisation's to answer for.
    case
        when
            cardinality(dataset.organisation_ids) = 1 and dataset.organisation_ids[1] not in ('councils', 'health_boards')
            and (dataset.publisher_words is null or strpos(dataset.publisher_words, '; ') = 0)
            then dataset.organisation_ids[1]
    end as organisation_id,
    dataset.organisation_ids,
    dataset.url,
    coalesce(dataset.publisher_words, organisation.names) as held_by,
    dataset.catalogue,
    dataset.source_id,
    coalesce(link.vision_statement_ids, array[]::text[]) as vision_statement_ids,
    coalesce(link.indicator_ids, array[]::text[]) as indicator_ids,
    coalesce(link.question_ids, array[]::text[]) as question_ids,
    coalesce(source.latest_vintage is not null, false) as in_warehouse,
    dataset.licence,
    dataset.kind,
    dataset.kind_words,
    dataset.theme as themes,
    dataset.population,
    dataset.population_words,
    dataset.care_experience_marker,
    dataset.care_experience_words,
    dataset.unit_of_record,
    dataset.size,
    case when dataset.entry = 'source' then coalesce(figure.breakdowns, array[]::text[]) else dataset.breakdowns end as breakdowns,
    coalesce(dataset.geography, figure.geography) as geography,
    dataset.geography_words,
    coalesce(dataset.period_from, figure.period_from) as period_from,
    coalesce(dataset.period_to, figure.period_to) as period_to,
    dataset.period_words,
    dataset.frequency,
    dataset.frequency_words,
    dataset.access_rights,
    dataset.access_route,
    dataset.contact_role,
    dataset.identifiers,
    dataset.identifiers_words,
    dataset.quality,
    dataset.quality_words,
    dataset.lawful_basis,
    dataset.sharing_agreements,
    dataset.how_used,
    dataset.cannot_tell,
    dataset.note,
    figure.figures,
    figure.councils_covered,
    figure.missing_share,
    figure.figures_revised,
    source.latest_retrieved_at as last_landed_at,
    (
        dataset.entry = 'holding'
        or link.dataset_id is not null
        or about_children.dataset_id is not null
    ) as is_in_front
from {{ ref('int_dataset') }} as dataset
left join link on dataset.dataset_id = link.dataset_id
left join organisation on dataset.dataset_id = organisation.dataset_id
left join {{ ref('dim_source') }} as source on dataset.source_id = source.source_id
left join figure on dataset.source_id = figure.source_id
left join about_children on dataset.dataset_id = about_children.dataset_id
