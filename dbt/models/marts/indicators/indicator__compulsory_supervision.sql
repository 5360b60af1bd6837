-- Children subject to a Compulsory Supervision Order at the end of March, and children for whom a Child Protection
-- Order was made in the financial year.
{{ indicator_mart(
    'compulsory_supervision',
    {
        'compulsory_supervision__count': {},
        'child_protection_orders__count': {},
    },
) }}
