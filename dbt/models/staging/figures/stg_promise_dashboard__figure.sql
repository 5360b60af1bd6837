-- One row per figure printed on a page of the dashboard, and capture. The same figure stands in both captures when it
-- was printed in both: that is how a revision is seen. Every figure is Scotland's, which no column says.
{{ figures(
    'promise_dashboard__figure',
    values={'value_as_published': 'value_as_published'},
    label='indicator_short_label',
    heading='column_heading',
    area="'Scotland'",
    period='period_as_published',
    publication='publication_id',
    read_from='page_url',
    read_note='reporting_period_note',
) }}
