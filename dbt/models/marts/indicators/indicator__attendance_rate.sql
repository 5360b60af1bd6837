-- Half days attended per 100 half days on which school was open to the pupil, of pupils who were looked after at some
-- point in the school year, beside all pupils.
{{ indicator_mart(
    'attendance_rate',
    {
        'attendance_rate__looked_after': {},
        'attendance_rate__all_pupils': {},
        'attendance_rate__looked_after_lgbf': {},
        'attendance_rate__all_pupils_lgbf': {},
        'attendance_rate__secondary_council': {},
        'attendance_rate__published_gap': {},
    },
) }}
