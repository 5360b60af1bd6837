-- One row per measure, area, period and breakdown: the figure that stands now, or why there is none.
select
    {{ observation_columns() }}
from {{ ref('int_observation_current') }}
where choice = 1
