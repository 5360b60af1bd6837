-- One row per measure, area and earlier period: the change from it to the latest. Different baselines give different
-- answers (2018/19 was before the pandemic, 2019/20 is nearest to 2020), so every one can be asked; `is_baseline` is the
-- one that was chosen. Across a break there is no change to give.
with figure as (

    select
        measure_id,
        area_code,
        period_start,
        period_end,
        period_label,
        obs_value,
        first_value(period_end) over (partition by measure_id, area_code order by period_start desc) as latest_period_end
    from {{ ref('fct_observation') }}
    where breakdown = 'total' and obs_value is not null

),

pair as (

    select
        latest.indicator_id,
        latest.measure_id,
        latest.area_code,
        earlier.period_start as from_period_start,
        earlier.period_label as from_period_label,
        earlier.obs_value as from_value,
        latest.latest_period_start,
        latest.latest_period_label,
        latest.latest_value,
        measure.polarity,
        measure.role,
        earlier.period_start = coalesce(latest.baseline_period_start, indicator.baseline_period_start) as is_baseline,
        min(point.break_id) as break_id
    from {{ ref('fct_progress') }} as latest
    inner join figure as earlier
        on
            latest.measure_id = earlier.measure_id
            and latest.area_code = earlier.area_code
            and latest.latest_period_start > earlier.period_start
    inner join {{ ref('dim_measure') }} as measure on latest.measure_id = measure.measure_id
    inner join {{ ref('dim_indicator') }} as indicator on latest.indicator_id = indicator.indicator_id
    left join {{ ref('fct_break') }} as point
        on
            latest.measure_id = point.measure_id
            and point.certainty = 'established'
            and {{ broken_between(
                'point', 'earlier.period_start', 'earlier.period_end', 'latest.latest_period_start', 'earlier.latest_period_end'
            ) }}
    group by
        latest.indicator_id, latest.measure_id, latest.area_code, earlier.period_start, earlier.period_label, earlier.obs_value,
        latest.latest_period_start, latest.latest_period_label, latest.latest_value, measure.polarity, measure.role,
        latest.baseline_period_start, indicator.baseline_period_start

)

select
    indicator_id,
    measure_id,
    area_code,
    from_period_start,
    from_period_label,
    from_value,
    latest_period_start,
    latest_period_label,
    latest_value,
    case when break_id is null then latest_value - from_value end as change,
    coalesce(is_baseline, false) as is_baseline,
    break_id
from pair
