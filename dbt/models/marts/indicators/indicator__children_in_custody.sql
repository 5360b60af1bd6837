-- People aged 16 and 17, and 18 to 20, in prison or young offenders institutions on an average day of the financial
-- year.
{{ indicator_mart(
    'children_in_custody',
    {
        'children_in_custody__16_17': {},
        'young_people_in_custody__18_20': {},
    },
) }}
