-- One row per rule, scope (a vision statement, or all of Scotland), publication state, part and judgement: how many
-- indicators, and which, so that what depends on the rule can be seen. An indicator is judged by its headline measure for
-- Scotland. This is a count with its list, not a score: what this project proposes is counted apart from what the framework
-- publishes, and so is what is no direction of its own: a fact that another indicator says from its other side, and what is
-- about everyone.
with ruled as (

    select
        indicator.indicator_id,
        indicator.vision_statement_id,
        indicator.publication_state,
        indicator.display_order,
        indicator.counted_as,
        rule.rule,
        coalesce(rule.judgement, {{ without_a_baseline('indicator.baseline_absence') }}) as judgement
    from {{ ref('dim_indicator') }} as indicator
    left join {{ ref('fct_progress') }} as progress
        on indicator.headline_measure_id = progress.measure_id and progress.area_code = 'S92000003'
    cross join lateral (
        values
        ('since_baseline', progress.judgement),
        ('since_2018_19', progress.judgement_since_2018_19),
        ('last_two', progress.judgement_since_previous),
        ('trend', coalesce(progress.judgement_by_trend, 'cannot_be_calculated'))
    ) as rule (rule, judgement)

),

scoped as (

    select
        vision_statement_id as scope,
        *
    from ruled

    union all

    select
        'scotland' as scope,
        *
    from ruled

)

select
    rule,
    scope,
    publication_state,
    counted_as,
    judgement,
    count(*)::integer as indicators,
    array_agg(indicator_id order by display_order) as indicator_ids
from scoped
group by rule, scope, publication_state, counted_as, judgement
