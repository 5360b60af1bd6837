select
    (p1 - p2)::numeric as difference,
    (p1 - p2 - sqrt((p1 - l1) ^ 2 + (u2 - p2) ^ 2))::numeric as lower,
    (p1 - p2 + sqrt((u1 - p1) ^ 2 + (p2 - l2) ^ 2))::numeric as upper
from (
    select
        a1 / m1 as p1,
        a2 / m2 as p2,
        case when a1 = 0 then 0 else {{ wilson_limit('a1', 'm1', '(-z)') }} end as l1,
        case when a1 = m1 then 1 else {{ wilson_limit('a1', 'm1', 'z') }} end as u1,
        case when a2 = 0 then 0 else {{ wilson_limit('a2', 'm2', '(-z)') }} end as l2,
        case when a2 = m2 then 1 else {{ wilson_limit('a2', 'm2', 'z') }} end as u2
    from (
        select
            case when are_parts then x1::double precision end as a1,
            case when are_parts then n1::double precision end as m1,
            case when are_parts then x2::double precision end as a2,
            case when are_parts then n2::double precision end as m2,
            {{ function('critical_value') }}(confidence) as z
        from (
            select
                {{ is_part('x1', 'n1') }}
                and {{ is_part('x2', 'n2') }}
                and confidence is not null as are_parts
        ) as asked
        {{ computed_once() }}
    ) as counted
    {{ computed_once() }}
) as proportions
