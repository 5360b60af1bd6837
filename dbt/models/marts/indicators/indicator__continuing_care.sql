-- Young people who stay in their placement after they cease to be looked after: on 31 July, and those who began in the
-- year; as numbers and as shares of those eligible.
{{ indicator_mart(
    'continuing_care',
    {
        'continuing_care__count': {},
        'continuing_care__percent': {'numerator': 'continuing_care__count', 'denominator': 'continuing_care__eligible_count', 'per': 100},
        'continuing_care__eligible_count': {},
        'entering_continuing_care__percent': {'numerator': 'entering_continuing_care__count', 'denominator': 'entering_continuing_care__eligible', 'per': 100},
        'entering_continuing_care__count': {},
        'entering_continuing_care__eligible': {},
    },
) }}
