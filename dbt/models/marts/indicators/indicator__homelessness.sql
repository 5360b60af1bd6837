-- Households assessed as homeless or threatened with homelessness in the financial year, and applications. No source
-- says who is care experienced.
{{ indicator_mart(
    'homelessness',
    {
        'homelessness__assessed': {},
        'homelessness__applications': {},
        'homelessness__council': {},
    },
) }}
