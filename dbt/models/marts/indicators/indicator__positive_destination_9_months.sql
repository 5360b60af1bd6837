-- School leavers in work, training, learning or another positive destination nine months after leaving, per 100 leavers
-- who were looked after in their last year at school, beside all leavers.
{{ indicator_mart(
    'positive_destination_9_months',
    {
        'positive_destination__looked_after': {},
        'positive_destination__all_leavers': {},
        'looked_after_leavers__count': {},
    },
) }}
