-- One row per area, financial year, sex, age and measurement: the percentage reconvicted (Ratio) and reconvictions per
-- person (Mean). A group without a row was not published; that is no zero.
{{ portal_figures(
    'reconvictions',
    'figure',
    period_style='financial_year',
    dimensions={'measurement': 'measurement', 'units': 'units', 'gender': 'sex', 'age': 'age'},
) }}
