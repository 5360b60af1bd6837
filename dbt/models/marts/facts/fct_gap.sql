-- One row per measure that has a comparator, area, period and breakdown: care experienced or looked after beside all.
-- The absolute gap can narrow while the relative one widens, so both are here.
select
    figure.indicator_id,
    figure.measure_id,
    measure.comparator_measure_id,
    figure.area_code,
    figure.period_start,
    figure.period_end,
    figure.period_label,
    figure.breakdown,
    figure.breakdown_value,
    figure.obs_value as care_value,
    comparator.obs_value as comparator_value,
    figure.obs_value - comparator.obs_value as absolute_gap,
    figure.obs_value / nullif(comparator.obs_value, 0) as relative_gap
from {{ ref('fct_observation') }} as figure
inner join {{ ref('dim_measure') }} as measure on figure.measure_id = measure.measure_id
inner join {{ ref('fct_observation') }} as comparator
    on
        measure.comparator_measure_id = comparator.measure_id
        and figure.area_code = comparator.area_code
        and figure.period_start = comparator.period_start
        and figure.period_end = comparator.period_end
        and figure.breakdown = comparator.breakdown
        and figure.breakdown_value = comparator.breakdown_value
where figure.obs_value is not null and comparator.obs_value is not null
