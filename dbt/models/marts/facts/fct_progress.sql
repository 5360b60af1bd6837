-- One row per measure and area: where it stood, where it stands, and what may be said of the change. The judgement uses
-- the measure's own threshold, whose author is in dim_measure; without one there is none to give, and the reason says so.
{{ progress_of(ref('fct_observation'), ref('dim_indicator'), ref('dim_measure'), ref('fct_break')) }}
