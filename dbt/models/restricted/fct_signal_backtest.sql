{{ without_loops() }}
-- One row per rule, measure, or all of them together, and how many figures later: how often a council that the rule flagged had
-- a worse figure than then, beside how often one that was asked and not flagged had. A later figure across an established break
-- is left out, and so is one of too few people, then or later.
with asked as materialized (

    {{ signals_asked() }}

),

figure as materialized (

    select
        benchmark.measure_id,
        benchmark.area_code,
        benchmark.period_start,
        benchmark.period_end,
        benchmark.obs_value,
        coalesce(benchmark.rank_reason in ('small_numbers', 'people_not_known'), false) as is_small,
        case measure.polarity when 'higher_is_better' then -1 when 'lower_is_better' then 1 end as sign,
        row_number() over (partition by benchmark.measure_id, benchmark.area_code order by benchmark.period_start) as place
    from {{ ref('fct_benchmark') }} as benchmark
    inner join {{ ref('dim_measure') }} as measure on benchmark.measure_id = measure.measure_id
    where measure.polarity != 'neutral'

),

-- What stood at the time: the figure of the period, or the last before it where there was none.
at_the_time as (

    select
        asked.signal_rule_id,
        asked.measure_id,
        asked.area_code,
        asked.period_start,
        asked.is_flagged,
        max(figure.place) as place
    from asked
    inner join figure
        on
            asked.measure_id = figure.measure_id
            and asked.area_code = figure.area_code
            and asked.period_start >= figure.period_start
    group by asked.signal_rule_id, asked.measure_id, asked.area_code, asked.period_start, asked.is_flagged

),

followed as (

    select
        asked.signal_rule_id,
        asked.measure_id,
        later.place - asked.place as horizon,
        asked.is_flagged,
        later.sign * (later.obs_value - then_known.obs_value) > 0 as is_worse
    from at_the_time as asked
    inner join figure as then_known
        on
            asked.measure_id = then_known.measure_id
            and asked.area_code = then_known.area_code
            and asked.place = then_known.place
            and not then_known.is_small
    inner join figure as later
        on
            asked.measure_id = later.measure_id
            and asked.area_code = later.area_code
            and later.place - asked.place in (1, 2)
            and not later.is_small
    where
        not exists (
            select
            from {{ ref('fct_break') }} as broken
            where
                broken.measure_id = asked.measure_id
                and broken.certainty = 'established'
                and {{ broken_between('broken', 'then_known.period_start', 'then_known.period_end', 'later.period_start', 'later.period_end') }}
        )

),

counted as (

    select
        signal_rule_id,
        measure_id,
        horizon::integer as horizon,
        count(*) filter (where is_flagged) as flags,
        count(*) filter (where is_flagged and is_worse) as followed_by_worse,
        count(*) filter (where not is_flagged) as others,
        count(*) filter (where not is_flagged and is_worse) as others_worse
    from (
        select
            signal_rule_id,
            measure_id,
            horizon,
            is_flagged,
            is_worse
        from followed
        union all
        select
            signal_rule_id,
            'all' as measure_id,
            horizon,
            is_flagged,
            is_worse
        from followed
    ) as each_and_all
    group by signal_rule_id, measure_id, horizon

)

select
    counted.signal_rule_id,
    counted.measure_id,
    counted.horizon,
    counted.flags::integer as flags,
    counted.followed_by_worse::integer as followed_by_worse,
    (counted.flags - counted.followed_by_worse)::integer as false_alarms,
    counted.followed_by_worse::numeric / nullif(counted.flags, 0) as share_worse,
    flagged.lower as share_worse_lci_95,
    flagged.upper as share_worse_uci_95,
    counted.others::integer as not_flagged,
    counted.others_worse::integer as not_flagged_worse,
    counted.others_worse::numeric / nullif(counted.others, 0) as base_rate,
    base.lower as base_rate_lci_95,
    base.upper as base_rate_uci_95
from counted
cross join {{ function('wilson_interval') }}(counted.followed_by_worse::numeric, counted.flags::numeric) as flagged
cross join {{ function('wilson_interval') }}(counted.others_worse::numeric, counted.others::numeric) as base
