-- One row per indicator: who produces it, who reports it, who can change it. Where no page says who can change it, nobody is
-- named and the reason stands there.
with named as (

    select
        indicator_id,
        array_agg(organisation_id order by organisation_id) filter (where role = 'produces') as produced_by,
        array_agg(organisation_id order by organisation_id) filter (where role = 'reports') as reported_by,
        count(*) filter (where role = 'can_change')::integer as organisations_that_can_change
    from {{ ref('bridge_indicator_organisation') }}
    group by indicator_id

)

select
    responsibility.indicator_id,
    coalesce(named.produced_by, array[]::text[]) as produced_by,
    coalesce(named.reported_by, array[]::text[]) as reported_by,
    coalesce(string_to_array(responsibility.can_change, ' '), array[]::text[]) as can_change,
    coalesce(named.organisations_that_can_change, 0) as organisations_that_can_change,
    responsibility.basis,
    responsibility.reason,
    responsibility.about,
    responsibility.source_url
from {{ ref('framework__responsibility') }} as responsibility
left join named on responsibility.indicator_id = named.indicator_id
