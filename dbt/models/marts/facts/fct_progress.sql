-- One row per measure and area: where it stood, where it stands, and what may be said of the change. The judgement uses
-- the measure's own threshold, whose author is in dim_measure; without one there is none to give, and the reason says so.
with figure as (

    select
        observation.*,
        row_number() over (partition by observation.measure_id, observation.area_code order by observation.period_start desc) as age,
        count(*) over (partition by observation.measure_id, observation.area_code) as points
    from {{ ref('fct_observation') }} as observation
    where observation.breakdown = 'total' and observation.obs_value is not null

),

latest as (

    select *
    from figure
    where age = 1

),

change as (

    select
        latest.indicator_id,
        latest.measure_id,
        latest.area_code,
        baseline.period_start as baseline_period_start,
        baseline.period_label as baseline_period_label,
        baseline.obs_value as baseline_value,
        latest.period_start as latest_period_start,
        latest.period_label as latest_period_label,
        latest.obs_value as latest_value,
        previous.period_label as previous_period_label,
        previous.obs_value as previous_value,
        latest.obs_value - baseline.obs_value as change_since_baseline,
        latest.obs_value - previous.obs_value as change_since_previous,
        latest.points::integer as points,
        indicator.minimum_periods,
        measure.polarity,
        measure.role,
        measure.threshold_value,
        measure.threshold_unit,
        measure.threshold_author,
        case measure.polarity when 'higher_is_better' then 1 when 'lower_is_better' then -1 end as sign
    from latest
    inner join {{ ref('dim_indicator') }} as indicator on latest.indicator_id = indicator.indicator_id
    inner join {{ ref('dim_measure') }} as measure on latest.measure_id = measure.measure_id
    left join figure as baseline
        on
            latest.measure_id = baseline.measure_id
            and latest.area_code = baseline.area_code
            and indicator.baseline_period_start = baseline.period_start
    left join figure as previous
        on
            latest.measure_id = previous.measure_id
            and latest.area_code = previous.area_code
            and previous.age = 2

)

select
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
    change_since_baseline,
    change_since_previous,
    points,
    case
        when role = 'comparator' or polarity = 'neutral' then 'no_direction'
        when baseline_value is null or points < minimum_periods or latest_period_start <= baseline_period_start then 'cannot_be_calculated'
        when threshold_value is null then 'cannot_be_calculated'
        when sign * change_since_baseline >= threshold_value then 'improving'
        when sign * change_since_baseline <= -threshold_value then 'worsening'
        else 'maintaining'
    end as judgement,
    case
        when role = 'comparator' then 'a comparator is shown beside, not judged'
        when polarity = 'neutral' then 'neither up nor down is better in itself'
        when baseline_value is null then 'no figure is published for the baseline period'
        when points < minimum_periods then 'fewer figures than the indicator asks for'
        when latest_period_start <= baseline_period_start then 'no figure is published after the baseline period'
        when threshold_value is null then 'nobody has set how large a change would count'
        else 'threshold of ' || trim_scale(threshold_value) || ' ' || replace(threshold_unit, '_', ' ') || ', set by ' || threshold_author
    end as reason,
    'Change from the baseline period to the latest, judged by the measure''s own threshold' as method
from change
