select
    {{ comparison_words(
        is_known='is_known',
        is_lower='share < ' ~ wilson_limit('around', 'n', '(-z)'),
        is_higher='share > ' ~ wilson_limit('around', 'n', 'z'),
        polarity='polarity',
    ) }} as comparison
from (
    select
        *,
        share is not null and around is not null and z is not null as is_known
    from (
        select
            denominator::double precision as n,
            case
                when {{ is_part('numerator', 'denominator') }}
                    then numerator::double precision / denominator::double precision
            end as share,
            case when benchmark between 0 and 1 then (benchmark * denominator)::double precision end as around,
            {{ function('critical_value') }}(confidence) as z
        {{ computed_once() }}
    ) as counted
    {{ computed_once() }}
) as placed
