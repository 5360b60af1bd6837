-- One row per source: when it last gave something new, when the next is expected, and where that stands on the day of the
-- build. `promise calendar` asks the same macro as at now.
{{ publication_calendar(
    ref('catalogue__source'),
    ref('catalogue__printed_update'),
    source('ops', 'vintage'),
    source('ops', 'ingest_attempt'),
    ref('dim_publication'),
    ref('fct_observation_vintage'),
    'ops.as_at()',
) }}
