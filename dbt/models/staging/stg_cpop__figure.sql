-- One row per area, measure and labelled year. The label is a financial year for every measure, whatever the figure
-- covers: some are calendar years and some the average of several years, of which the label is the last. So the dates
-- are those of the label. NA has no figure.
with source as (

    {{ raw_rows('cpop', 'cpop__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(measure) as measure,
        trim(measure_and_unit) as measure_and_unit,
        trim(area) as area_published,
        trim(label_year) as period_published,
        {{ function('period_start') }}('financial_year', trim(label_year)) as label_start,
        {{ function('period_end') }}('financial_year', trim(label_year)) as label_end,
        nullif(trim(family_group), 'NA')::integer as family_group,

        -- the figure
        trim(figure) as value_published,
        {{ function('published_number') }}(figure) as obs_value,

        -- provenance; the line of the publisher's file stands beside that of ours
        line_in_origin::integer as line_in_origin,
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell_of('figure') }} as source_cell

    from source

)

select * from renamed
