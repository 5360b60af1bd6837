-- School leavers who stayed on to S5 or later, per 100 leavers who were looked after in their last year at school,
-- beside all leavers.
{{ indicator_mart(
    'staying_on_to_s5',
    {
        'staying_on__looked_after': {},
        'staying_on__all_leavers': {},
        'leaving_by_s4__looked_after': {},
    },
) }}
