-- One row per scope (a vision statement, or all of Scotland), publication state and judgement: how many indicators, and
-- which. An indicator is judged by its headline measure for Scotland. This is a count with its list, not a score: what
-- this project proposes is counted apart from what the framework publishes.
with indicator as (

    select
        indicator.indicator_id,
        indicator.vision_statement_id,
        indicator.publication_state,
        indicator.display_order,
        coalesce(progress.judgement, 'cannot_be_calculated') as judgement
    from {{ ref('dim_indicator') }} as indicator
    left join {{ ref('fct_progress') }} as progress
        on indicator.headline_measure_id = progress.measure_id and progress.area_code = 'S92000003'

),

scoped as (

    select
        vision_statement_id as scope,
        indicator_id,
        publication_state,
        display_order,
        judgement
    from indicator

    union all

    select
        'scotland' as scope,
        indicator_id,
        publication_state,
        display_order,
        judgement
    from indicator

)

select
    scope,
    publication_state,
    judgement,
    count(*)::integer as indicators,
    array_agg(indicator_id order by display_order) as indicator_ids
from scoped
group by scope, publication_state, judgement
