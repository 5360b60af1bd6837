-- Looked after children with more than one placement in the year, per 100 looked after children, by council.
{{ indicator_mart(
    'placement_moves',
    {
        'placement_moves__percent': {},
    },
) }}
