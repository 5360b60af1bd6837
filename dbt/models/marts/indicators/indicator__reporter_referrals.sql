-- Children referred to the Children's Reporter in the financial year, on any ground and for care and protection.
{{ indicator_mart(
    'reporter_referrals',
    {
        'reporter_referrals__count': {},
        'reporter_referrals__care_protection': {},
        'reporter_referrals__care_prot_council': {},
    },
) }}
