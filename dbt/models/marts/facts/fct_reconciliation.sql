-- One row per published figure that can be checked against other published figures: a ratio against the two counts that it
-- is of, a total against its parts. The published figure stands in every case. Where ours differs by more than the
-- publisher's rounding explains, this says so.
with figure as (

    {{ every_indicator('*', where='numerator * denominator * per is not null or parts_sum is not null or remainder_reason is not null') }}

),

checked as (

    select
        *,
        'ratio' as kind,
        numerator / nullif(denominator, 0) * per as calculated_value,
        0.5 * power(10::numeric, -scale(obs_value)) as tolerance,
        null::text as reason
    from figure
    where numerator * denominator * per is not null

    union all

    select
        *,
        'parts' as kind,
        parts_sum as calculated_value,
        -- Counts are exact; averages are printed rounded, the total and each of its parts.
        case unit when 'count' then 0 else 0.5 * power(10::numeric, -scale(obs_value)) * (parts + 1) end as tolerance,
        remainder_reason as reason
    from figure
    where parts_sum is not null or remainder_reason is not null

)

select
    indicator_id,
    measure_id,
    area_code,
    period_start,
    period_end,
    period_label,
    breakdown,
    breakdown_value,
    kind,
    unit,
    obs_value as published_value,
    trim_scale(round(calculated_value, 4)) as calculated_value,
    trim_scale(round(obs_value - calculated_value, 4)) as difference,
    trim_scale(tolerance) as tolerance,
    case
        when obs_value is null or calculated_value is null then 'cannot_be_checked'
        when abs(obs_value - calculated_value) <= tolerance then 'agrees'
        else 'differs'
    end as verdict,
    case
        when reason is not null then reason
        when obs_value is null or calculated_value is null then 'the figure itself is not published'
        when abs(obs_value - calculated_value) <= tolerance then 'the same, within the rounding of what is printed'
        when kind = 'parts' then 'the parts do not sum to the published total: the difference is in none of them, or they come from other publications'
        else 'more than the rounding of what is printed explains: printed with fewer digits than it looks, or the counts come from other publications'
    end as reason,
    numerator,
    denominator,
    per,
    source_id,
    source_cell
from checked
