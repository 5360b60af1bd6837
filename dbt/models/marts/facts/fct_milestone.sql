-- One row per milestone: of the commitments, those that can be reached or missed.
select
    commitment_id as milestone_id,
    theme_id,
    vision_statement_id,
    title,
    organisation_ids[1] as organisation_id,
    organisation_ids,
    owners_words,
    due_on,
    due_precision,
    by_when as due_words,
    coalesce(state_words, state) as status,
    source_url,
    returned_by
from {{ ref('fct_commitment') }}
where kind = 'milestone'
