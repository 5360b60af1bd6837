-- One row per figure that an organisation handed in of its own, kept apart from what is published.
select
    {{ returned_id('measure_id') }} as returned_measure_id,
    title,
    indicator as indicator_id,
    definition,
    population,
    unit,
    area as area_code,
    period_from as period_start,
    period_to as period_end,
    coalesce(breakdown, 'total') as breakdown,
    coalesce(breakdown_value, 'total') as breakdown_value,
    value as obs_value,
    numerator,
    denominator,
    no_value_because,
    made_from,
    coalesce(released, false) as is_released,
    note,
    returned_by,
    snapshot_id
from {{ ref('stg_returns__measure') }}
