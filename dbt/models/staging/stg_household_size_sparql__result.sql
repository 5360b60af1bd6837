-- One row per council and year: people per household. What the service gives as addresses is cut to its last part.
{{ portal_figures(
    'household_size_sparql',
    'result',
    period_style='statistics_gov_scot',
    dimensions={'measure_type': 'measure_type'},
    area='ref_area',
    period='ref_period',
) }}
