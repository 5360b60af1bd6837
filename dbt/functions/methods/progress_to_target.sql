select
    value::numeric as value, -- noqa: AL09
    case
        when status = 'target_achieved' then 5
        when status = 'not_available' then null
        when is_to_target and value >= 0.6 then least(7.1429 * value - 4.2857, 5)
        when is_to_target then greatest(4.1667 * value - 2.5, -5)
        when value < 0 then greatest(125 * value - 2.5, -5)
        when room = 0 then 5
        when value >= 0.015 * room then least(500 * value / room - 5, 5)
        when value >= 0.005 * room then 250 * value / room - 1.25
        else 500 * value / room - 2.5
    end::numeric as score,
    status
from (
    select
        *,
        case
            when years is null or y0 is null or y1 is null then 'not_available'
            when is_achieved then 'target_achieved'
            when value is null then 'not_available'
            when value < 0 then 'deterioration'
            when value >= case when is_to_target then 0.95 else 0.015 * room end then 'substantial_progress'
            when value >= case when is_to_target then 0.60 else 0.005 * room end then 'moderate_progress'
            else 'limited_progress'
        end as status
    from (
        select
            *,
            case
                when is_to_target
                    then per_year / nullif(abs(power(change_wanted, 1 / years_wanted) - 1), 0)
                else per_year
            end as value,
            case
                when base_to_limit is null or base_to_limit >= 2 then 1
                when base_to_limit <= 1 then 1 - power(base_to_limit, 4.44)
                else 1 - power(2 - base_to_limit, 4.44)
            end as room
        from (
            select
                *,
                case when y1 / y0 >= 0 then sign(y0) * better * (power(y1 / y0, 1 / years) - 1) end as per_year,
                case when yt / y0 >= 0 then coalesce(nullif(yt, 0), 0.001 * sign(y0)) / y0 end as change_wanted,
                abs(y0) / nullif(abs(furthest), 0) as base_to_limit,
                case better when 1 then y1 >= yt when -1 then y1 <= yt end as is_achieved
            from (
                select
                    nullif({{ finite('base_value') }}, 0)::double precision as y0,
                    ({{ finite('current_value') }})::double precision as y1,
                    ({{ finite('target') }})::double precision as yt,
                    ({{ finite('natural_limit') }})::double precision as furthest,
                    target is not null as is_to_target,
                    case when current_year > base_year then (current_year - base_year)::double precision end as years,
                    case when target_year > base_year then (target_year - base_year)::double precision end as years_wanted,
                    case {{ function('one_of') }}(direction, array['increase', 'decrease'])
                        when 'increase' then 1
                        when 'decrease' then -1
                    end as better
                {{ computed_once() }}
            ) as given
            {{ computed_once() }}
        ) as compared
        {{ computed_once() }}
    ) as valued
    {{ computed_once() }}
) as judged
