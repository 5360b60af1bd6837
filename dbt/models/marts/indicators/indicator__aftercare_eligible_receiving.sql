-- Young people who receive aftercare on 31 July, as a number and as a share of those who are eligible. The number and the
-- share can move in opposite ways, because the number of those eligible moves too: both are here.
{{ indicator_mart(
    'aftercare_eligible_receiving',
    {
        'aftercare__receiving_percent': {'numerator': 'aftercare__receiving_count', 'denominator': 'aftercare__eligible_count', 'per': 100},
        'aftercare__receiving_count': {},
        'aftercare__eligible_count': {},
    },
) }}
