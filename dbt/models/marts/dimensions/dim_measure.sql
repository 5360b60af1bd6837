-- One row per measure. A series with another population or definition is another measure, never stitched to this one.
select
    measure_id,
    indicator_id,
    title,
    unit,
    population,
    decimals::integer as decimals,
    polarity,
    role,
    comparator_measure_id,
    geography,
    definition,
    lower_bound::numeric as lower_bound,
    upper_bound::numeric as upper_bound,
    threshold_value::numeric as threshold_value,
    threshold_unit,
    threshold_author,
    threshold_reason,
    caveat,
    display_order::integer as display_order
from {{ ref('framework__measure') }}
