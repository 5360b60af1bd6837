-- Looked after children who live in residential accommodation on 31 July, as a number and as a share of all looked after
-- children that day.
{{ indicator_mart(
    'residential_care',
    {
        'residential_care__percent': {'numerator': 'residential_care__count', 'denominator': 'in_care__count', 'per': 100},
        'residential_care__count': {},
        'residential_care__count_lgbf': {},
    },
) }}
