-- Children on the child protection register on 31 July, made up of their ages; and those taken off it in the year.
{{ indicator_mart(
    'on_cp_register',
    {
        'on_cp_register__count': {'parts_by': 'age'},
        'cp_deregistration__count': {},
        'cp_deregistration__under_6_months': {},
    },
) }}
