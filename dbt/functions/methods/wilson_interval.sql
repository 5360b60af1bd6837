select
    case when x = 0 then 0 else ({{ wilson_limit('x', 'n', '(-z)') }})::numeric end as lower,
    case when x = n then 1 else ({{ wilson_limit('x', 'n', 'z') }})::numeric end as upper
from (
    select
        case when is_part then numerator::double precision end as x,
        case when is_part then denominator::double precision end as n,
        {{ function('critical_value') }}(confidence) as z
    from (
        select {{ is_part('numerator', 'denominator') }} and confidence is not null as is_part
    ) as asked
    {{ computed_once() }}
) as counted
