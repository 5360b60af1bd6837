{{ without_loops() }}
-- One row per council, measure, period and rule by which it is worth a conversation (framework/signals.yml), of every period
-- since the first. About councils, never about people: nothing is asked of a figure of too few people but whether it is there.
with asked as (

    {{ signals_asked() }}

),

latest as (

    select
        measure_id,
        max(period_start) as period_start
    from {{ ref('fct_benchmark') }}
    group by measure_id

)

select
    asked.signal_rule_id,
    rule.kind,
    measure.indicator_id,
    asked.measure_id,
    asked.area_code,
    area.area_name,
    asked.period_start,
    asked.period_end,
    asked.period_label,
    asked.period_start = latest.period_start as is_latest,
    asked.obs_value,
    area.area_name || ', ' || measure.title || ': ' || asked.words || '.' as sentence,
    rule.title as rule_title,
    rule.author
from asked
inner join {{ ref('framework__signal') }} as rule on asked.signal_rule_id = rule.signal_rule_id
inner join {{ ref('dim_measure') }} as measure on asked.measure_id = measure.measure_id
inner join {{ ref('dim_area') }} as area on asked.area_code = area.area_code
inner join latest on asked.measure_id = latest.measure_id
where asked.is_flagged
