-- One row per council and indicator, the latest year only. Blank values are written NA; whether they were suppressed or
-- never available is not said.
with source as (

    {{ raw_rows('scotpho_profiles', 'scotpho_profiles__indicator') }}

),

renamed as (

    select
        -- what it is a figure of
        'scotpho_profiles' as source_id,
        trim(indicator) as series_label,
        trim(type_definition) as series_heading,
        trim(area_code) as area_published,
        trim(period) as period_published,

        -- the figure
        trim(measure) as value_published,
        {{ function('published_number') }}(measure) as obs_value,
        {{ function('published_number') }}(numerator) as numerator,
        {{ function('published_number') }}(lower_confidence_interval) as lci_95,
        {{ function('published_number') }}(upper_confidence_interval) as uci_95,

        -- provenance
        file_publication_id as publication_id,
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell_of('measure') }} as source_cell

    from source

)

select * from renamed
