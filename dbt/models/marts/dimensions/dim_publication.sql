-- One row per publication. `precision` says how exactly its date is known; `rank` orders publications of one series.
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
    known_from,
    date_basis
from {{ ref('int_publications') }}
