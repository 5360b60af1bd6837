select
    (p1 - p2)::numeric as difference,
    (p1 - p2 - sqrt((p1 - l1) ^ 2 + (u2 - p2) ^ 2))::numeric as lower,
    (p1 - p2 + sqrt((u1 - p1) ^ 2 + (p2 - l2) ^ 2))::numeric as upper
from (
    select
        one.lower::double precision as l1,
        one.upper::double precision as u1,
        two.lower::double precision as l2,
        two.upper::double precision as u2,
        -- No proportion where there are no limits.
        case when one.upper is not null then x1::double precision / n1::double precision end as p1, -- noqa: RF02
        case when two.upper is not null then x2::double precision / n2::double precision end as p2 -- noqa: RF02
    from {{ function('wilson_interval') }}(x1, n1, confidence) as one -- noqa: RF02
    cross join {{ function('wilson_interval') }}(x2, n2, confidence) as two -- noqa: RF02
    {{ computed_once() }}
) as proportions
