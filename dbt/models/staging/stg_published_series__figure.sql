-- One row per figure and publication that gives it. A figure that was revised stands here once for each publication.
with source as (

    {{ raw_rows('published_series', 'published_series__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        'published_series' as source_id,
        trim(indicator) as series_label,
        trim(unit) as series_heading,
        trim(geography) as area_published,
        trim(period) as period_published,

        -- the figure
        trim(obs_value) as value_published,
        {{ function('published_number') }}(obs_value) as obs_value,
        null::numeric as numerator,
        null::numeric as lci_95,
        null::numeric as uci_95,

        -- provenance
        publication_id,
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell_of('obs_value') }} as source_cell

    from source

)

select * from renamed
