-- One row per publication: those of the register, those that are a whole file of the bundle, and those that are a file which
-- the publisher gave, of which nothing is known but when we took it: these follow the others of their series. `known_from` is the first day on
-- which it certainly was out. A date that is known to the month or the year counts from its last day; one that nobody
-- knows from the day by which a later publication of the series was out, or we held the file. `date_basis` says which.
with registered as (

    select
        publication_id,
        title,
        publisher,
        url,
        published_on,
        precision,
        rank,
        series,
        note,
        source_id,
        held_on,
        is_inferred
    from {{ ref('stg_publication_register__publication') }}
    where is_latest

),

whole_file as (

    select
        publication.publication_id,
        publication.title,
        publication.publisher,
        publication.url,
        publication.published_on::date as published_on,
        publication.precision,
        publication.rank::integer as rank,
        publication.series,
        publication.note,
        publication.source_id,
        min({{ held_on('ledger') }}) as held_on,
        false as is_inferred
    from {{ ref('catalogue__publication') }} as publication
    inner join {{ source('ops', 'vintage') }} as ledger on publication.publication_id = ledger.publication_id
    where {{ in_use('ledger') }}
    group by
        publication.publication_id,
        publication.title,
        publication.publisher,
        publication.url,
        publication.published_on,
        publication.precision,
        publication.rank,
        publication.series,
        publication.note,
        publication.source_id

),

last_of_series as (

    select
        series,
        max(rank) as rank
    from (
        select
            series,
            rank
        from registered

        union all

        select
            series,
            rank::integer
        from {{ ref('catalogue__publication') }}
    ) as named
    group by series

),

given_by_publisher as (

    select
        ledger.publication_id,
        source.title || ', as given on ' || to_char(ledger.retrieved_at, 'FMDD FMMonth YYYY') as title,
        publisher.name as publisher,
        source.landing_page as url,
        null::date as published_on,
        'unknown' as precision,
        coalesce(last_of_series.rank, 0) + ledger.vintage as rank,
        source.publication_series as series,
        'The file that was published when we asked; it says no day on which it came out.' as note,
        source.source_id,
        {{ held_on('ledger') }} as held_on,
        false as is_inferred
    from {{ source('ops', 'vintage') }} as ledger
    inner join {{ ref('catalogue__source') }} as source
        on ledger.source_id = source.source_id and ledger.publication_id = source.source_id || '_v' || ledger.vintage
    inner join {{ ref('framework__organisation') }} as publisher on source.publisher_organisation_id = publisher.organisation_id
    left join last_of_series on source.publication_series = last_of_series.series
    where {{ in_use('ledger') }}

),

publication as (

    select *
    from registered

    union all

    select *
    from whole_file

    union all

    select *
    from given_by_publisher

),

bounded as (

    select
        *,
        case precision
            when 'day' then published_on
            when 'month' then (published_on + interval '1 month' - interval '1 day')::date
            when 'year' then (published_on + interval '1 year' - interval '1 day')::date
        end as last_possible_day
    from publication

),

between_neighbours as (

    select
        *,
        max(published_on) over (
            partition by series
            order by rank asc range between unbounded preceding and 1 preceding
        ) as not_before,
        min(last_possible_day) over (
            partition by series
            order by rank asc range between 1 following and unbounded following
        ) as not_after
    from bounded

)

select
    publication_id,
    title,
    publisher,
    url,
    published_on,
    precision,
    rank,
    series,
    note,
    source_id,
    held_on,
    not_before,
    not_after,
    least(last_possible_day, not_after, held_on) as known_from,
    case
        when is_inferred then 'inferred'
        when precision != 'unknown' then precision
        when not_after <= held_on then 'bounded'
        else 'held'
    end as date_basis
from between_neighbours
