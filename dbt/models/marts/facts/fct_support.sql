-- One row per piece of improvement support to organisations, with what inspection said before and after. That one followed the
-- other does not say that it caused it.
select
    {{ returned_id('support_id') }} as support_id,
    coalesce(given_to, '{}') as given_to_organisation_ids,
    kind,
    description,
    coalesce(areas, '{}') as area_codes,
    region,
    period_from,
    period_to,
    days,
    people_reached,
    inspected,
    grade_before,
    inspected_before,
    grade_after,
    inspected_after,
    coalesce(statements, '{}') as vision_statement_ids,
    url,
    note,
    returned_by,
    snapshot_id
from {{ ref('stg_returns__support') }}
