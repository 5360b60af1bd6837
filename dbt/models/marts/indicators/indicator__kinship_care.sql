-- Looked after children who live with kinship carers on 31 July, as a number and as a share of all looked after children
-- that day.
{{ indicator_mart(
    'kinship_care',
    {
        'kinship_care__percent': {'numerator': 'kinship_care__count', 'denominator': 'in_care__count', 'per': 100},
        'kinship_care__count': {},
    },
) }}
