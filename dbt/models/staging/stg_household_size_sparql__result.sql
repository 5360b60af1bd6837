-- One row per council and year: people per household. What the service gives as addresses is cut to its last part.
with source as (

    {{ raw_rows('household_size_sparql', 'household_size_sparql__result') }}

),

renamed as (

    select
        -- what it is a figure of
        regexp_replace(trim(measure_type), '^.*/', '') as measure_type,
        regexp_replace(trim(ref_area), '^.*/', '') as area_code,
        {{ period_start("'calendar_year'", "regexp_replace(trim(ref_period), '^.*/year/', '')") }} as period_start,
        {{ period_end("'calendar_year'", "regexp_replace(trim(ref_period), '^.*/year/', '')") }} as period_end,

        -- the figure
        trim(value) as value_published,
        {{ published_number('value') }} as obs_value,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row,
        'line ' || _row || ':value' as source_cell

    from source

)

select * from renamed
