-- One row per area, kind of household or place, housing costs and measurement: the percentage, and the lower and upper
-- bound of its 95% interval as rows of their own, so that a sum or mean over rows makes no sense. "2014-2017" is four
-- calendar years of one survey.
with source as (

    {{ raw_rows('limited_resources', 'limited_resources__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(measurement) as measurement,
        trim(units) as units,
        trim(feature_code) as area_code,
        make_date(substring(date_code from '^([0-9]{4})-[0-9]{4}$')::integer, 1, 1) as period_start,
        make_date(substring(date_code from '^[0-9]{4}-([0-9]{4})$')::integer, 12, 31) as period_end,
        trim(housing_costs) as housing_costs,
        trim(adults_in_household) as adults_in_household,
        trim(children_in_household) as children_in_household,
        trim(disability_status) as disability_status,
        trim(work_status) as work_status,
        trim(type_of_tenure) as type_of_tenure,
        trim(urban_rural_classification) as urban_rural_classification,
        trim(simd_quintiles) as simd_quintile,

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
