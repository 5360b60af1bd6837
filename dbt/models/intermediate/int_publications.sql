-- One row per publication: those of the register, and those that are a whole landed file. `known_from` is the first day on
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
        held_on
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
        min({{ held_on('ledger') }}) as held_on
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

publication as (

    select *
    from registered

    union all

    select *
    from whole_file

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
        when precision != 'unknown' then precision
        when not_after <= held_on then 'bounded'
        else 'held'
    end as date_basis
from between_neighbours
