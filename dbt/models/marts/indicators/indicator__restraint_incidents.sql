-- Incidents of physical restraint that residential care services for children reported in the calendar year.
-- Incidents, not children.
{{ indicator_mart(
    'restraint_incidents',
    {
        'restraint_incidents__count': {},
        'restraint_incidents__change': {},
        'restrictive_practice__other': {},
    },
) }}
