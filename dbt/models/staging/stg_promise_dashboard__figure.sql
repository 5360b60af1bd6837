-- One row per figure printed on a page of the dashboard, and capture. The same figure stands in both captures when it
-- was printed in both: that is how a revision is seen.
with source as (

    {{ raw_rows('promise_dashboard', 'promise_dashboard__figure') }}

),

renamed as (

    select
        -- what it is a figure of
        'promise_dashboard' as source_id,
        trim(indicator_short_label) as series_label,
        trim(column_heading) as series_heading,
        'Scotland' as area_published,
        trim(period_as_published) as period_published,

        -- the figure
        trim(value_as_published) as value_published,
        {{ function('published_number') }}(value_as_published) as obs_value,
        null::numeric as numerator,
        null::numeric as lci_95,
        null::numeric as uci_95,

        -- provenance; a file that came from the pages is a publication as a whole
        coalesce(nullif(trim(publication_id), ''), file_publication_id) as publication_id,
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell_of('value_as_published') }} as source_cell

    from source

)

select * from renamed
