-- Children registered on the child protection register after an initial or pre-birth planning meeting in the year, per
-- 1,000 children. The framework counts those aged 0 to 15, the publisher those aged 0 to 17: two measures.
{{ indicator_mart(
    'cp_registration_rate',
    {
        'cp_registration__per_1000_0_15': {},
        'cp_registration__per_1000_0_17': {'numerator': 'cp_registration__from_meetings', 'per': 1000},
        'cp_registration__from_meetings': {},
        'cp_registration__count': {},
        'cp_on_register__per_1000_council': {},
        'cp_registration__concern': {},
        'cp_registration__most_deprived': {},
        'cp_planning_meetings__count': {},
        'cp_planning_meetings__per_1000_0_17': {'numerator': 'cp_planning_meetings__count', 'per': 1000},
    },
) }}
