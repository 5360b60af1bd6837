select
    case when points >= 12 then mean::numeric end as mean,
    case when points >= 12 then (mean - 2.66 * typical)::numeric end as lower,
    case when points >= 12 then (mean + 2.66 * typical)::numeric end as upper,
    case when points >= 12 then (mean - 2.66 * typical * 2 / 3)::numeric end as near_lower,
    case when points >= 12 then (mean + 2.66 * typical * 2 / 3)::numeric end as near_upper,
    points::integer as points
from (
    select
        count(*) as points,
        min(mean) as mean,
        min(typical) as typical
    from (
        {{ xmr_points_of('vals', 'screened') }}
    ) as point
) as summed
