-- One row per point in time across which the figures of a measure, or of a published series, do not compare.
select
    declared.break_id,
    measure.indicator_id,
    declared.measure_id,
    declared.continued_by as continued_by_measure_id,
    declared.source_id,
    declared.series_label,
    declared.series_heading,
    declared.old_until::date as old_until,
    declared.new_from::date as new_from,
    declared.rejoined_from::date as rejoined_from,
    declared.certainty,
    declared.reason,
    declared.source_url
from {{ ref('catalogue__break') }} as declared
left join {{ ref('framework__measure') }} as measure on declared.measure_id = measure.measure_id
