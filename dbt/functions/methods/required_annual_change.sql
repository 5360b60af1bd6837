select
    linear,
    case when target != 0 then compound end as compound
from {{ function('observed_annual_change') }}(current_value, current_year, target, target_year)
