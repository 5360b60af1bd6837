-- One row per measure and area for which it can be asked what good looks like: each indicator's headline for Scotland, and
-- each council measure for each council. What was agreed, in words and as a target; and what the best quarter of a council's
-- family reaches, which nobody has agreed as an aim.
with asked as (

    select
        indicator.indicator_id,
        measure.measure_id,
        measure.measure_id = indicator.headline_measure_id as is_headline,
        measure.unit,
        area.area_code,
        area.area_type,
        area.family_group,
        case measure.polarity when 'higher_is_better' then -1 when 'lower_is_better' then 1 end as sign
    from {{ ref('dim_indicator') }} as indicator
    inner join {{ ref('dim_measure') }} as measure on indicator.indicator_id = measure.indicator_id
    inner join {{ ref('dim_area') }} as area
        on
            area.is_current
            and (
                (indicator.headline_measure_id = measure.measure_id and area.area_type = 'country')
                or (measure.geography = 'council' and measure.role != 'comparator' and area.area_type = 'council')
            )

),

latest as (

    select
        measure_id,
        max(period_start) as period_start
    from {{ ref('fct_benchmark') }}
    group by measure_id

),

-- fct_benchmark shows no median of a family in which a council is suppressed; then its best quartile is not shown either.
family as (

    select
        benchmark.measure_id,
        benchmark.family_group,
        benchmark.period_label,
        count(*)::integer as members_with_figure,
        bool_or(benchmark.family_median is null) as is_suppressed,
        percentile_cont(0.25) within group (order by asked.sign * benchmark.obs_value) as signed_best_quartile
    from {{ ref('fct_benchmark') }} as benchmark
    inner join latest
        on benchmark.measure_id = latest.measure_id and benchmark.period_start = latest.period_start
    inner join asked
        on benchmark.measure_id = asked.measure_id and benchmark.area_code = asked.area_code
    group by benchmark.measure_id, benchmark.family_group, benchmark.period_label

),

-- One target a measure and area: what the law asks before what was agreed as a stretch, then the one agreed last.
target as (

    select distinct on (measure_id, area_code) *
    from {{ ref('fct_target') }}
    order by
        measure_id asc,
        area_code asc,
        array_position(array['statutory', 'stretch', 'illustrative'], kind) asc,
        agreed_on desc,
        target_id asc

)

select
    asked.indicator_id,
    asked.measure_id,
    asked.area_code,
    asked.is_headline,
    asked.unit,
    target.what_good_looks_like as words,
    asked.family_group,
    family.period_label as family_period_label,
    coalesce(family.members_with_figure, 0) as family_members_with_figure,
    case when not family.is_suppressed then (asked.sign * family.signed_best_quartile)::numeric end as best_quartile_value,
    case
        when asked.area_type != 'council' then 'not_for_councils'
        when asked.sign is null then 'no_direction'
        when family.measure_id is null then 'no_figures'
        when family.is_suppressed then 'suppressed'
        else 'shown'
    end as best_quartile_state,
    target.target_id,
    target.kind as target_kind,
    target.value as target_value,
    target.due_period as target_due_period,
    target.agreed_by_organisation_id as target_agreed_by,
    coalesce(target.kind || ' target for ' || target.due_period, 'no agreed target') as target_label
from asked
left join family on asked.measure_id = family.measure_id and asked.family_group = family.family_group and asked.area_type = 'council'
left join target on asked.measure_id = target.measure_id and asked.area_code = target.area_code
