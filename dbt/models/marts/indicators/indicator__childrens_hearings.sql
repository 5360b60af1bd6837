-- Children's hearings held in the financial year. One child can have several.
{{ indicator_mart(
    'childrens_hearings',
    {
        'childrens_hearings__count': {},
    },
) }}
