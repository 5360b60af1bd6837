select
    place::integer as place,
    x::numeric as val,
    case
        when points < 12 then null
        when outside != 0 then 'outside the limits'
        when bool_or(ends_trend) over onwards then 'trend of seven'
        when
            near != 0
            and (
                ends_pair
                or lead(ends_pair, 1, false) over in_order
                or lead(ends_pair, 2, false) over in_order
            )
            then 'two of three near a limit'
        when bool_or(ends_shift) over onwards then 'seven on one side of the mean'
    end as signal,
    case when points >= 12 then side end::integer as side
from (
    select
        *,
        coalesce(abs(sum(step) over six) = 6, false) as ends_trend,
        abs(sum(near) over three) >= 2 and abs(sum(side) over three) = 3 as ends_pair,
        abs(sum(side) over seven) = 7 as ends_shift
    from (
        select
            *,
            sign(x - mean) as side,
            sign(x - lag(x) over (order by place)) as step,
            case when x > mean + 2.66 * typical then 1 when x < mean - 2.66 * typical then -1 else 0 end as outside,
            case
                when abs(x - mean) > 2.66 * typical then 0
                when x > mean + 2.66 * typical * 2 / 3 then 1
                when x < mean - 2.66 * typical * 2 / 3 then -1
                else 0
            end as near
        from (
            {{ xmr_points_of('vals', 'screened') }}
        ) as point
    ) as placed
    window
        three as (order by place rows between 2 preceding and current row),
        six as (order by place rows between 5 preceding and current row),
        seven as (order by place rows between 6 preceding and current row)
) as run
window
    in_order as (order by place),
    onwards as (order by place rows between current row and 6 following)
