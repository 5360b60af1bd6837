-- One row per measure. A series with another population or definition is another measure, never stitched to this one.
select
    {{ contract_columns('measure') }}
from {{ ref('framework__measure') }} as measure
