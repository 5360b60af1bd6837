-- One row per filled cell of the children's columns. A heading is an indicator's code, a year, and perhaps "Real"
-- (costs adjusted for inflation), which makes another series. Headings that are not of this form are numerators and
-- denominators in words: they keep their whole text as label and have no period. The bundled file lists the cells of a
-- workbook; the publisher's own is that workbook.
with source as (

    {{ raw_rows('lgbf', 'lgbf__cell') }}

),

renamed as (

    select
        -- what it is a figure of
        'lgbf' as source_id,
        trim(regexp_replace(heading, '\s+[0-9]{4}-[0-9]{2}(\s+Real)?\s*$', '')) as series_label,
        case when heading ~ '\sReal\s*$' then 'Real' else '' end as series_heading,
        trim(council) as area_published,
        substring(heading from '([0-9]{4}-[0-9]{2})(?:\s+Real)?\s*$') as period_published,

        -- the figure
        trim(cell_text) as value_published,
        {{ function('published_number') }}(cell_text) as obs_value,
        null::numeric as numerator,
        null::numeric as lci_95,
        null::numeric as uci_95,

        -- provenance
        file_publication_id as publication_id,
        vintage,
        snapshot_id,
        _row as source_row,
        case when is_bundled then {{ cell_of('cell_text') }} else cell end as source_cell

    from source

)

select * from renamed
