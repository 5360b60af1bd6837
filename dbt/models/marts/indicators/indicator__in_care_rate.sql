-- Looked after children on 31 July, as a number and per 1,000 children. The number is made up of those who live in the
-- community and those in residential care; the rates use the publisher's own populations, which are not printed beside them.
{{ indicator_mart(
    'in_care_rate',
    {
        'in_care__count': {'parts': ['living_in_community__count', 'residential_care__count']},
        'in_care__per_1000_children': {'numerator': 'in_care__count', 'per': 1000},
        'in_care__per_1000_under_18': {'numerator': 'in_care__count', 'per': 1000},
        'in_care__per_1000_council': {},
        'in_care__away_from_home_per_1000': {},
        'in_care__home_deprivation': {},
    },
) }}
