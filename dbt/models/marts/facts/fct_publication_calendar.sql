-- One row per source: when it last gave something new, when the next is expected, and where that stands on the day of the
-- build. `promise calendar` asks the same function as at now.
select * from {{ function('publication_calendar') }}(ops.as_at())
