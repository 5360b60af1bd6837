-- Looked after children who live with foster carers on 31 July, as a number and as a share of all looked after children
-- that day.
{{ indicator_mart(
    'foster_care',
    {
        'foster_care__percent': {'numerator': 'foster_care__count', 'denominator': 'in_care__count', 'per': 100},
        'foster_care__count': {},
    },
) }}
