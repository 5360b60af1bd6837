-- Incidents of physical restraint per registered place in the calendar year, by kind of service.
{{ indicator_mart(
    'restraint_per_place',
    {
        'restraint_per_place__school_care': {},
        'restraint_per_place__secure': {},
        'restraint_per_place__care_homes': {},
    },
) }}
