-- One row per part that an organisation plays in a question of the Story of Progress, or in the whole.
select
    organisation_role_id,
    organisation_id,
    strand,
    role,
    what,
    since::date as since,
    until::date as until,
    stated_on::date as stated_on,
    stated_precision,
    source_url
from {{ ref('framework__organisation_role') }}
