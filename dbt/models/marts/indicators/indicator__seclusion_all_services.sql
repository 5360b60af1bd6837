-- Incidents of seclusion that residential care services for children reported in the calendar year, as a number and
-- per place. Incidents, not children.
{{ indicator_mart(
    'seclusion_all_services',
    {
        'seclusion_all_services__count': {},
        'seclusion_all_services__change': {},
        'seclusion_per_place__school_care': {},
        'seclusion_per_place__secure': {},
    },
) }}
