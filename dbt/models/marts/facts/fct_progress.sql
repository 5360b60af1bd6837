{{ without_loops() }}
-- One row per measure and area: where it stood, where it stands, and what may be said of the change, by the interval of the
-- difference where counts or intervals are published and else by the rule of the measure, whose author is in dim_measure.
-- Judged are the figures before rounding (see int_observation_history); shown are those that fct_observation has.
with current_figure as (

    select *
    from {{ ref('int_observation_current') }}
    where choice = 1

)

select *
from (
    {{ progress_of(
        'current_figure', ref('dim_indicator'), ref('dim_measure'), ref('fct_break'), ref('fct_qualifier'), ref('fct_benchmark'),
        exact='exact_value'
    ) }}
) as judged
