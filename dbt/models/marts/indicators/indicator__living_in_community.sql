-- Looked after children who live in the community on 31 July: at home with parents, with kinship or foster carers, with
-- prospective adopters or elsewhere, as a number and as a share of all looked after children that day.
{{ indicator_mart(
    'living_in_community',
    {
        'living_in_community__percent': {'numerator': 'living_in_community__count', 'denominator': 'in_care__count', 'per': 100},
        'living_in_community__count': {},
        'living_in_community__percent_lgbf': {'numerator': 'living_in_community__count_lgbf', 'per': 100},
        'prospective_adopters__count': {},
        'prospective_adopters__percent': {'numerator': 'prospective_adopters__count', 'denominator': 'in_care__count', 'per': 100},
        'living_in_community__count_lgbf': {},
    },
) }}
