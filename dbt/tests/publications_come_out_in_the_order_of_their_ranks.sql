-- Within a series a higher rank came out later. A date that contradicts the ranks would turn a revision round.
select distinct
    earlier.publication_id || ' (rank ' || earlier.rank || ') is dated ' || earlier.published_on || ', after '
    || later.publication_id || ' (rank ' || later.rank || '), ' || later.published_on
    || ', though it ranks before it in ' || earlier.series || '; correct the date or the rank of one of them' as problem,
    unnest(array[earlier.source_id, later.source_id]) as source_id
from {{ ref('int_publications') }} as earlier
inner join {{ ref('int_publications') }} as later
    on earlier.series = later.series and earlier.rank < later.rank
where
    earlier.published_on > case later.precision
        when 'day' then later.published_on
        when 'month' then (later.published_on + interval '1 month' - interval '1 day')::date
        when 'year' then (later.published_on + interval '1 year' - interval '1 day')::date
    end
