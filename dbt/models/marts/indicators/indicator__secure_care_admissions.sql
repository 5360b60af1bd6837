-- Admissions to secure care in the year from 1 August to 31 July, with discharges and places. One child can be
-- admitted more than once.
{{ indicator_mart(
    'secure_care_admissions',
    {
        'secure_care_admissions__count': {},
        'secure_care_discharges__count': {},
        'secure_care_beds__count': {},
        'secure_care_bed_nights__emergency': {},
    },
) }}
