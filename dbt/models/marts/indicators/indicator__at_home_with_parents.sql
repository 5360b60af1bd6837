-- Looked after children who live at home with their parents on 31 July, as a number and as a share of all looked after
-- children that day.
{{ indicator_mart(
    'at_home_with_parents',
    {
        'at_home__percent': {'numerator': 'at_home__count', 'denominator': 'in_care__count', 'per': 100},
        'at_home__count': {},
    },
) }}
