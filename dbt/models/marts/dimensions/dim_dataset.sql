-- One row per dataset of the Data Map: what statistics.gov.scot listed, and what this warehouse itself loads, joined to
-- the indicators and statements that a source feeds.
with own as (

    select
        'warehouse:' || source.source_id as dataset_id,
        source.title,
        -- What this project typed from pages is its own collection: no publisher has a dataset of that kind.
        case when source.source_kind = 'transcription' then 'this project' else source.publisher end as publisher,
        case when source.source_kind != 'transcription' then source.publisher_organisation_id end as organisation_id,
        source.landing_page as url,
        case when source.source_kind = 'transcription' then 'this project' else source.publisher end as held_by,
        'this warehouse' as catalogue,
        source.source_id,
        source.feeds_indicators as indicator_ids,
        source.latest_vintage is not null as in_warehouse,
        source.licence
    from {{ ref('dim_source') }} as source

),

statement as (

    select
        own.dataset_id,
        array_agg(distinct indicator.vision_statement_id order by indicator.vision_statement_id) as vision_statement_ids
    from own
    inner join {{ ref('framework__indicator') }} as indicator on indicator.indicator_id = any(own.indicator_ids)
    group by own.dataset_id

),

listed as (

    select
        'statistics.gov.scot:' || regexp_replace(dataset.url, '^.*/', '') as dataset_id,
        min(dataset.title) as title,
        string_agg(dataset.publisher, '; ' order by dataset.publisher) as publisher,
        -- Published by two, it is not one organisation's to answer for.
        case when count(*) = 1 then min(organisation.organisation_id) end as organisation_id,
        dataset.url
    from {{ ref('stg_statistics_gov_scot_catalogue__dataset') }} as dataset
    left join {{ ref('framework__organisation') }} as organisation on dataset.publisher = organisation.name
    group by dataset.url

)

select
    own.dataset_id,
    own.title,
    own.publisher,
    own.organisation_id,
    own.url,
    own.held_by,
    own.catalogue,
    own.source_id,
    coalesce(statement.vision_statement_ids, array[]::text[]) as vision_statement_ids,
    own.indicator_ids,
    own.in_warehouse,
    own.licence
from own
left join statement on own.dataset_id = statement.dataset_id

union all

select
    dataset_id,
    title,
    publisher,
    organisation_id,
    url,
    publisher as held_by,
    'statistics.gov.scot' as catalogue,
    null as source_id,
    array[]::text[] as vision_statement_ids,
    array[]::text[] as indicator_ids,
    false as in_warehouse,
    'Open Government Licence v3.0' as licence
from listed
