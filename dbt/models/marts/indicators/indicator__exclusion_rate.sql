-- Cases of exclusion in the school year per 1,000 pupils who were looked after at some point in it, beside all pupils. A
-- pupil who is excluded twice is two cases.
{{ indicator_mart(
    'exclusion_rate',
    {
        'exclusion_rate__looked_after': {},
        'exclusion_rate__all_pupils': {},
        'exclusion_rate__looked_after_lgbf': {},
        'exclusion_rate__all_pupils_lgbf': {},
    },
) }}
