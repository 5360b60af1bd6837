-- One row per published figure that an indicator's measure is made of, vintage and cell: who, when and what in the
-- warehouse's own terms. A figure that no measure names stays in staging. Areas and markers are looked up once, here.
{{ config(materialized='by_vintage') }}

with published as (

    -- An area that its source declares to be outside is known, and not one that we keep.
    select figure.*
    from {{ ref('int_published_figures') }} as figure
    left join {{ ref('catalogue__area_outside') }} as outside
        on figure.source_id = outside.source_id and starts_with(figure.area_published, outside.code_begins)
    where
        outside.source_id is null
        and figure.vintage != all({{ standing_vintages() }})

),

-- Publishers vary capitals, commas and spaces; a few hundred spellings stand on thousands of figures.
area as materialized (

    select
        said.area_published,
        spelling.area_code
    from (select distinct area_published from published) as said
    inner join {{ ref('vocabulary__area_spelling') }} as spelling
        on spelling.spelling = {{ function('area_spelling') }}(said.area_published)

),

mapped as (

    select
        published.*,
        series.measure_id,
        series.times,
        series.decimals as series_decimals,
        -- A label that means something else than its series' style says is translated by itself.
        coalesce(period_exception.period_style, series.period_style) as period_style,
        coalesce(period_exception.period_label, published.period_published) as period_meant,
        coalesce(published.breakdown, series.breakdown, 'total') as figure_breakdown,
        coalesce(published.breakdown_value, series.breakdown_value, 'total') as figure_breakdown_value,
        area.area_code,
        marker.obs_status as marker_obs_status,
        {{ confidentiality('published') }} as conf_status,
        rule.suppressed_below
    from published
    -- What no measure names goes at the end. Left out here, next to nothing would be expected of all that follows: of the
    -- three columns each says much of the others, and the planner takes them to be independent.
    left join {{ ref('framework__series') }} as series
        on
            published.source_id = series.source_id
            and published.series_label = series.series_label
            and published.series_heading = coalesce(series.series_heading, '')
    left join {{ ref('framework__period_exception') }} as period_exception
        on
            published.source_id = period_exception.source_id
            and published.series_label = period_exception.series_label
            and published.series_heading = coalesce(period_exception.series_heading, '')
            and published.period_published = period_exception.period_as_published
    left join area on published.area_published = area.area_published
    left join {{ ref('vocabulary__cell_marker') }} as marker
        on published.source_id = marker.source_id and {{ is_marker('published.value_published') }}
    left join {{ ref('int_suppression_rule') }} as rule
        on published.source_id = rule.source_id and published.series_label = rule.series_label

),

-- A few hundred labels stand on thousands of figures, and reading one costs more than joining it.
period as materialized (

    select
        period_style,
        period_meant,
        {{ function('period_start') }}(period_style, period_meant) as period_start,
        {{ function('period_end') }}(period_style, period_meant) as period_end
    from (
        select distinct
            period_style,
            period_meant
        from mapped
        where measure_id is not null
    ) as said

),

dated as (

    select
        mapped.*,
        period.period_start,
        period.period_end
    from mapped
    left join period on mapped.period_style = period.period_style and mapped.period_meant = period.period_meant

)

select
    measure.indicator_id,
    dated.measure_id,
    dated.area_code,
    dated.period_start,
    dated.period_end,
    {{ period_label('dated.period_start', 'dated.period_end') }} as period_label,
    dated.figure_breakdown as breakdown,
    dated.figure_breakdown_value as breakdown_value,
    -- A source may declare a number to be a marker: 999 for a figure that is missing.
    case when dated.marker_obs_status is null then {{ in_unit('dated.obs_value') }} end as obs_value,
    measure.unit,
    measure.decimals::integer as decimals,
    -- A ratio printed with more decimals than it is shown with gives a small numerator back, so it leaves with these.
    case when measure.small_numbers::boolean then measure.decimals::integer end as served_decimals,
    coalesce(
        dated.marker_obs_status, {{ function('published_status') }}(dated.value_published), dated.obs_status, 'final'
    ) as obs_status,
    dated.conf_status,
    dated.suppressed_below,
    -- Beside a figure that is withheld they would give it away.
    case when dated.conf_status = 'free' then dated.numerator end as numerator,
    case when dated.conf_status = 'free' then dated.denominator end as denominator,
    case when dated.conf_status = 'free' then {{ in_unit('dated.lci_95') }} end as lci_95,
    case when dated.conf_status = 'free' then {{ in_unit('dated.uci_95') }} end as uci_95,
    dated.publication_id,
    dated.source_id,
    dated.vintage,
    dated.snapshot_id,
    dated.source_row,
    dated.source_cell,
    dated.series_label,
    dated.series_heading,
    dated.area_published,
    dated.period_published,
    dated.value_published
from dated
inner join {{ ref('framework__measure') }} as measure on dated.measure_id = measure.measure_id
