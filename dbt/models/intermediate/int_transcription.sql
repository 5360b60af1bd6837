-- One row per figure that this project typed itself: from which page, and whether that is one of its publisher's.
with transcribed as (

    select
        figure.vintage,
        figure.source_cell,
        figure.read_from,
        figure.read_note,
        publication.publisher,
        substring(lower(figure.read_from) from '^[a-z]+://(?:www\.)?([^/:]+)') as host
    from {{ ref('int_published_figures') }} as figure
    left join {{ ref('int_publications') }} as publication on figure.publication_id = publication.publication_id
    where figure.read_from is not null

),

placed as (

    select
        transcribed.*,
        exists(
            select 1
            from {{ ref('framework__organisation_site') }} as own
            where
                transcribed.publisher = own.organisation_name
                and (transcribed.host = own.site or transcribed.host like '%.' || own.site)
        ) as is_on_own_site
    from transcribed

)

select
    vintage,
    source_cell,
    case when is_on_own_site then 'transcription' else 'quoted_elsewhere' end as source_kind,
    read_from,
    read_note,
    case when not is_on_own_site then host end as seen_through
from placed
