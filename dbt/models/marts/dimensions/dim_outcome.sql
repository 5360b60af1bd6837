-- One row per outcome that has an id. One whose text is not known keeps a null text and the state gap.
select
    outcome_id,
    vision_statement_id,
    number::integer as number,
    text as outcome_text,
    earlier_text,
    source_url,
    publication_state,
    proposed_because,
    note
from {{ ref('framework__outcome') }}
