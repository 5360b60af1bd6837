-- One row per area, kind of household or place, housing costs and measurement: the percentage, and the lower and upper
-- bound of its 95% interval as rows of their own, so that a sum or mean over rows makes no sense. "2014-2017" is four
-- calendar years of one survey.
{{ portal_figures(
    'limited_resources',
    'figure',
    period_style='calendar_years',
    dimensions={
        'measurement': 'measurement',
        'units': 'units',
        'housing_costs': 'housing_costs',
        'adults_in_household': 'adults_in_household',
        'children_in_household': 'children_in_household',
        'disability_status': 'disability_status',
        'work_status': 'work_status',
        'type_of_tenure': 'type_of_tenure',
        'urban_rural_classification': 'urban_rural_classification',
        'simd_quintiles': 'simd_quintile',
    },
) }}
