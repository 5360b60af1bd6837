-- One row per report, organisation and role: who makes it, and who is sent it. Groups are spelled out.
select
    report_id,
    organisation_id,
    role,
    via
from {{ ref('framework__report_organisation') }}
