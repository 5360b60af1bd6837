-- One row per organisation: what it answers for, how many datasets of the Data Map it publishes, which indicators it
-- produces or reports, which it can change, and what it must publish or send.
with datasets as (

    select
        organisation_id,
        count(*)::integer as datasets
    from {{ ref('dim_dataset') }}
    where organisation_id is not null
    group by organisation_id

),

indicators as (

    select
        organisation_id,
        array_agg(distinct indicator_id order by indicator_id) filter (where role in ('produces', 'reports')) as indicators,
        array_agg(distinct indicator_id order by indicator_id) filter (where role = 'can_change') as can_change
    from {{ ref('framework__indicator_organisation') }}
    group by organisation_id

),

reports as (

    select
        organisation_id,
        array_agg(report_id order by report_id) as reports
    from {{ ref('framework__report_organisation') }}
    where role = 'makes'
    group by organisation_id

)

select
    organisation.organisation_id,
    organisation.name,
    organisation.kind,
    organisation.area_code,
    organisation.answers_for,
    organisation.url,
    organisation.source_url,
    coalesce(datasets.datasets, 0) as datasets,
    coalesce(indicators.indicators, array[]::text[]) as indicators,
    coalesce(indicators.can_change, array[]::text[]) as can_change,
    coalesce(reports.reports, array[]::text[]) as reports
from {{ ref('framework__organisation') }} as organisation
left join datasets on organisation.organisation_id = datasets.organisation_id
left join indicators on organisation.organisation_id = indicators.organisation_id
left join reports on organisation.organisation_id = reports.organisation_id
