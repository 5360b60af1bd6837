{#- Every question of framework/signals.yml, asked of every council, measure and period of which it can be: one row each, with
    whether the answer is worth a conversation. What is of too few people is asked nothing but whether it is there. -#}
{% macro signals_asked() -%}
with measure as (

    select
        measure.*,
        indicator.minimum_periods,
        case measure.polarity when 'higher_is_better' then -1 when 'lower_is_better' then 1 end as sign,
        measure.decimals::integer as places,
        case measure.unit when 'percent' then ' per cent' when 'per_1000' then ' per 1,000' when 'per_10000' then ' per 10,000' else '' end
        as unit_in_words,
        case measure.unit when 'percent' then 100 when 'per_1000' then 1000 when 'per_10000' then 10000 end as multiplier
    from {{ ref('dim_measure') }} as measure
    inner join {{ ref('dim_indicator') }} as indicator on measure.indicator_id = indicator.indicator_id
    where measure.geography = 'council'

),

beside as (

    select
        benchmark.*,
        coalesce(benchmark.rank_reason in ('small_numbers', 'people_not_known'), false) as is_small,
        lag(benchmark.quartile) over series as quartile_before,
        lag(benchmark.period_label) over series as period_before
    from {{ ref('fct_benchmark') }} as benchmark
    window series as (partition by benchmark.measure_id, benchmark.area_code order by benchmark.period_start)

),

-- As fct_progress judges: figures before rounding, with the counts that they are published with.
point as (

    select
        current_figure.measure_id,
        current_figure.area_code,
        current_figure.period_start,
        current_figure.period_end,
        current_figure.period_label,
        current_figure.obs_value,
        current_figure.exact_value,
        known.figure,
        known.lower,
        known.upper,
        known.evidence,
        row_number() over (
            partition by current_figure.measure_id, current_figure.area_code order by current_figure.period_start
        ) as place
    from {{ ref('int_observation_current') }} as current_figure
    inner join measure on current_figure.measure_id = measure.measure_id
    {%- for part in ['numerator', 'denominator'] %}
    left join {{ ref('int_observation_current') }} as {{ part }}
        on
            measure.{{ part }}_measure_id = {{ part }}.measure_id
            and current_figure.area_code = {{ part }}.area_code
            and current_figure.period_start = {{ part }}.period_start
            and current_figure.period_end = {{ part }}.period_end
            and {{ part }}.breakdown = 'total'
            and {{ part }}.choice = 1
    {%- endfor %}
    cross join {{ function('figure_interval') }}(
        measure.unit,
        current_figure.exact_value,
        coalesce(current_figure.numerator, numerator.obs_value),
        coalesce(current_figure.denominator, denominator.obs_value),
        current_figure.lci_95,
        current_figure.uci_95,
        case measure.threshold_unit when 'people' then measure.threshold_value end
    ) as known
    where
        current_figure.choice = 1
        and current_figure.breakdown = 'total'
        and current_figure.area_code like 'S12%'
        and current_figure.obs_value is not null

),

worsening as (

    select
        rule.signal_rule_id,
        point.measure_id,
        point.area_code,
        point.period_start,
        point.period_end,
        point.period_label,
        point.obs_value,
        pair.judgement = 'worsening' as is_flagged,
        'from ' || {{ printed('before.figure', 'measure.places') }} || ' (' || before.period_label || ') to '
        || {{ printed('point.figure', 'measure.places') }} || measure.unit_in_words || ' (' || point.period_label || '), and a '
        || case measure.sign when -1 then 'higher' else 'lower' end || ' figure is better'
        || case
            when pair.lower is not null
                then
                    '; 95 per cent interval of the change: ' || {{ printed('pair.lower', 'measure.places + 1') }} || ' to '
                    || {{ printed('pair.upper', 'measure.places + 1') }}
            else '; by the rule of ' || measure.threshold_author || ' for a change where no counts or intervals are published'
        end as words
    from {{ ref('framework__signal') }} as rule
    cross join point
    inner join measure on point.measure_id = measure.measure_id and measure.role != 'comparator' and measure.sign is not null
    inner join beside
        on
            point.measure_id = beside.measure_id
            and point.area_code = beside.area_code
            and point.period_start = beside.period_start
            and point.period_end = beside.period_end
            and not beside.is_small
    inner join {{ ref('fct_progress') }} as progress
        on point.measure_id = progress.measure_id and point.area_code = progress.area_code
    inner join point as before
        on
            point.measure_id = before.measure_id
            and point.area_code = before.area_code
            and case rule.since
                when 'previous' then before.place = point.place - 1
                when 'baseline'
                    then
                        before.period_start = progress.baseline_period_start
                        and progress.computed_judgement != 'cannot_be_calculated'
                        and before.place < point.place
                        and point.place >= measure.minimum_periods
            end
    inner join beside as beside_before
        on
            before.measure_id = beside_before.measure_id
            and before.area_code = beside_before.area_code
            and before.period_start = beside_before.period_start
            and before.period_end = beside_before.period_end
            and not beside_before.is_small
    cross join lateral (
        select count(*) filter (
            where
            broken.certainty = 'established'
            and {{ broken_between('broken', 'before.period_start', 'before.period_end', 'point.period_start', 'point.period_end') }}
        ) as breaks
        from {{ ref('fct_break') }} as broken
        where broken.measure_id = point.measure_id
    ) as between_them
    cross join {{ function('judged_change') }}(
        measure.polarity,
        case when between_them.breaks = 0 then before.figure end,
        before.lower,
        before.upper,
        point.figure,
        point.lower,
        point.upper,
        measure.threshold_value,
        measure.threshold_unit,
        (point.period_start - before.period_start) / 365.25,
        {{ rounding_between('measure.unit', 'before.evidence', 'before.exact_value', 'point.evidence', 'point.exact_value') }}
    ) as pair
    where rule.kind = 'worsening' and pair.judgement is not null

),

family as (

    select
        measure_id,
        period_start,
        period_end,
        family_group,
        sum(numerator) / sum(denominator) as centre
    from beside
    where numerator is not null and denominator > 0
    group by measure_id, period_start, period_end, family_group

),

outside_family as (

    select
        rule.signal_rule_id,
        beside.measure_id,
        beside.area_code,
        beside.period_start,
        beside.period_end,
        beside.period_label,
        beside.obs_value,
        case measure.sign
            when -1 then limits.upper < family.centre * measure.multiplier
            else limits.lower > family.centre * measure.multiplier
        end as is_flagged,
        {{ printed('beside.obs_value', 'measure.places') }} || measure.unit_in_words || ' (' || beside.period_label || '), and its family group'
        || ' together has ' || {{ printed('family.centre * measure.multiplier', 'measure.places') }} || '; the '
        || trim_scale(rule.confidence::numeric * 100) || ' per cent limits of its figure are '
        || {{ printed('limits.lower', 'measure.places') }} || ' and ' || {{ printed('limits.upper', 'measure.places') }} || ', and a '
        || case measure.sign when -1 then 'higher' else 'lower' end || ' figure is better' as words
    from {{ ref('framework__signal') }} as rule
    cross join beside
    inner join measure on beside.measure_id = measure.measure_id and measure.role != 'comparator' and measure.sign is not null
    inner join family
        on
            beside.measure_id = family.measure_id
            and beside.period_start = family.period_start
            and beside.period_end = family.period_end
            and beside.family_group = family.family_group
    cross join {{ function('wilson_interval') }}(
        case beside.evidence when 'share_of_counts' then beside.numerator end, beside.denominator, rule.confidence::numeric
    ) as share
    cross join {{ function('rate_interval') }}(
        case beside.evidence when 'rate_of_counts' then beside.numerator end, beside.denominator, measure.multiplier, rule.confidence::numeric
    ) as rate
    cross join lateral (
        select
            coalesce(share.lower * measure.multiplier, rate.lower) as lower,
            coalesce(share.upper * measure.multiplier, rate.upper) as upper
    ) as limits
    where rule.kind = 'outside_family' and not beside.is_small and limits.lower is not null

),

lost_quartile as (

    select
        rule.signal_rule_id,
        beside.measure_id,
        beside.area_code,
        beside.period_start,
        beside.period_end,
        beside.period_label,
        beside.obs_value,
        beside.quartile - beside.quartile_before >= rule.quartiles::integer as is_flagged,
        'quarter ' || beside.quartile_before || ' of the councils'' places in ' || beside.period_before || ', quarter ' || beside.quartile
        || ' in ' || beside.period_label || ' (' || beside.rank || ' of ' || beside.councils_ranked || '); quarter 1 holds the best' as words
    from {{ ref('framework__signal') }} as rule
    cross join beside
    inner join measure on beside.measure_id = measure.measure_id and measure.role != 'comparator'
    where rule.kind = 'lost_quartile' and beside.quartile_before is not null and beside.quartile is not null

),

returned as (

    select
        measure_id,
        period_start,
        period_end,
        min(period_label) as period_label,
        count(*) as councils
    from point
    group by measure_id, period_start, period_end

),

-- Every council in every period that any has a figure of, with when it had one last before.
grid as (

    select
        returned.measure_id,
        area.area_code,
        returned.period_start,
        returned.period_end,
        returned.period_label,
        returned.councils,
        max(point.period_start) over (
            partition by returned.measure_id, area.area_code
            order by returned.period_start, returned.period_end
            rows between unbounded preceding and 1 preceding
        ) as earlier_start
    from returned
    inner join {{ ref('dim_area') }} as area on area.area_type = 'council' and area.is_current
    left join point
        on
            returned.measure_id = point.measure_id
            and area.area_code = point.area_code
            and returned.period_start = point.period_start
            and returned.period_end = point.period_end

),

return_missing as (

    select
        rule.signal_rule_id,
        grid.measure_id,
        grid.area_code,
        grid.period_start,
        grid.period_end,
        grid.period_label,
        there.obs_value,
        there.measure_id is null as is_flagged,
        'no figure for ' || grid.period_label || ', for which ' || grid.councils || ' councils have one; its own before is of '
        || earlier.period_label as words
    from {{ ref('framework__signal') }} as rule
    inner join grid on rule.kind = 'return_missing' and grid.councils >= rule.councils::integer
    inner join point as earlier
        on
            grid.measure_id = earlier.measure_id
            and grid.area_code = earlier.area_code
            and grid.earlier_start = earlier.period_start
    left join {{ ref('fct_observation') }} as there
        on
            grid.measure_id = there.measure_id
            and grid.area_code = there.area_code
            and grid.period_start = there.period_start
            and grid.period_end = there.period_end
            and there.breakdown = 'total'
            and (there.obs_value is not null or there.conf_status != 'free')
    -- A figure that is withheld was returned, and nothing can be said of what became of it.
    where there.measure_id is null or there.obs_value is not null

)
{%- for kind in ['worsening', 'outside_family', 'lost_quartile', 'return_missing'] %}

select
    signal_rule_id,
    measure_id,
    area_code,
    period_start,
    period_end,
    period_label,
    obs_value,
    is_flagged,
    words
from {{ kind }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
