-- Young people aged 16 to 19 in education, training or employment, per 100 of that age. All young people: no source
-- says who is care experienced.
{{ indicator_mart(
    'participation_16_19',
    {
        'participation__all_16_19': {},
        'participation__lgbf': {},
        'participation__council': {},
    },
) }}
