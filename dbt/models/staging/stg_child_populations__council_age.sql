-- One row per council, year and single year of age from 0 to 17: children in the middle of the year.
with source as (

    {{ raw_rows('child_populations', 'child_populations__council_age') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(area_code) as area_code,
        trim(area_name) as area_published,
        trim(age) as age_published,
        substring(age from '[0-9]+')::integer as age,
        make_date(trim(year)::integer, 6, 30) as period_start,
        make_date(trim(year)::integer, 6, 30) as period_end,
        nullif(trim(status), '') as status_published,

        -- the figure
        trim(value) as value_published,
        {{ function('published_number') }}(value) as people,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell_of('value') }} as source_cell

    from source

)

select * from renamed
