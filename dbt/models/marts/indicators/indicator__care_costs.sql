-- What councils spend per looked after child and week, in the community and in residential care, at the prices of the
-- year.
{{ indicator_mart(
    'care_costs',
    {
        'care_costs__community': {},
        'care_costs__residential': {},
    },
) }}
