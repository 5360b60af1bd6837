select
    case
        when not coalesce(bands between 1 and ranked and val between least_of_all and greatest_of_all, false) then null
        when {{ polarity_known('polarity') }} = 'lower_is_better' then 1 + edges_below
        when polarity = 'higher_is_better' then bands - edges_below
    end::integer as band
from (
    select
        ranked,
        least_of_all,
        greatest_of_all,
        (
            select count(*)
            from unnest(edges) as given (edge)
            where edge < val::double precision
        ) as edges_below
    from (
        select
            count(other) as ranked,
            min(other) as least_of_all,
            max(other) as greatest_of_all,
            percentile_cont(
                array(
                    select k::double precision / bands
                    from generate_series(1, bands - 1) as given (k)
                    order by k
                )
            ) within group (order by other::double precision) as edges
        from unnest(vals) as given (other)
        where abs(other) < 'infinity'
    ) as cut
) as placed
