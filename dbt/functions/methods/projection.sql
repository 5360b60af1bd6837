select
    case when problem is null then expected::numeric end as value, -- noqa: AL09
    case when problem is null then (expected - reach)::numeric end as lower,
    case when problem is null then (expected + reach)::numeric end as upper,
    problem as reason
from (
    select
        *,
        case
            when not coalesce(is_in_shape, false) then 'not as many values as periods'
            when not coalesce(periods_apart, true) then 'a period that is there twice, or a missing one'
            when points < 5 then 'fewer than five points'
            when not coalesce(target_year > latest, false) then 'a year that is not after the last period'
            when confidence is null then 'no confidence'
            when reach is null then 'points without any scatter say nothing of a range'
        end as problem
    from (
        select
            *,
            mean + slope * (target_year - middle) as expected,
            {{ function('critical_value_of_t') }}(confidence, (points - 2)::integer)
            * sqrt(
                -- What is left by rounding alone is no scatter.
                case when spread - slope * together > 1e-9 * spread then spread - slope * together end
                / nullif(points - 2, 0)
                * (1 + 1.0 / nullif(points, 0) + (target_year - middle) ^ 2 / width)
            ) as reach
        from (
            select
                count(*) as points,
                max(period) as latest,
                count(*) = count(distinct period) as periods_apart,
                avg(period)::double precision as middle,
                avg(val) as mean,
                regr_slope(val, period - 2000) as slope,
                regr_sxy(val, period - 2000) as together,
                regr_syy(val, period - 2000) as spread,
                nullif(regr_sxx(val, period - 2000), 0) as width,
                cardinality(periods) = cardinality(vals) as is_in_shape
            from (
                select
                    period::double precision as period,
                    val::double precision as val
                from unnest(periods, vals) as given (period, val)
                where abs(val) < 'infinity'
            ) as point
        ) as fitted
    ) as led_on
) as judged
