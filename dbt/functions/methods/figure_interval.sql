select
    case
        when asked.evidence in ('share_of_counts', 'rate_of_counts') then asked.over / nullif(asked.under, 0) * asked.multiplier
        else asked.figure
    end as figure,
    case asked.evidence
        when 'published_interval' then asked.published_lower
        when 'rate_of_counts' then rate.lower
        when 'count' then events.lower
        else share.lower * asked.multiplier
    end as lower,
    case asked.evidence
        when 'published_interval' then asked.published_upper
        when 'rate_of_counts' then rate.upper
        when 'count' then events.upper
        else share.upper * asked.multiplier
    end as upper,
    asked.evidence
from (
    select
        obs_value as figure,
        numerator as over,
        denominator as under,
        lci_95 as published_lower,
        uci_95 as published_upper,
        people as so_many,
        case unit when 'percent' then 100 when 'per_1000' then 1000 when 'per_10000' then 10000 end as multiplier,
        case
            when unit in ('count', 'average_count') and obs_value >= 0 then 'count'
            when unit = 'percent' and denominator > 0 and numerator between 0 and denominator then 'share_of_counts'
            when unit in ('per_1000', 'per_10000') and denominator > 0 and numerator >= 0 then 'rate_of_counts'
            when lci_95 <= obs_value and obs_value <= uci_95 and lci_95 < uci_95 then 'published_interval'
            when unit = 'percent' and people > 0 and obs_value between 0 and 100 then 'share_of_people'
        end as evidence
    {{ computed_once() }}
) as asked
cross join
    {{ function('wilson_interval') }}(
        case asked.evidence
            when 'share_of_counts' then asked.over when 'share_of_people' then asked.figure / 100 * asked.so_many
        end,
        case asked.evidence when 'share_of_counts' then asked.under when 'share_of_people' then asked.so_many end
    ) as share
cross join {{ function('poisson_interval') }}(case asked.evidence when 'count' then asked.figure end) as events
cross join
    {{ function('rate_interval') }}(
        case asked.evidence when 'rate_of_counts' then asked.over end, asked.under, asked.multiplier
    ) as rate
