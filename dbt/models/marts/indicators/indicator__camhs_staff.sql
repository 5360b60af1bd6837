-- Whole-time equivalents in post in Child and Adolescent Mental Health Services on a day, and posts that were
-- advertised on it.
{{ indicator_mart(
    'camhs_staff',
    {
        'camhs_staff__in_post': {},
        'camhs_staff__vacancies': {},
    },
) }}
