-- One row per area, financial year, sex, age and measurement: the percentage reconvicted (Ratio) and reconvictions per
-- person (Mean). A group without a row was not published; that is no zero.
with source as (

    {{ raw_rows('reconvictions', 'reconvictions__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(measurement) as measurement,
        trim(units) as units,
        trim(feature_code) as area_code,
        make_date(substring(date_code from '^([0-9]{4})/[0-9]{4}$')::integer, 4, 1) as period_start,
        make_date(substring(date_code from '^[0-9]{4}/([0-9]{4})$')::integer, 3, 31) as period_end,
        trim(gender) as sex,
        trim(age) as age,

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
