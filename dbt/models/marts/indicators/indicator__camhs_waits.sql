-- Children and young people who started treatment within 18 weeks of referral, per 100 who started treatment in the
-- quarter. All children: no source says who is care experienced.
{{ indicator_mart(
    'camhs_waits',
    {
        'camhs_waits__within_18_weeks': {},
    },
) }}
