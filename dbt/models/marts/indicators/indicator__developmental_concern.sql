-- Children with a concern in at least one area of development, per 100 with a 27-30 month review: looked after, not
-- looked after, all; and by council for all.
{{ indicator_mart(
    'developmental_concern',
    {
        'developmental_concern__looked_after': {},
        'developmental_concern__not_looked_after': {},
        'developmental_concern__all_children': {},
        'developmental_concern__council': {},
        'developmental_milestones__lgbf': {},
    },
) }}
