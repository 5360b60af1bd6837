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
        observation.*,
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

latest as (

    select *
    from figure
    where age = 1

),

pair as (

    select
        {{- columns_of_set(sets, 'latest') }}
        latest.indicator_id,
        latest.measure_id,
        latest.area_code,
        baseline.period_start as baseline_period_start,
        baseline.period_label as baseline_period_label,
        baseline.obs_value as baseline_value,
        baseline.judged_value as judged_baseline,
        latest.period_start as latest_period_start,
        latest.period_end as latest_period_end,
        latest.period_label as latest_period_label,
        latest.obs_value as latest_value,
        latest.judged_value as judged_latest,
        previous.period_start as previous_period_start,
        previous.period_label as previous_period_label,
        previous.obs_value as previous_value,
        previous.judged_value as judged_previous,
        latest.points::integer as points,
        indicator.minimum_periods,
        measure.polarity,
        measure.role,
        measure.threshold_value,
        measure.threshold_unit,
        measure.threshold_author,
        case measure.polarity when 'higher_is_better' then 1 when 'lower_is_better' then -1 end as sign,
        -- The most by which rounding in print can have changed the difference of the two figures.
        0.5 * power(10::numeric, -scale(latest.judged_value)) + 0.5 * power(10::numeric, -scale(baseline.judged_value)) as rounding,
        case when measure.small_numbers then measure.decimals::integer end as served_decimals
    from latest
    inner join {{ indicators }} as indicator on latest.indicator_id = indicator.indicator_id
    inner join {{ measures }} as measure on latest.measure_id = measure.measure_id
    left join figure as baseline
        on
            latest.measure_id = baseline.measure_id
            and latest.area_code = baseline.area_code
            and indicator.baseline_period_start = baseline.period_start
            {{- of_one_set(sets, 'latest', 'baseline') }}
    left join figure as previous
        on
            latest.measure_id = previous.measure_id
            and latest.area_code = previous.area_code
            and previous.age = 2
            {{- of_one_set(sets, 'latest', 'previous') }}

),

broken as (

    -- Across a break nothing is calculated. Where its day is not known, neither is it within the time it may lie in.
    select
        {{- columns_of_set(sets, 'pair') }}
        pair.measure_id,
        pair.area_code,
        min(point.break_id) filter (where pair.baseline_period_start < point.new_from) as break_id,
        min(point.reason) filter (where pair.baseline_period_start < point.new_from) as break_reason,
        bool_or(pair.previous_period_start < point.new_from) as since_previous
    from pair
    inner join {{ breaks }} as point
        on
            pair.measure_id = point.measure_id
            and pair.latest_period_end > coalesce(point.old_until, point.new_from - 1)
    group by {{ columns_of_set(sets, 'pair') }} pair.measure_id, pair.area_code

),

change as (

    select
        pair.*,
        broken.break_id,
        broken.break_reason,
        case when broken.break_id is null then pair.judged_latest - pair.judged_baseline end as change_since_baseline,
        case when not coalesce(broken.since_previous, false) then pair.judged_latest - pair.judged_previous end as change_since_previous
    from pair
    left join broken
        on
            pair.measure_id = broken.measure_id
            and pair.area_code = broken.area_code
            {{- of_one_set(sets, 'pair', 'broken') }}

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

{#- That two rows are of one set, after another condition. -#}
{% macro of_one_set(sets, one, other) -%}
    {%- for column in sets %}
            and {{ one }}.{{ column }} is not distinct from {{ other }}.{{ column }}
    {%- endfor %}
{%- endmacro %}
