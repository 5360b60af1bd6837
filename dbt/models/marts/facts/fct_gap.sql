{{ without_loops() }}
-- One row per measure that has a comparator, area, period and breakdown: care experienced or looked after beside all.
-- The absolute gap can narrow while the relative one widens, so both are here, each with how it has moved since the
-- indicator's baseline, or the first period after it for which both figures are known.
with published as (

    select
        observation.measure_id,
        observation.area_code,
        observation.period_start,
        observation.period_end,
        observation.period_label,
        observation.breakdown,
        observation.breakdown_value,
        observation.obs_value,
        observation.lci_95,
        observation.uci_95,
        measure.unit,
        coalesce(observation.numerator, numerator.obs_value) as numerator,
        coalesce(observation.denominator, denominator.obs_value) as denominator,
        case when measure.threshold_unit = 'people' and observation.breakdown = 'total' then measure.threshold_value end as people,
        case when measure.small_numbers then measure.decimals::integer else measure.decimals::integer + 1 end as places
    from {{ ref('fct_observation') }} as observation
    inner join {{ ref('dim_measure') }} as measure on observation.measure_id = measure.measure_id
    left join {{ ref('fct_observation') }} as numerator
        on
            measure.numerator_measure_id = numerator.measure_id
            and observation.area_code = numerator.area_code
            and observation.period_start = numerator.period_start
            and observation.period_end = numerator.period_end
            and observation.breakdown = numerator.breakdown
            and observation.breakdown_value = numerator.breakdown_value
    left join {{ ref('fct_observation') }} as denominator
        on
            measure.denominator_measure_id = denominator.measure_id
            and observation.area_code = denominator.area_code
            and observation.period_start = denominator.period_start
            and observation.period_end = denominator.period_end
            and observation.breakdown = denominator.breakdown
            and observation.breakdown_value = denominator.breakdown_value
    where observation.obs_value is not null

),

figure as (

    select
        own.*,
        known.figure,
        known.lower,
        known.upper,
        known.evidence
    from published as own
    cross join {{ function('figure_interval') }}(own.unit, own.obs_value, own.numerator, own.denominator, own.lci_95, own.uci_95, own.people) as known

),

gap as (

    select
        measure.indicator_id,
        care.*,
        measure.comparator_measure_id,
        everyone.obs_value as comparator_value,
        beside.population != 'not_looked_after' as includes_group,
        care.obs_value - everyone.obs_value as absolute_gap,
        care.obs_value / nullif(everyone.obs_value, 0) as relative_gap,
        case
            when care.lower is null then null
            when everyone.lower is null then 'care_group'
            else 'both'
        end as interval_from,
        -- The limits of the difference of two figures from those of each: d ± √ of the sums of squares of the distances to
        -- the outer limits, as methods.judged_change has it. A figure without limits is taken as exact.
        care.figure - everyone.figure
        - sqrt(power(care.figure - care.lower, 2) + power(coalesce(everyone.upper, everyone.figure) - everyone.figure, 2)) as lower_gap,
        care.figure - everyone.figure
        + sqrt(power(care.upper - care.figure, 2) + power(everyone.figure - coalesce(everyone.lower, everyone.figure), 2)) as upper_gap,
        care.figure - everyone.figure as exact_gap,
        care.period_start >= coalesce(indicator.baseline_period_start, {{ the_promise_was_made() }}) as is_since_baseline
    from figure as care
    inner join {{ ref('dim_measure') }} as measure on care.measure_id = measure.measure_id
    inner join {{ ref('dim_indicator') }} as indicator on measure.indicator_id = indicator.indicator_id
    inner join {{ ref('dim_measure') }} as beside on measure.comparator_measure_id = beside.measure_id
    inner join figure as everyone
        on
            measure.comparator_measure_id = everyone.measure_id
            and care.area_code = everyone.area_code
            and care.period_start = everyone.period_start
            and care.period_end = everyone.period_end
            and care.breakdown = everyone.breakdown
            and care.breakdown_value = everyone.breakdown_value

),

-- A gap is the size of a difference or of a ratio, whichever of the two figures is the higher one.
sized as (

    select
        *,
        abs(absolute_gap) as size,
        abs(exact_gap) as exact_size,
        case when exact_gap < 0 then -upper_gap else lower_gap end as lower_size,
        case when exact_gap < 0 then -lower_gap else upper_gap end as upper_size,
        case when relative_gap > 0 then greatest(relative_gap, 1 / relative_gap) end as ratio
    from gap

),

-- Each beside the first since the baseline, by a window: of what a model has made itself nothing has statistics, and a join of
-- it to itself would be made by going through it for each row.
placed as (

    select
        sized.*,
        sized.is_since_baseline and sized.period_start > first_value(sized.period_start) over since as is_later,
        first_value(sized.period_start) over since as first_period_start,
        first_value(sized.period_end) over since as first_period_end,
        first_value(sized.period_label) over since as first_period_label,
        first_value(sized.size) over since as first_size,
        first_value(sized.exact_size) over since as first_exact_size,
        first_value(sized.lower_size) over since as first_lower_size,
        first_value(sized.upper_size) over since as first_upper_size,
        first_value(sized.relative_gap) over since as first_relative_gap,
        first_value(sized.ratio) over since as first_ratio
    from sized
    window
        since as (
            partition by sized.measure_id, sized.area_code, sized.breakdown, sized.breakdown_value
            order by sized.is_since_baseline desc, sized.period_start asc, sized.period_end asc
        )

),

since_then as (

    select
        placed.*,
        case when placed.is_later then placed.first_period_start end as from_period_start,
        case when placed.is_later then placed.first_period_end end as from_period_end,
        case when placed.is_later then placed.first_period_label end as from_period_label,
        case when placed.is_later then placed.first_size end as from_size,
        case when placed.is_later then placed.first_exact_size end as from_exact_size,
        case when placed.is_later then placed.first_lower_size end as from_lower_size,
        case when placed.is_later then placed.first_upper_size end as from_upper_size,
        case when placed.is_later then placed.first_relative_gap end as from_relative_gap,
        case when placed.is_later then placed.first_ratio end as from_ratio
    from placed

),

compared as (

    select
        later.*,
        broken.break_id,
        case when broken.break_id is null then later.size - later.from_size end as absolute_change,
        later.exact_size - later.from_exact_size
        - sqrt(power(later.exact_size - later.lower_size, 2) + power(later.from_upper_size - later.from_exact_size, 2)) as lower_change,
        later.exact_size - later.from_exact_size
        + sqrt(power(later.upper_size - later.exact_size, 2) + power(later.from_exact_size - later.from_lower_size, 2)) as upper_change,
        case when broken.break_id is null then later.relative_gap - later.from_relative_gap end as relative_change,
        case when broken.break_id is null then later.ratio - later.from_ratio end as ratio_change
    from since_then as later
    cross join lateral (
        select min(point.break_id) as break_id
        from {{ ref('fct_break') }} as point
        where
            point.measure_id in (later.measure_id, later.comparator_measure_id)
            and point.certainty = 'established'
            and {{ broken_between('point', 'later.from_period_start', 'later.from_period_end', 'later.period_start', 'later.period_end') }}
    ) as broken

)

select
    indicator_id,
    measure_id,
    comparator_measure_id,
    area_code,
    period_start,
    period_end,
    period_label,
    breakdown,
    breakdown_value,
    obs_value as care_value,
    comparator_value,
    absolute_gap,
    relative_gap,
    includes_group,
    round(lower_gap, places) as gap_lci_95,
    round(upper_gap, places) as gap_uci_95,
    interval_from,
    case when interval_from is not null then evidence end as evidence,
    from_period_start,
    from_period_label,
    break_id,
    absolute_change,
    case when break_id is null then round(lower_change, places) end as absolute_change_lci_95,
    case when break_id is null then round(upper_change, places) end as absolute_change_uci_95,
    {{ moved('absolute_change') }} as absolute_moved,
    relative_change,
    {{ moved('ratio_change') }} as relative_moved,
    sign(absolute_change) * sign(ratio_change) = -1 as disagree
from compared
