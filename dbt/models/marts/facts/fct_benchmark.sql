-- One row per council measure, council and period: its place among the councils that have a figure, where it can be told, and
-- its family group's middle. Rank 1 is best by the measure's polarity. There is none where no direction is better, where the
-- figure is of too few people (framework/small_numbers.yml), nor where its interval does not part it from Scotland's figure. A
-- family with a suppressed member shows no median, because with seven known and a median the eighth can be bounded.
with counted as (

    -- Who is counted in place of the people that a figure is of, on each day for which all of them are published.
    select
        declared.measure_id,
        observation.area_code,
        observation.period_end as counted_on,
        sum(case declared.counts when 'value' then observation.obs_value else observation.numerator end) as people,
        bool_or(declared.counted_by_measure_id = measure.numerator_measure_id) as is_denominator
    from {{ ref('framework__people') }} as declared
    inner join {{ ref('dim_measure') }} as measure on declared.measure_id = measure.measure_id
    inner join {{ ref('fct_observation') }} as observation on declared.counted_by_measure_id = observation.measure_id
    where observation.breakdown = 'total'
    group by declared.measure_id, observation.area_code, observation.period_start, observation.period_end
    having
        count(case declared.counts when 'value' then observation.obs_value else observation.numerator end)
        = (
            select count(*)
            from {{ ref('framework__people') }} as every
            where every.measure_id = declared.measure_id
        )

),

published as (

    select
        observation.indicator_id,
        observation.measure_id,
        observation.area_code,
        observation.period_start,
        observation.period_end,
        observation.period_label,
        observation.obs_value,
        observation.conf_status,
        observation.lci_95,
        observation.uci_95,
        area.family_group,
        measure.unit,
        measure.decimals::integer as decimals,
        coalesce(observation.numerator, numerator.obs_value) as numerator,
        coalesce(observation.denominator, denominator.obs_value) as denominator,
        case measure.polarity when 'higher_is_better' then -1 when 'lower_is_better' then 1 end as sign
    from {{ ref('fct_observation') }} as observation
    inner join {{ ref('dim_area') }} as area on observation.area_code = area.area_code
    inner join {{ ref('dim_measure') }} as measure on observation.measure_id = measure.measure_id
    left join {{ ref('fct_observation') }} as numerator
        on
            measure.numerator_measure_id = numerator.measure_id
            and observation.area_code = numerator.area_code
            and observation.period_start = numerator.period_start
            and observation.period_end = numerator.period_end
            and numerator.breakdown = 'total'
    left join {{ ref('fct_observation') }} as denominator
        on
            measure.denominator_measure_id = denominator.measure_id
            and observation.area_code = denominator.area_code
            and observation.period_start = denominator.period_start
            and observation.period_end = denominator.period_end
            and denominator.breakdown = 'total'
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
    from published
    group by measure_id, period_start, period_end, family_group

),

scotland as (

    select
        measure_id,
        period_start,
        period_end,
        obs_value
    from {{ ref('fct_observation') }}
    where area_code = 'S92000003' and breakdown = 'total'

),

peopled as (

    select distinct on (published.measure_id, published.area_code, published.period_start, published.period_end)
        published.*,
        coalesce(published.denominator, counted.people) as people,
        coalesce(
            published.denominator, case when counted.is_denominator and counted.counted_on = published.period_end then counted.people end
        ) as of_people
    from published
    left join counted on published.measure_id = counted.measure_id and published.area_code = counted.area_code
    where published.obs_value is not null
    order by
        published.measure_id,
        published.area_code,
        published.period_start,
        published.period_end,
        abs(counted.counted_on - published.period_end),
        counted.counted_on

),

beside as (

    select
        own.*,
        family.family_median::numeric as family_median,
        scotland.obs_value as scotland_value,
        known.evidence,
        case known.evidence when 'published_interval' then known.lower else round(known.lower, own.decimals + 1) end as lower,
        case known.evidence when 'published_interval' then known.upper else round(known.upper, own.decimals + 1) end as upper,
        own.unit in ('count', 'average_count') as is_count,
        own.sign is not null
        and coalesce(
            own.people < rule.fewer_than::integer,
            own.measure_id in (select declared.measure_id from {{ ref('framework__people') }} as declared)
        ) as is_small
    from peopled as own
    cross join {{ ref('framework__small_numbers') }} as rule
    cross join {{ function('figure_interval') }}(own.unit, own.obs_value, own.numerator, own.of_people, own.lci_95, own.uci_95, null) as known
    left join family
        on
            own.measure_id = family.measure_id
            and own.period_start = family.period_start
            and own.period_end = family.period_end
            and own.family_group = family.family_group
    left join scotland
        on
            own.measure_id = scotland.measure_id
            and own.period_start = scotland.period_start
            and own.period_end = scotland.period_end

),

by_itself as (

    select
        indicator_id,
        measure_id,
        area_code,
        period_start,
        period_end,
        period_label,
        obs_value,
        family_group,
        family_median,
        scotland_value,
        lower as lci_95,
        upper as uci_95,
        evidence,
        people,
        case when evidence in ('share_of_counts', 'rate_of_counts') then numerator end as numerator,
        case when evidence in ('share_of_counts', 'rate_of_counts') then of_people end as denominator,
        is_count,
        is_small,
        sign,
        case
            when is_count or scotland_value is null or lower is null then null
            when scotland_value between lower and upper then 'not_clearly_different'
            when sign is null then case when scotland_value < lower then 'higher' else 'lower' end
            when sign * scotland_value > sign * obs_value then 'better'
            else 'worse'
        end as compared_with_scotland
    from beside

)

select *
from (
    {{ places_among('by_itself', ref('fct_observation'), "area_code like 'S12%'", 'scotland_value') }}
) as benchmark
