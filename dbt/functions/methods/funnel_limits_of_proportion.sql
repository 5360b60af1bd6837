select
    case when centre is not null then greatest(centre - z * sqrt(centre * (1 - centre) / n), 0)::numeric end as lower,
    case when centre is not null then least(centre + z * sqrt(centre * (1 - centre) / n), 1)::numeric end as upper
from (
    select
        case when is_known then benchmark::double precision end as centre,
        case when is_known then denominator::double precision end as n,
        {{ function('critical_value') }}(confidence) as z
    from (
        select
            benchmark between 0 and 1
            and denominator > 0
            and denominator < 'infinity'
            and confidence is not null as is_known
    ) as asked
    {{ computed_once() }}
) as given
