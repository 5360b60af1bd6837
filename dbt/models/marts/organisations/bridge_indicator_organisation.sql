-- One row per indicator, organisation and role: who produces it, who reports it, who can change it.
select
    indicator_id,
    organisation_id,
    role,
    via,
    basis,
    source_url
from {{ ref('framework__indicator_organisation') }}
