{#- An outcome's mart: its indicators and their national measures, where each stood, where it stands, and what is missing.
    The parts are listed and never averaged into one score. -#}
{% macro outcome_mart(outcome_id) %}
with indicator as (

    select * from {{ ref('dim_indicator') }} where outcome_id = '{{ outcome_id }}'

),

gap as (

    select
        indicator_id,
        string_agg(description, ' ' order by data_gap_id) as gap
    from {{ ref('fct_data_gap') }}
    where indicator_id is not null and about != 'map'
    group by indicator_id

),

evidence as (

    select
        vision_statement_id,
        count(*)::integer as evidence_count
    from {{ ref('fct_evidence') }}
    group by vision_statement_id

),

milestone as (

    select
        vision_statement_id,
        count(*)::integer as milestone_count
    from {{ ref('fct_milestone') }}
    group by vision_statement_id

)

select
    '{{ outcome_id }}' as outcome_id,
    indicator.indicator_id,
    indicator.name as indicator_name,
    coalesce(measure.measure_id, 'none') as measure_id,
    measure.title as measure_title,
    measure.unit,
    measure.population,
    measure.polarity,
    measure.measure_id = indicator.headline_measure_id as is_headline,
    progress.baseline_period_start,
    progress.baseline_period_label,
    progress.baseline_value,
    progress.latest_period_start,
    progress.latest_period_label,
    progress.latest_value,
    progress.change_since_baseline,
    progress.moves,
    progress.previous_period_label,
    progress.previous_value,
    progress.change_since_previous,
    beside.comparator_value as comparator_latest_value,
    coalesce(progress.judgement, {{ without_a_baseline('indicator.baseline_absence') }}) as judgement,
    coalesce(progress.reason, 'our copy has no figure for Scotland') as reason,
    coalesce(progress.judgement_since_previous, 'cannot_be_calculated') as judgement_since_previous,
    indicator.baseline_note,
    indicator.publication_state,
    gap.gap,
    coalesce(evidence.evidence_count, 0) as evidence_count,
    coalesce(milestone.milestone_count, 0) as milestone_count
from indicator
left join {{ ref('dim_measure') }} as measure
    on
        indicator.indicator_id = measure.indicator_id
        and measure.role in ('headline', 'companion')
left join {{ ref('fct_progress') }} as progress
    on measure.measure_id = progress.measure_id and progress.area_code = 'S92000003'
left join {{ ref('fct_gap') }} as beside
    on
        measure.measure_id = beside.measure_id
        and beside.area_code = 'S92000003'
        and beside.breakdown = 'total'
        and progress.latest_period_start = beside.period_start
left join gap on indicator.indicator_id = gap.indicator_id
left join evidence on indicator.vision_statement_id = evidence.vision_statement_id
left join milestone on indicator.vision_statement_id = milestone.vision_statement_id
{% endmacro %}
