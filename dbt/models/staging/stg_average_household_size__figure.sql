-- One row per area and year: people per household. Years are calendar years as the portal labels them.
{{ portal_figures(
    'average_household_size',
    'figure',
    period_style='calendar_year',
    dimensions={'measurement': 'measurement', 'units': 'units'},
) }}
