-- One row per milestone that a Plan 24-30 route map names.
select
    milestone_id,
    theme_id,
    vision_statement_id,
    title,
    organisation_id,
    due_on::date as due_on,
    due_precision,
    status,
    source_url
from {{ ref('framework__milestone') }}
