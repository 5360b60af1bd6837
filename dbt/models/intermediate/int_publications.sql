-- One row per publication: those of the register, and those that are a whole landed file.
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
    source_id
from {{ ref('stg_publication_register__publication') }}

union all

select
    publication_id,
    title,
    publisher,
    url,
    published_on::date as published_on,
    precision,
    rank::integer as rank,
    series,
    note,
    source_id
from {{ ref('catalogue__publication') }}
