select
    case when x = 0 then 0 else ((2 * x + z * z - z * spread) / (2 * (n + z * z)))::numeric end as lower,
    case when x = n then 1 else ((2 * x + z * z + z * spread) / (2 * (n + z * z)))::numeric end as upper
from (
    select
        *,
        sqrt(z * z + 4 * x * (1 - x / n)) as spread
    from (
        select
            case when is_part then numerator::double precision end as x,
            case when is_part then denominator::double precision end as n,
            {{ function('critical_value') }}(confidence) as z
        from (
            select
                denominator > 0
                and denominator < 'infinity'
                and numerator between 0 and denominator
                and confidence is not null as is_part
        ) as asked
        {{ computed_once() }}
    ) as counted
    {{ computed_once() }}
) as spread_out
