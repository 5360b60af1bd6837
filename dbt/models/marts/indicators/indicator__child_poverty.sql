-- Children in households below the poverty line after housing costs, per 100 children. Three years are averaged,
-- because the survey's sample is small; figures of single years stand beside. All children.
{{ indicator_mart(
    'child_poverty',
    {
        'child_poverty__three_years': {},
        'child_poverty__relative': {},
        'child_poverty__absolute': {},
        'child_poverty__persistent': {},
        'child_poverty__deprivation': {},
        'child_poverty__lgbf': {},
        'child_poverty__after_housing_council': {},
        'child_poverty__before_housing_council': {},
    },
) }}
