-- Children who ceased to be looked after because they were adopted, in the year from 1 August to 31 July.
{{ indicator_mart(
    'adopted_from_care',
    {
        'adopted_from_care__count': {},
    },
) }}
