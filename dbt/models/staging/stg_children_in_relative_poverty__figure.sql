-- One row per area of the United Kingdom, indicator (before or after housing costs) and financial year, written
-- 2024-04-01/P1Y: a year from that day. Interval and status are blank throughout in what is published so far.
with source as (

    {{ raw_rows('children_in_relative_poverty', 'children_in_relative_poverty__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(indicator) as indicator,
        trim(measure) as measure,
        trim(unit) as unit,
        trim(areacd) as area_code,
        trim(areanm) as area_name,
        trim(geography) as area_type,
        {{ function('period_start') }}('iso_interval', period) as period_start,
        {{ function('period_end') }}('iso_interval', period) as period_end,

        -- the figure
        trim(observation) as value_published,
        {{ function('published_number') }}(observation) as obs_value,
        {{ function('published_number') }}(lci_95) as lci_95,
        {{ function('published_number') }}(uci_95) as uci_95,
        nullif(trim(status), '') as status_published,
        nullif(trim(notes), '') as note,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell_of('observation') }} as source_cell

    from source

)

select * from renamed
