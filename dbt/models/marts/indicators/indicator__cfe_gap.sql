-- The publisher's own difference, in percentage points, between all and looked after pupils who achieve the level that
-- is expected at their stage. The two rates themselves are not published beside it.
{{ indicator_mart(
    'cfe_gap',
    {
        'cfe_gap__numeracy_p7': {},
        'cfe_gap__numeracy_p4': {},
        'cfe_gap__numeracy_s3': {},
        'cfe_gap__writing_p7': {},
        'cfe_gap__writing_p4': {},
    },
) }}
