-- School leavers with at least one qualification at SCQF level 6 or better, per 100 leavers who were looked after in their
-- last year at school, beside all leavers.
{{ indicator_mart(
    'scqf6_leavers',
    {
        'scqf6_leavers__looked_after': {},
        'scqf6_leavers__all_leavers': {},
        'scqf6_leavers__five_awards_lgbf': {},
    },
) }}
