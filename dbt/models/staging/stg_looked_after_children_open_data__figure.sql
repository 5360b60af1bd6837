-- One row per area, 31 July, place where children live and measurement: how many children, or how many of every thousand.
{{ portal_figures(
    'looked_after_children_open_data',
    'figure',
    period_style='snapshot_31_july',
    dimensions={
        'measurement': 'measurement',
        'units': 'units',
        'geography_type': 'geography_type',
        'residential_status': 'residential_status',
    },
    area='geography_code',
) }}
