-- One row per figure that an organisation handed in of its own. For staff alone, whether or not its owner released it: what is
-- released is marked, and nothing shows it by itself.
select *
from {{ ref('int_returned_measure') }}
