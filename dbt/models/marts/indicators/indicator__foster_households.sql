-- Foster care households approved on 31 December, and those newly approved in the year.
{{ indicator_mart(
    'foster_households',
    {
        'foster_households__count': {},
        'foster_households__approved': {},
    },
) }}
