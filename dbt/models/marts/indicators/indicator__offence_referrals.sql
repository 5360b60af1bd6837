-- Children referred to the Children's Reporter on offence grounds in the financial year, as a number, and per 1,000 by
-- council. The ages change with the minimum age: see fct_break.
{{ indicator_mart(
    'offence_referrals',
    {
        'offence_referrals__count': {},
        'offence_referrals__council': {},
    },
) }}
