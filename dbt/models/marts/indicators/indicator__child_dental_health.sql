-- Children without obvious tooth decay at the basic inspection, per 100 inspected, in Primary 1 and Primary 7. All
-- children.
{{ indicator_mart(
    'child_dental_health',
    {
        'child_dental_health__p1': {},
        'child_dental_health__p7': {},
    },
) }}
