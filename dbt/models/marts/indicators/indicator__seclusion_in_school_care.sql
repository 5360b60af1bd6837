-- Incidents of seclusion that school care accommodation services reported in the calendar year. Incidents, not children:
-- one child can be in several.
{{ indicator_mart(
    'seclusion_in_school_care',
    {
        'seclusion__school_care': {},
    },
) }}
