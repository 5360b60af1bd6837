-- One row per thing that is missing: what, why, since when, and who could fill it. What somebody wrote down is `evidence` or
-- `our_copy`; what the Data Map finds by itself, whatever nobody's data reach, is `map`.
with recorded as (

    select
        data_gap_id,
        vision_statement_id,
        outcome_id,
        indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        kind,
        about,
        description,
        null as why,
        since,
        coalesce(string_to_array(could_be_filled_by, ' '), array[]::text[]) as could_be_filled_by,
        source_url
    from {{ ref('framework__data_gap') }}

),

-- An indicator without any loaded figure is a gap even when nobody wrote it down.
without_figures as (

    select
        'no_figure__' || indicator_id as data_gap_id,
        vision_statement_id,
        outcome_id,
        indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        'no_figure_loaded' as kind,
        'our_copy' as about,
        'No source loaded here gives a figure for this indicator.' as description,
        null as why,
        null as since,
        array_remove(array[producer_organisation_id], null) as could_be_filled_by,
        source_url
    from {{ ref('dim_indicator') }}
    where not has_figures

),

reached as (

    select
        vision_statement_id,
        target_id,
        how
    from {{ ref('bridge_dataset_link') }}

),

holding as (

    select
        can_be.breakdown,
        string_agg(dataset.title, '; ' order by dataset.title) as holders,
        array_agg(distinct dataset.organisation_id) filter (where dataset.organisation_id != '') as organisation_ids
    from {{ ref('dim_dataset') }} as dataset, unnest(dataset.breakdowns) as can_be (breakdown)
    where dataset.entry = 'holding'
    group by can_be.breakdown

),

found as (

    select
        'map__statement__' || statement.vision_statement_id as data_gap_id,
        statement.vision_statement_id,
        null as outcome_id,
        null as indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        'statement_in_part' as kind,
        'No dataset of the map can answer for this statement by itself.' as description,
        'Those that speak to it cover a part, or nobody has judged how far they go.' as why,
        null as since,
        array[]::text[] as could_be_filled_by,
        null as source_url
    from {{ ref('dim_vision_statement') }} as statement
    where
        statement.vision_statement_id not in (
            select reached.vision_statement_id from reached
            where reached.target_id = reached.vision_statement_id and reached.how = 'answers'
        )

    union all

    select
        'map__outcome__' || outcome.outcome_id as data_gap_id,
        outcome.vision_statement_id,
        outcome.outcome_id,
        null as indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        'outcome_not_reached' as kind,
        'No dataset of the map reaches this outcome.' as description,
        'No indicator under it has figures here, and nobody has linked a dataset to it.' as why,
        null as since,
        array[]::text[] as could_be_filled_by,
        outcome.source_url
    from {{ ref('dim_outcome') }} as outcome
    where
        outcome.outcome_id not in (
            select indicator.outcome_id
            from {{ ref('dim_indicator') }} as indicator
            inner join reached on indicator.indicator_id = reached.target_id
        )
        and outcome.outcome_id not in (select reached.target_id from reached)

    union all

    select
        'map__question__' || question_id as data_gap_id,
        null as vision_statement_id,
        null as outcome_id,
        null as indicator_id,
        question_id,
        null as dataset_id,
        null as area_code,
        case answered when 'not' then 'question_not_answered' else 'question_in_part' end as kind,
        case answered when 'not' then 'No dataset of the map answers' else 'Datasets of the map answer only a part of' end
        || ' "' || question_text || '"' as description,
        'By the links that a person has made between datasets and the question.' as why,
        null as since,
        array[]::text[] as could_be_filled_by,
        source_url
    from {{ ref('fct_question_answer') }}
    where answered != 'answered'

    union all

    select
        'map__proxy__' || indicator.indicator_id as data_gap_id,
        indicator.vision_statement_id,
        indicator.outcome_id,
        indicator.indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        'whole_population_proxy' as kind,
        'Only figures of everyone stand in for care experienced people.' as description,
        indicator.population_marker_words as why,
        null as since,
        array_remove(array[indicator.producer_organisation_id], null) as could_be_filled_by,
        indicator.source_url
    from {{ ref('dim_indicator') }} as indicator
    where
        indicator.population_marker = 'whole_population'
        and not exists (
            select 1 from {{ ref('dim_measure') }} as measure
            where measure.indicator_id = indicator.indicator_id and measure.population in ({{ care_populations() }})
        )

    union all

    select
        'map__equality__' || equality.breakdown as data_gap_id,
        null as vision_statement_id,
        null as outcome_id,
        null as indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        'equality_group' as kind,
        'No figure of care experienced people is loaded here by ' || equality.words || '.' as description,
        case
            when holding.holders is null then 'No holding of the map says that it can be broken down so.'
            else 'These say that they hold it, and what of it is published is not loaded here: ' || holding.holders || '.'
        end as why,
        null as since,
        coalesce(holding.organisation_ids, array[]::text[]) as could_be_filled_by,
        null as source_url
    from (
        values
        ('age', 'age'), ('sex', 'sex'), ('ethnicity', 'ethnicity'), ('disability', 'disability'), ('religion', 'religion or belief'),
        ('sexual_orientation', 'sexual orientation'), ('gender_identity', 'gender identity'), ('pregnancy', 'pregnancy and maternity')
    ) as equality (breakdown, words)
    left join holding on equality.breakdown = holding.breakdown
    where
        not exists (
            select 1
            from {{ ref('fct_observation') }} as observation
            inner join {{ ref('dim_measure') }} as measure on observation.measure_id = measure.measure_id
            where
                measure.population in ({{ care_populations() }})
                and observation.obs_value is not null
                and equality.breakdown = any(string_to_array(observation.breakdown, '|'))
        )

    union all

    select
        'map__area__' || indicator.indicator_id as data_gap_id,
        indicator.vision_statement_id,
        indicator.outcome_id,
        indicator.indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        'no_council_figures' as kind,
        'No figure by council is loaded here.' as description,
        'The loaded sources give it for Scotland only.' as why,
        null as since,
        array_remove(array[indicator.producer_organisation_id], null) as could_be_filled_by,
        indicator.source_url
    from {{ ref('dim_indicator') }} as indicator
    where indicator.publication_state = 'published' and indicator.has_figures and not indicator.has_council_figures

    union all

    select
        'map__years__' || progress.measure_id as data_gap_id,
        indicator.vision_statement_id,
        indicator.outcome_id,
        indicator.indicator_id,
        null as question_id,
        null as dataset_id,
        null as area_code,
        'old_figures' as kind,
        'The latest figure loaded here is of ' || progress.latest_period_label || '.' as description,
        'No later one is loaded; a later one may be published.' as why,
        to_char(progress.latest_period_start, 'YYYY-MM-DD') as since,
        array_remove(array[indicator.producer_organisation_id], null) as could_be_filled_by,
        indicator.source_url
    from {{ ref('fct_progress') }} as progress
    inner join {{ ref('dim_indicator') }} as indicator
        on progress.measure_id = indicator.headline_measure_id
    where
        progress.area_code = 'S92000003'
        and indicator.publication_state = 'published'
        and progress.latest_period_start < (ops.as_at() - interval '3 years')::date

    union all

    select
        'map__ended__' || dataset.dataset_id as data_gap_id,
        null as vision_statement_id,
        null as outcome_id,
        null as indicator_id,
        null as question_id,
        dataset.dataset_id,
        null as area_code,
        'ended_dataset' as kind,
        dataset.title || ' ends with ' || to_char(dataset.period_to, 'FMMonth YYYY') || '.' as description,
        dataset.cannot_tell as why,
        to_char(dataset.period_to, 'YYYY-MM-DD') as since,
        dataset.organisation_ids as could_be_filled_by,
        dataset.url as source_url
    from {{ ref('dim_dataset') }} as dataset
    where dataset.entry = 'holding' and dataset.period_to < (ops.as_at() - interval '3 years')::date

)

select * from recorded
union all
select * from without_figures
union all
select
    data_gap_id,
    vision_statement_id,
    outcome_id,
    indicator_id,
    question_id,
    dataset_id,
    area_code,
    kind,
    'map' as about,
    description,
    why,
    since,
    could_be_filled_by,
    source_url
from found
