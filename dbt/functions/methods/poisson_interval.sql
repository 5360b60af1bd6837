select
    case
        when x = 0 then 0
        when x < 10 then {{ function('gamma_quantile') }}(x, tail)::numeric
        else (x * (1 - 1 / (9 * x) - z / (3 * sqrt(x))) ^ 3)::numeric
    end as lower,
    case
        when x < 10 then {{ function('gamma_quantile') }}(x + 1, 1 - tail)::numeric
        else ((x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * sqrt(x + 1))) ^ 3)::numeric
    end as upper
from (
    select
        case
            when count >= 0 and count < 'infinity' and confidence is not null then count::double precision
        end as x,
        ((1 - confidence) / 2)::double precision as tail,
        {{ function('critical_value') }}(confidence) as z
    {{ computed_once() }}
) as counted
