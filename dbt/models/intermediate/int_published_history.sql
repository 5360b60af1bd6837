-- One row per published figure that feeds no measure and that more than one publication gives, and publication. So that a
-- revision is seen also where no indicator speaks of what was revised.
with several as (

    select
        published.source_id,
        published.series_label,
        published.series_heading,
        published.area_published,
        published.period_published,
        published.breakdown,
        published.breakdown_value
    from {{ ref('int_published_figures') }} as published
    left join {{ ref('framework__series') }} as series
        on
            published.source_id = series.source_id
            and published.series_label = series.series_label
            and published.series_heading = coalesce(series.series_heading, '')
    where series.measure_id is null and published.period_published is not null
    group by
        published.source_id,
        published.series_label,
        published.series_heading,
        published.area_published,
        published.period_published,
        published.breakdown,
        published.breakdown_value
    having count(distinct published.publication_id) > 1

),

reading as (

    select
        published.*,
        row_number() over (
            partition by
                published.source_id,
                published.series_label,
                published.series_heading,
                published.area_published,
                published.period_published,
                published.breakdown,
                published.breakdown_value,
                published.publication_id
            order by published.vintage desc, published.source_row asc
        ) as reading
    from several
    inner join {{ ref('int_published_figures') }} as published
        on
            several.source_id = published.source_id
            and several.series_label = published.series_label
            and several.series_heading = published.series_heading
            and several.area_published = published.area_published
            and several.period_published = published.period_published
            and several.breakdown is not distinct from published.breakdown
            and several.breakdown_value is not distinct from published.breakdown_value

)

select
    reading.source_id,
    reading.series_label,
    reading.series_heading,
    reading.area_published,
    reading.period_published,
    reading.breakdown,
    reading.breakdown_value,
    reading.obs_value,
    reading.value_published,
    reading.publication_id,
    publication.series as publication_series,
    publication.known_from,
    publication.date_basis,
    reading.snapshot_id,
    reading.source_cell,
    lag(reading.obs_value) over line as value_before,
    lag(reading.publication_id) over line as publication_before,
    row_number() over line > 1 and {{ differs('reading.obs_value', 'lag(reading.obs_value) over line') }} as is_changed
from reading
inner join {{ ref('int_publications') }} as publication on reading.publication_id = publication.publication_id
where reading.reading = 1
window line as (
    partition by
        reading.source_id,
        reading.series_label,
        reading.series_heading,
        reading.area_published,
        reading.period_published,
        reading.breakdown,
        reading.breakdown_value,
        publication.series
    order by publication.known_from asc, publication.rank asc, reading.publication_id asc
)
