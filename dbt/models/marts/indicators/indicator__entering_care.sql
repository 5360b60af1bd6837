-- Children who started to be looked after in the year from 1 August to 31 July, as published.
{{ indicator_mart(
    'entering_care',
    {
        'entering_care__count': {},
        'ceasing_care__count': {},
    },
) }}
