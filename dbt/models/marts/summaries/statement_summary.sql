-- One row per vision statement: the list of its indicators by judgement, what is proposed, what is missing. Never one score.
select
    statement.vision_statement_id,
    statement.number,
    statement.name,
    statement.statement,
    statement.publication_state,
    statement.gap_statement,
    {{ summary_columns() }}
from {{ ref('dim_vision_statement') }} as statement
{{ summary_joins('statement.vision_statement_id') }}
