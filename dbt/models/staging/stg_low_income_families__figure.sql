-- One row per council and financial year: children in families with a relative low income, before housing costs. The label
-- of the latest year says that it is provisional.
with source as (

    {{ raw_rows('low_income_families', 'low_income_families__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(measure) as measure,
        -- str:value:…:S12000033
        regexp_replace(trim(area_address), '^.*:', '') as area_code,
        trim(area_label) as area_published,
        trim(year_label) as period_published,
        {{ function('period_start') }}('financial_year', substring(year_label from '[0-9]{4}/[0-9]{2}')) as period_start,
        {{ function('period_end') }}('financial_year', substring(year_label from '[0-9]{4}/[0-9]{2}')) as period_end,
        year_label ~ '[(\[]p[)\]]' as is_provisional,
        nullif(trim(annotations), '') as annotations,

        -- the figure
        trim(value) as value_published,
        {{ function('published_number') }}(value) as obs_value,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row

    from source

)

select * from renamed
