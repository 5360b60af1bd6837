-- One row per council, year, measure and uptake: children immunised by 24 months and children in the cohort (count),
-- and the percentage (ratio). What the service gives as addresses is cut to its last part.
{{ portal_figures(
    'six_in_one_immunisation',
    'result',
    period_style='statistics_gov_scot',
    dimensions={'measure_type': 'measure_type', 'vaccination_uptake': 'vaccination_uptake'},
    area='ref_area',
    period='ref_period',
) }}
