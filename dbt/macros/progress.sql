{#- Which way a change goes, by the measure's own threshold. -#}
{% macro judged(change) -%}
case
            when sign * {{ change }} >= threshold_value then 'improving'
            when sign * {{ change }} <= -threshold_value then 'worsening'
            else 'maintaining'
        end
{%- endmacro %}

{#- Where each measure stood, where it stands, and what may be said of the change, for any set of figures: those that stand
    now, those known on a day, those first published. The columns are those of fct_progress.

    `exact` is the column that is judged: where a figure leaves rounded, so that nobody gets a small count back of it, what is
    judged is the figure before rounding, and what is shown of the change has no more decimals than the figure. `sets` are
    columns, the same in all rows of a set, where there are several sets of figures to be judged each by itself. -#}
{% macro progress_of(figures, indicators, measures, breaks, exact='obs_value', sets=[]) -%}
with figure as (

    select
        {{- columns_of_set(sets, 'observation') }}
        observation.indicator_id,
        observation.measure_id,
        observation.area_code,
        observation.period_start,
        observation.period_end,
        observation.period_label,
        observation.obs_value,
        observation.{{ exact }} as judged_value,
        row_number() over one_series as age,
        count(*) over (partition by {{ columns_of_set(sets, 'observation') }} observation.measure_id, observation.area_code) as points
    from {{ figures }} as observation
    where observation.breakdown = 'total' and observation.obs_value is not null
    window
        one_series as (
            partition by {{ columns_of_set(sets, 'observation') }} observation.measure_id, observation.area_code
            order by observation.period_start desc
        )

),

-- The latest, the one before it and that of the baseline in one pass: nobody can tell the planner how many of each there are,
-- and joined to each other they are gone through again for each.
series as (

    select
        {{- columns_of_set(sets, 'figure') }}
        figure.indicator_id,
        figure.measure_id,
        figure.area_code,
        indicator.minimum_periods,
        indicator.baseline_absence,
        indicator.baseline_filled_by,
        {{ at_baseline('period_start') }} as baseline_period_start,
        {{ at_baseline('period_label') }} as baseline_period_label,
        {{ at_baseline('obs_value') }} as baseline_value,
        {{ at_baseline('judged_value') }} as judged_baseline,
        {{ of_age(1, 'period_start') }} as latest_period_start,
        {{ of_age(1, 'period_end') }} as latest_period_end,
        {{ of_age(1, 'period_label') }} as latest_period_label,
        {{ of_age(1, 'obs_value') }} as latest_value,
        {{ of_age(1, 'judged_value') }} as judged_latest,
        {{ of_age(2, 'period_start') }} as previous_period_start,
        {{ of_age(2, 'period_label') }} as previous_period_label,
        {{ of_age(2, 'obs_value') }} as previous_value,
        {{ of_age(2, 'judged_value') }} as judged_previous,
        max(figure.points)::integer as points
    from figure
    inner join {{ indicators }} as indicator on figure.indicator_id = indicator.indicator_id
    group by
        {{- columns_of_set(sets, 'figure') }}
        figure.indicator_id, figure.measure_id, figure.area_code, indicator.minimum_periods, indicator.baseline_absence,
        indicator.baseline_filled_by

),

pair as (

    select
        series.*,
        measure.polarity,
        measure.role,
        measure.threshold_value,
        measure.threshold_unit,
        measure.threshold_author,
        case measure.polarity when 'higher_is_better' then 1 when 'lower_is_better' then -1 end as sign,
        -- The most by which rounding in print can have changed the difference of the two figures.
        0.5 * power(10::numeric, -scale(series.judged_latest)) + 0.5 * power(10::numeric, -scale(series.judged_baseline)) as rounding,
        case when measure.small_numbers then measure.decimals::integer end as served_decimals
    from series
    inner join {{ measures }} as measure on series.measure_id = measure.measure_id

),

change as (

    select
        pair.*,
        broken.break_id,
        broken.break_reason,
        case when broken.break_id is null then pair.judged_latest - pair.judged_baseline end as change_since_baseline,
        case when not coalesce(broken.since_previous, false) then pair.judged_latest - pair.judged_previous end as change_since_previous
    from pair
    cross join lateral (
        -- Across a break nothing is calculated. Where its day is not known, neither is it within the time it may lie in.
        select
            min(point.break_id) filter (where pair.baseline_period_start < point.new_from) as break_id,
            min(point.reason) filter (where pair.baseline_period_start < point.new_from) as break_reason,
            bool_or(pair.previous_period_start < point.new_from) as since_previous
        from {{ breaks }} as point
        where pair.measure_id = point.measure_id and pair.latest_period_end > coalesce(point.old_until, point.new_from - 1)
    ) as broken

)

select
    {{- columns_of_set(sets) }}
    indicator_id,
    measure_id,
    area_code,
    baseline_period_start,
    baseline_period_label,
    baseline_value,
    latest_period_start,
    latest_period_label,
    latest_value,
    previous_period_label,
    previous_value,
    {{ served('change_since_baseline') }} as change_since_baseline,
    {{ served('change_since_previous') }} as change_since_previous,
    case sign({{ served('change_since_baseline') }}) when 1 then 'up' when -1 then 'down' when 0 then 'level' end as moves,
    points,
    case
        when role = 'comparator' or polarity = 'neutral' then 'no_direction'
        when baseline_value is null or points < minimum_periods or latest_period_start <= baseline_period_start then 'cannot_be_calculated'
        when break_id is not null or threshold_value is null then 'cannot_be_calculated'
        else {{ judged('change_since_baseline') }}
    end as judgement,
    case
        when role = 'comparator' then 'a comparator is shown beside, not judged'
        when polarity = 'neutral' then 'neither up nor down is better in itself'
        when baseline_value is null and baseline_absence is not null
            then 'no baseline of 2020, ' || replace(baseline_absence, '_', ' ') || '; it would be filled by ' || baseline_filled_by
        when baseline_value is null then 'our copy has no figure for the baseline period'
        when points < minimum_periods then 'fewer figures than the indicator asks for'
        when latest_period_start <= baseline_period_start then 'our copy has no figure after the baseline period'
        when break_id is not null then 'figures before and after a break do not compare: ' || break_reason
        when threshold_value is null then 'nobody has set how large a change would count'
        else
            'threshold of ' || trim_scale(threshold_value) || ' ' || replace(threshold_unit, '_', ' ') || ', set by ' || threshold_author
            || case
                when abs(abs(change_since_baseline) - threshold_value) < rounding
                    then '; the figures are printed rounded, and unrounded they could fall on the other side of it'
                else ''
            end
    end as reason,
    case
        when role = 'comparator' or polarity = 'neutral' then 'no_direction'
        when change_since_previous is null or threshold_value is null then 'cannot_be_calculated'
        else {{ judged('change_since_previous') }}
    end as judgement_since_previous,
    'Change from the baseline period to the latest, judged by the measure''s own threshold' as method,
    break_id
from change
{%- endmacro %}

{#- What is said of the figures of a measure and area, beside whose they are. -#}
{% macro progress_columns() -%}
    baseline_period_start,
    baseline_period_label,
    baseline_value,
    latest_period_start,
    latest_period_label,
    latest_value,
    previous_period_label,
    previous_value,
    change_since_baseline,
    change_since_previous,
    moves,
    points,
    judgement,
    reason,
    judgement_since_previous,
    method,
    break_id
{%- endmacro %}

{#- The columns that tell sets of figures apart, before others. -#}
{% macro columns_of_set(sets, relation='') -%}
    {%- for column in sets %}
        {{ relation ~ '.' if relation }}{{ column }},
    {%- endfor %}
{%- endmacro %}

{#- What the figure of the baseline period says, and that which is the latest but so many. -#}
{% macro at_baseline(column) -%}
    min(figure.{{ column }}) filter (where figure.period_start = indicator.baseline_period_start)
{%- endmacro %}

{% macro of_age(age, column) -%}
    min(figure.{{ column }}) filter (where figure.age = {{ age }})
{%- endmacro %}
