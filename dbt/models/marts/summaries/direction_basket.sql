-- The rows of direction_by_rule for the rule by which an indicator is judged: the change since its baseline.
select
    scope,
    publication_state,
    counted_as,
    judgement,
    indicators,
    indicator_ids
from {{ ref('direction_by_rule') }}
where rule = 'since_baseline'
