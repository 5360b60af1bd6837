-- One row per target that somebody agreed: of what, for where, by when, who agreed it and where that is recorded.
select
    target_id,
    indicator_id,
    measure_id,
    area_code,
    value::numeric as value,
    unit,
    due_period,
    due_period_start::date as due_period_start,
    due_period_end::date as due_period_end,
    kind,
    agreed_by as agreed_by_organisation_id,
    agreed_on::date as agreed_on,
    baseline_period,
    baseline_period_start::date as baseline_period_start,
    what_good_looks_like,
    source_url
from {{ ref('framework__target') }}
