-- One row per area and year: people per household. Years are calendar years as the portal labels them.
with source as (

    {{ raw_rows('average_household_size', 'average_household_size__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(measurement) as measurement,
        trim(units) as units,
        trim(feature_code) as area_code,
        {{ period_start("'calendar_year'", 'date_code') }} as period_start,
        {{ period_end("'calendar_year'", 'date_code') }} as period_end,

        -- the figure
        trim(value) as value_published,
        {{ published_number('value') }} as obs_value,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row,
        'line ' || _row || ':Value' as source_cell

    from source

)

select * from renamed
