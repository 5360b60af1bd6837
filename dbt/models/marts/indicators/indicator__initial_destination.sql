-- School leavers in a positive destination about three months after leaving, per 100 leavers who were looked after in
-- their last year at school, beside all leavers.
{{ indicator_mart(
    'initial_destination',
    {
        'initial_destination__looked_after': {},
        'initial_destination__all_leavers': {},
        'initial_destination__he_gap': {},
        'positive_destination__lgbf': {},
    },
) }}
