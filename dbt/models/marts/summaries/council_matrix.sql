-- One row per council and council measure: the "tartan rug". Every council has every cell, of one period for all: a council
-- without a figure then shows why, never an older figure. The place is among the councils that have one, of enough people,
-- and stands only where it can be told; else rank_reason says why not.
with measure as (

    select
        indicator.vision_statement_id,
        indicator.outcome_id,
        measure.indicator_id,
        indicator.short_name as indicator_name,
        indicator.publication_state,
        measure.measure_id,
        measure.title as measure_title,
        measure.unit,
        measure.population,
        measure.polarity,
        measure.decimals,
        indicator.display_order,
        measure.display_order as measure_order
    from {{ ref('dim_measure') }} as measure
    inner join {{ ref('dim_indicator') }} as indicator on measure.indicator_id = indicator.indicator_id
    where measure.geography = 'council' and measure.role != 'comparator'

),

figure as (

    select observation.*
    from {{ ref('fct_observation') }} as observation
    inner join measure on observation.measure_id = measure.measure_id
    where observation.breakdown = 'total' and observation.area_code like 'S12%'

),

latest as (

    select
        measure_id,
        period_start,
        period_end,
        period_label
    from (
        select
            *,
            row_number() over (partition by measure_id order by period_start desc, area_code asc) as age
        from figure
        where obs_value is not null
    ) as published
    where age = 1

)

select
    area.area_code,
    area.area_name,
    area.family_group,
    measure.vision_statement_id,
    measure.outcome_id,
    measure.indicator_id,
    measure.indicator_name,
    measure.publication_state,
    measure.measure_id,
    measure.measure_title,
    measure.unit,
    measure.population,
    measure.polarity,
    measure.decimals,
    latest.period_label,
    figure.obs_value,
    case
        when figure.obs_value is not null then 'shown'
        when figure.conf_status != 'free' then 'suppressed'
        when figure.measure_id is null then 'not_published'
        else figure.obs_status
    end as status,
    benchmark.rank,
    benchmark.councils_ranked,
    benchmark.quartile,
    benchmark.family_median,
    benchmark.scotland_value,
    benchmark.rank_reason,
    benchmark.tied_with,
    benchmark.place_from,
    benchmark.place_to,
    benchmark.people,
    progress.previous_period_label,
    progress.change_since_previous,
    progress.change_since_baseline,
    coalesce(progress.judgement, 'cannot_be_calculated') as judgement,
    coalesce(progress.reason, 'the council has no figure for the latest period') as reason,
    row_number() over (
        partition by area.area_code order by measure.display_order, measure.measure_order, measure.measure_id
    )::integer as display_order
from {{ ref('dim_area') }} as area
cross join measure
-- A measure of which no council has a figure here has no column: it would say nothing of any of them.
inner join latest on measure.measure_id = latest.measure_id
left join figure
    on
        measure.measure_id = figure.measure_id
        and area.area_code = figure.area_code
        and latest.period_start = figure.period_start
        and latest.period_end = figure.period_end
left join {{ ref('fct_benchmark') }} as benchmark
    on
        measure.measure_id = benchmark.measure_id
        and area.area_code = benchmark.area_code
        and latest.period_start = benchmark.period_start
        and latest.period_end = benchmark.period_end
left join {{ ref('fct_progress') }} as progress
    on
        measure.measure_id = progress.measure_id
        and area.area_code = progress.area_code
        and latest.period_start = progress.latest_period_start
where area.area_type = 'council' and area.is_current
