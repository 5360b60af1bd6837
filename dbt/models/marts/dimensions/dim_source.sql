-- One row per source that this warehouse loads, with what of it is loaded now.
with vintage as (

    select distinct on (ledger.source_id)
        ledger.source_id,
        ledger.vintage,
        ledger.snapshot_id,
        ledger.retrieved_at,
        ledger.row_count as rows_loaded
    from {{ source('ops', 'vintage') }} as ledger
    where {{ in_use('ledger') }}
    order by ledger.source_id asc, ledger.vintage desc

),

feeds as (

    select
        series.source_id,
        array_agg(distinct measure.indicator_id order by measure.indicator_id) as feeds_indicators
    from {{ ref('framework__series') }} as series
    inner join {{ ref('framework__measure') }} as measure on series.measure_id = measure.measure_id
    group by series.source_id

)

select
    source.source_id,
    source.title,
    source.publisher_organisation_id,
    organisation.name as publisher,
    source.landing_page,
    source.licence,
    source.licence_url,
    source.attribution,
    source.cadence,
    source.source_kind,
    source.description,
    vintage.vintage as latest_vintage,
    vintage.snapshot_id as latest_snapshot_id,
    vintage.retrieved_at as latest_retrieved_at,
    vintage.rows_loaded::bigint as rows_loaded,
    coalesce(feeds.feeds_indicators, array[]::text[]) as feeds_indicators
from {{ ref('catalogue__source') }} as source
left join {{ ref('framework__organisation') }} as organisation
    on source.publisher_organisation_id = organisation.organisation_id
left join vintage on source.source_id = vintage.source_id
left join feeds on source.source_id = feeds.source_id
