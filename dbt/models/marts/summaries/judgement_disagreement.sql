-- One row per indicator of which the rules say different things for Scotland: what each says, and why.
with progress as (

    select
        measure_id,
        judgement as since_baseline,
        reason as reason_since_baseline,
        judgement_since_2018_19 as since_2018_19,
        reason_since_2018_19,
        judgement_since_previous as last_two,
        reason_since_previous as reason_last_two,
        judgement_by_trend as trend,
        reason_by_trend as reason_trend
    from {{ ref('fct_progress') }}
    where area_code = 'S92000003'

),

said as (

    select
        progress.measure_id,
        count(distinct rule.judgement) as ways
    from progress
    cross join
        lateral (
            values (progress.since_baseline), (progress.since_2018_19), (progress.last_two), (progress.trend)
        ) as rule (judgement)
    where rule.judgement in ({{ "'" ~ judged_ways() | join("', '") ~ "'" }})
    group by progress.measure_id

)

select
    indicator.indicator_id,
    indicator.short_name as indicator_name,
    indicator.vision_statement_id,
    indicator.publication_state,
    indicator.counted_as,
    progress.*
from {{ ref('dim_indicator') }} as indicator
inner join progress on indicator.headline_measure_id = progress.measure_id
inner join said on progress.measure_id = said.measure_id
where said.ways > 1
