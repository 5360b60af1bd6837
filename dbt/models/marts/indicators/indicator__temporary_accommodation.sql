-- Children, and households, in temporary accommodation on 31 March. No source says who is care experienced.
{{ indicator_mart(
    'temporary_accommodation',
    {
        'temporary_accommodation__children': {},
        'temporary_accommodation__households': {},
    },
) }}
