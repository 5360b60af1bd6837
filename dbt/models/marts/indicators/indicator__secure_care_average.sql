-- Children in secure care on an average day of the year from 1 August to 31 July: those placed from within Scotland and
-- those placed from outside.
{{ indicator_mart(
    'secure_care_average',
    {
        'secure_care__average': {'parts_by': 'placed_from'},
    },
) }}
