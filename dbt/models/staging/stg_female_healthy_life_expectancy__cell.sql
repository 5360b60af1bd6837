-- One row per area and period of three calendar years: the years that a girl born then can expect to live in good
-- health. Age, sex, deprivation and kind of place are the values to which the slice is locked.
{{ portal_figures(
    'female_healthy_life_expectancy',
    'cell',
    period_style='statistics_gov_scot',
    dimensions={
        'measure': 'measure',
        'age': 'age',
        'sex': 'sex',
        'simd_quintiles': 'simd_quintile',
        'urban_rural_classification': 'urban_rural_classification',
        'area_name': 'area_published',
    },
    area='area_address',
    period='period_address',
    cell='cell',
) }}
