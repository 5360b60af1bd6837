-- One row per publication and vintage of the register; the last vintage is the register that stands. The series that a
-- rank orders is named at the start of the note; a publication without one is a series of its own. A date of which the page
-- gives a part, and somebody worked out the rest, is marked there too: "Inferred year: ...".
with source as (

    {{ raw_rows('publication_register', 'publication_register__publication') }}

),

renamed as (

    select
        publication_id,
        title,
        publisher,
        nullif(url, '') as url,
        case
            when published_on ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then to_date(published_on, 'YYYY-MM-DD')
            when published_on ~ '^[0-9]{4}-[0-9]{2}$' then to_date(published_on, 'YYYY-MM')
            when published_on ~ '^[0-9]{4}$' then to_date(published_on, 'YYYY')
        end as published_on,
        precision,
        rank::integer as rank,
        coalesce(substring(note from '^Series: ([^.]+)\.'), title) as series,
        nullif(note, '') as note,
        coalesce(note ~ '\mInferred (day|month|year):', false) as is_inferred,
        'publication_register' as source_id,

        -- since when we know of it
        vintage,
        vintage = max(vintage) over () as is_latest,
        min(held_on) over (partition by publication_id) as held_on

    from source

)

select * from renamed
