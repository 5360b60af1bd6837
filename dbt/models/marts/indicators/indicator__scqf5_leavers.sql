-- School leavers with at least one qualification at SCQF level 5 or better, per 100 leavers who were looked after in their
-- last year at school, beside all leavers.
{{ indicator_mart(
    'scqf5_leavers',
    {
        'scqf5_leavers__looked_after': {},
        'scqf5_leavers__all_leavers': {},
        'scqf5_leavers__published_gap': {},
        'scqf5_leavers__five_awards_lgbf': {},
    },
) }}
