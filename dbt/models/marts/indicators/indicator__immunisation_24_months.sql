-- Children immunised by 24 months, per 100 who reached that age, three years averaged, by council. All children.
{{ indicator_mart(
    'immunisation_24_months',
    {
        'immunisation__six_in_one': {},
        'immunisation__mmr': {},
    },
) }}
