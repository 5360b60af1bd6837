-- One row per published figure that feeds no measure and that more than one publication gives, and publication. So that a
-- revision is seen also where no indicator speaks of what was revised.
with unmeasured as (

    select
        published.*,
        min(published.publication_id) over figure as lowest_publication_id,
        max(published.publication_id) over figure as highest_publication_id,
        row_number() over (
            partition by {{ published_figure('published') }}, published.publication_id
            order by published.vintage desc, published.source_row asc
        ) as reading
    from {{ ref('int_published_figures') }} as published
    where
        published.period_published is not null
        and not exists (
            select 1
            from {{ ref('framework__series') }} as series
            where
                published.source_id = series.source_id
                and published.series_label = series.series_label
                and published.series_heading = coalesce(series.series_heading, '')
        )
    window figure as (partition by {{ published_figure('published') }})

),

reading as (

    select *
    from unmeasured
    where lowest_publication_id != highest_publication_id

),

placed as (

    select
        {{ published_figure('reading') }},
        reading.value_published,
        reading.publication_id,
        reading.snapshot_id,
        reading.source_cell,
        -- A source may declare a number to be a marker.
        case when marker.obs_status is null then reading.obs_value end as obs_value,
        publication.series as publication_series,
        publication.known_from,
        publication.date_basis,
        {{ confidentiality('reading') }} as conf_status,
        row_number() over (
            partition by {{ published_figure('reading') }}
            order by publication.known_from asc, publication.rank asc, reading.publication_id asc
        ) as place
    from reading
    inner join {{ ref('int_publications') }} as publication on reading.publication_id = publication.publication_id
    left join {{ ref('vocabulary__cell_marker') }} as marker
        on reading.source_id = marker.source_id and {{ is_marker('reading.value_published') }}
    left join {{ ref('int_suppression_rule') }} as rule
        on reading.source_id = rule.source_id and reading.series_label = rule.series_label
    where reading.reading = 1

),

compared as (

    select
        *,
        lag(publication_id) over line as publication_before,
        row_number() over line > 1 and {{ differs('obs_value', 'lag(obs_value) over line') }} as is_changed,
        max(place) filter (where obs_value is not null) over figure as given
    from placed
    window
        figure as (partition by {{ published_figure() }}),
        line as (partition by {{ published_figure() }}, publication_series order by place asc)

),

withheld as (

    -- As in int_observation_history: a value that was suppressed after it was last given is in no row.
    select
        compared.*,
        case
            when compared.obs_value is not null and disclosure.disclosure_id is null
                then min(compared.known_from) filter (where compared.conf_status != 'free' and compared.place > compared.given) over (
                    partition by {{ published_figure('compared') }}
                )
        end as withheld_from
    from compared
    left join {{ ref('catalogue__disclosure') }} as disclosure
        on
            compared.source_id = disclosure.source_id
            and compared.publication_id = disclosure.publication_id
            and compared.series_label = disclosure.series_label
            and compared.series_heading = coalesce(disclosure.series_heading, '')
            and compared.area_published = disclosure.area_published
            and compared.period_published = disclosure.period_published
            and coalesce(compared.breakdown_value, 'total') = coalesce(disclosure.breakdown_value, 'total')

),

shown as (

    select
        *,
        case when withheld_from is null then obs_value end as shown_value
    from withheld

)

select
    source_id,
    series_label,
    series_heading,
    area_published,
    period_published,
    breakdown,
    breakdown_value,
    shown_value as obs_value,
    case when withheld_from is null then value_published end as value_published,
    conf_status,
    withheld_from,
    publication_id,
    publication_series,
    known_from,
    date_basis,
    snapshot_id,
    source_cell,
    lag(shown_value) over (partition by {{ published_figure() }}, publication_series order by place asc) as value_before,
    publication_before,
    is_changed
from shown
