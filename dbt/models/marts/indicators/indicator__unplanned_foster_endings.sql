-- Children whose foster placement ended unplanned in the calendar year, and children who used fostering services on 31
-- December.
{{ indicator_mart(
    'unplanned_foster_endings',
    {
        'unplanned_foster_endings__count': {},
        'fostering_services__children': {},
    },
) }}
