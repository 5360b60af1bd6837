select
    ((b - a) / years)::numeric as linear,
    case when a > 0 and b >= 0 then (power(b / a, 1 / years) - 1)::numeric end as compound
from (
    select
        ({{ finite('base_value') }})::double precision as a,
        ({{ finite('current_value') }})::double precision as b,
        case when current_year > base_year then (current_year - base_year)::double precision end as years
    {{ computed_once() }}
) as given
