-- One row per case study that an organisation handed in: a problem, what was done, what changed.
select
    {{ returned_id('case_id') }} as case_study_id,
    title,
    problem,
    intervention,
    change,
    how_known,
    coalesce(areas, '{}') as area_codes,
    coalesce(partners, '{}') as organisation_ids,
    period_from,
    period_to,
    coalesce(population, '{}') as populations,
    coalesce(statements, '{}') as vision_statement_ids,
    coalesce(outcomes, '{}') as outcome_ids,
    coalesce(questions, '{}') as question_ids,
    url,
    note,
    returned_by,
    snapshot_id
from {{ ref('stg_returns__case_study') }}
