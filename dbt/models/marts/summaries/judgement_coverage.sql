-- One row per rule, kind of area and judgement: of how many measure and area pairs it is what can be said. Every council has
-- a pair with every council measure, also one without a figure.
with pair as (

    select
        measure.measure_id,
        area.area_code,
        area.area_type
    from {{ ref('dim_measure') }} as measure
    inner join {{ ref('dim_area') }} as area
        on
            area.is_current
            and (
                area.area_type = 'country'
                or (area.area_type = 'council' and measure.geography = 'council')
            )
    where measure.role != 'comparator'

    union

    select
        progress.measure_id,
        area.area_code,
        area.area_type
    from {{ ref('fct_progress') }} as progress
    inner join {{ ref('dim_area') }} as area on progress.area_code = area.area_code
    inner join {{ ref('dim_measure') }} as measure on progress.measure_id = measure.measure_id
    where measure.role != 'comparator'

)

select
    rule.rule,
    pair.area_type,
    coalesce(rule.judgement, 'no_figure') as judgement,
    coalesce(rule.judgement, 'no_figure') in ({{ "'" ~ judged_ways() | join("', '") ~ "'" }}) as is_judged,
    count(*)::integer as pairs
from pair
left join {{ ref('fct_progress') }} as progress on pair.measure_id = progress.measure_id and pair.area_code = progress.area_code
cross join
    lateral (
        values
        ('since_baseline', progress.judgement),
        ('since_2018_19', progress.judgement_since_2018_19),
        ('last_two', progress.judgement_since_previous),
        ('trend', progress.judgement_by_trend)
    ) as rule (rule, judgement)
group by rule.rule, pair.area_type, coalesce(rule.judgement, 'no_figure')
