{{ progress_of(
    as_released(function('observation_as_of'), 'methods') ~ '(as_of)',
    as_released(ref('dim_indicator')),
    as_released(ref('dim_measure')),
    as_released(ref('fct_break')),
    as_released(ref('fct_qualifier')),
    as_released(ref('fct_benchmark')),
    released=true,
) }}
