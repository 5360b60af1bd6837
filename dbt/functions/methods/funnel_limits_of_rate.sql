select
    ({{ function('gamma_quantile') }}(expected, tail) / expected * centre)::numeric as lower,
    ({{ function('gamma_quantile') }}(expected + 1, 1 - tail) / expected * centre)::numeric as upper
from (
    select
        case
            when benchmark > 0 and denominator > 0 and multiplier > 0 and benchmark * denominator < 'infinity'
                then (benchmark * denominator / multiplier)::double precision
        end as expected,
        benchmark::double precision as centre,
        case
            when {{ function('critical_value') }}(confidence) is not null then ((1 - confidence) / 2)::double precision
        end as tail
    {{ computed_once() }}
) as given
