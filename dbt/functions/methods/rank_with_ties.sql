select
    case
        when {{ polarity_known('polarity') }} in ('higher_is_better', 'lower_is_better') and abs(val) < 'infinity'
            then (1 + better)::integer
    end as "rank",
    ranked::integer as ranked
from (
    select
        count(other) filter (where case polarity when 'higher_is_better' then other > val else other < val end) as better,
        count(other) as ranked
    from unnest(vals) as given (other)
    where abs(other) < 'infinity'
) as counted
