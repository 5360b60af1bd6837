-- One row per area and year, areas of seven kinds from Scotland to data zones, so that a sum over rows counts people
-- several times. The slice labels calendar years; what it gives is an estimate for the middle of each.
{{ portal_figures(
    'population_slice_female',
    'cell',
    period_style='statistics_gov_scot',
    dimensions={'measure': 'measure', 'age': 'age', 'sex': 'sex', 'area_name': 'area_published'},
    area='area_address',
    period='period_address',
    cell='cell',
) }}
