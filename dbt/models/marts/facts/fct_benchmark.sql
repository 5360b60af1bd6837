-- One row per council measure, council and period: its place among the councils that have a figure, and its family group's
-- middle. Rank 1 is best by the measure's polarity; a neutral measure has no rank. A family with a suppressed member shows
-- no median, because with seven known and a median the eighth can be bounded.
with figure as (

    select
        observation.indicator_id,
        observation.measure_id,
        observation.area_code,
        observation.period_start,
        observation.period_end,
        observation.period_label,
        observation.obs_value,
        observation.conf_status,
        area.family_group,
        case measure.polarity when 'higher_is_better' then -1 when 'lower_is_better' then 1 end as sign
    from {{ ref('fct_observation') }} as observation
    inner join {{ ref('dim_area') }} as area on observation.area_code = area.area_code
    inner join {{ ref('dim_measure') }} as measure on observation.measure_id = measure.measure_id
    where area.area_type = 'council' and observation.breakdown = 'total' and measure.geography = 'council'

),

family as (

    select
        measure_id,
        period_start,
        period_end,
        family_group,
        case
            when bool_or(conf_status != 'free') then null
            else percentile_cont(0.5) within group (order by obs_value)
        end as family_median
    from figure
    group by measure_id, period_start, period_end, family_group

),

placed as (

    select
        *,
        case when sign is not null then rank() over (partition by measure_id, period_start, period_end order by sign * obs_value asc) end as place,
        count(*) over (partition by measure_id, period_start, period_end) as councils_ranked
    from figure
    where obs_value is not null

),

scotland as (

    select
        measure_id,
        period_start,
        period_end,
        obs_value
    from {{ ref('fct_observation') }}
    where area_code = 'S92000003' and breakdown = 'total'

)

select
    placed.indicator_id,
    placed.measure_id,
    placed.area_code,
    placed.period_start,
    placed.period_end,
    placed.period_label,
    placed.obs_value,
    placed.place::integer as rank,
    placed.councils_ranked::integer as councils_ranked,
    ceil(placed.place * 4.0 / placed.councils_ranked)::integer as quartile,
    placed.family_group,
    family.family_median::numeric as family_median,
    scotland.obs_value as scotland_value
from placed
left join family
    on
        placed.measure_id = family.measure_id
        and placed.period_start = family.period_start
        and placed.period_end = family.period_end
        and placed.family_group = family.family_group
left join scotland
    on
        placed.measure_id = scotland.measure_id
        and placed.period_start = scotland.period_start
        and placed.period_end = scotland.period_end
