{#- The columns by which every mart of figures is known, in the contract's order. -#}
{% macro observation_columns() -%}
    indicator_id,
    measure_id,
    area_code,
    period_start,
    period_end,
    period_label,
    breakdown,
    breakdown_value,
    obs_value,
    unit,
    obs_status,
    conf_status,
    numerator,
    denominator,
    lci_95,
    uci_95,
    publication_id,
    source_id,
    snapshot_id,
    source_cell,
    published_on,
    is_revised
{%- endmacro %}

{#- An indicator's own mart: every measure of it, each figure beside its comparator where one is published for the same
    place and time. `definition` is what an analyst reads first. -#}
{% macro indicator_mart(indicator_id) %}
with figure as (

    select * from {{ ref('fct_observation') }} where indicator_id = '{{ indicator_id }}'

)

select
    figure.measure_id,
    measure.title as measure_title,
    measure.role,
    measure.population,
    figure.area_code,
    area.area_name,
    area.area_type,
    figure.period_start,
    figure.period_end,
    figure.period_label,
    figure.breakdown,
    figure.breakdown_value,
    figure.obs_value,
    figure.unit,
    figure.obs_status,
    figure.conf_status,
    figure.numerator,
    figure.denominator,
    figure.lci_95,
    figure.uci_95,
    comparator.obs_value as comparator_value,
    figure.is_revised,
    figure.publication_id,
    figure.published_on,
    figure.source_id,
    figure.snapshot_id,
    figure.source_cell
from figure
inner join {{ ref('dim_measure') }} as measure on figure.measure_id = measure.measure_id
inner join {{ ref('dim_area') }} as area on figure.area_code = area.area_code
left join figure as comparator
    on
        measure.comparator_measure_id = comparator.measure_id
        and figure.area_code = comparator.area_code
        and figure.period_start = comparator.period_start
        and figure.period_end = comparator.period_end
        and figure.breakdown = comparator.breakdown
        and figure.breakdown_value = comparator.breakdown_value
{% endmacro %}

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
    where indicator_id is not null
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
    measure.measure_id = indicator.headline_measure_id as is_headline,
    progress.baseline_period_label,
    progress.baseline_value,
    progress.latest_period_label,
    progress.latest_value,
    progress.change_since_baseline,
    coalesce(progress.judgement, 'cannot_be_calculated') as judgement,
    coalesce(progress.reason, 'no figure is published in a source that is loaded') as reason,
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
left join gap on indicator.indicator_id = gap.indicator_id
left join evidence on indicator.vision_statement_id = evidence.vision_statement_id
left join milestone on indicator.vision_statement_id = milestone.vision_statement_id
{% endmacro %}
