-- Family groups placed in foster households who were placed separately, per 100 family groups. One year by one
-- definition, another by another: two measures.
{{ indicator_mart(
    'siblings_apart_in_foster_care',
    {
        'siblings_apart__family_groups': {},
        'siblings_apart__sibling_groups': {},
        'family_group_households__difficulty': {},
    },
) }}
