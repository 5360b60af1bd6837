select
    change,
    lower,
    upper,
    case
        when is_change is null or change = 'NaN' then null
        when not is_change then 'no_clear_change'
        when polarity = 'higher_is_better' then case when change > 0 then 'improving' else 'worsening' end
        when polarity = 'lower_is_better' then case when change < 0 then 'improving' else 'worsening' end
        when polarity = 'neutral' then case when change > 0 then 'rose' else 'fell' end
    end as judgement
from (
    select
        *,
        case
            when lower is not null and upper is not null
                then lower > coalesce(rounding, 0) or upper < -coalesce(rounding, 0)
            when rule_unit = 'percentage_point' then size >= rule_value and change != 0
            when rule_unit = 'percent_a_year' and years > 0 and from_value != 0
                then
                    change != 0
                    and size >= abs(from_value) * abs(power(1 + sign(change) * sign(from_value) * rule_value / 100, years) - 1)
        end as is_change
    from (
        select
            to_value - from_value as change,
            abs(to_value - from_value) - coalesce(rounding, 0) as size,
            to_value - from_value - sqrt(power(to_value - to_lower, 2) + power(from_upper - from_value, 2)) as lower,
            to_value - from_value + sqrt(power(to_upper - to_value, 2) + power(from_value - from_lower, 2)) as upper
        {{ computed_once() }}
    ) as difference
    {{ computed_once() }}
) as told
