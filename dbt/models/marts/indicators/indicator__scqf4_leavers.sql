-- School leavers with at least one qualification at SCQF level 4 or better, per 100 leavers who were looked after in
-- their last year at school, beside all leavers; and those without one at level 3.
{{ indicator_mart(
    'scqf4_leavers',
    {
        'scqf4_leavers__looked_after': {},
        'scqf4_leavers__all_leavers': {},
        'no_scqf3_leavers__looked_after': {},
    },
) }}
