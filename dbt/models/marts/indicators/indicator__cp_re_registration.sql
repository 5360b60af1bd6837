-- Children registered again on the child protection register within 18 months of leaving it, per 100 registrations, by
-- council.
{{ indicator_mart(
    'cp_re_registration',
    {
        'cp_re_registration__percent': {},
    },
) }}
