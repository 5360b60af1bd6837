-- One row per measure and area: where it stood, where it stands, and what may be said of the change. The judgement uses
-- the measure's own threshold, whose author is in dim_measure; without one there is none to give, and the reason says so.
-- Judged are the figures before rounding (see int_observation_history); shown are those that fct_observation has.
with figure as (

    select *
    from {{ ref('int_observation_current') }}
    where choice = 1

)

select *
from (
    {{ progress_of('figure', ref('dim_indicator'), ref('dim_measure'), ref('fct_break'), exact='exact_value') }}
) as judged
