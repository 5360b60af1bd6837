-- One row per judgement that somebody has agreed, over the one that is computed. It holds while the figure of its period is
-- the latest.
select
    qualifier_id,
    indicator_id,
    measure_id,
    area_code,
    period_start::date as period_start,
    period as period_label,
    judgement,
    agreed_by,
    agreed_on::date as agreed_on,
    reason,
    source_url
from {{ ref('framework__qualifier') }}
