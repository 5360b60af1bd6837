-- One row per council and heading of the table, and edition: a number of looked after children, or a share of them, as the
-- heading says. Which year it is stands in the title and in the name of the file, in words that differ between editions.
with source as (

    {{ raw_rows('looked_after_children_tables', 'looked_after_children_tables__cell') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(heading) as heading,
        trim(council) as area_published,
        trim(title) as title,
        trim(sheet) as sheet,

        -- the figure
        trim(cell_text) as value_published,
        {{ function('published_number') }}(cell_text) as obs_value,

        -- provenance
        file_publication_id as publication_id,
        vintage,
        snapshot_id,
        _row as source_row,
        cell as source_cell

    from source

)

select * from renamed
