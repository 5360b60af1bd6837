-- One row per figure and series of publications that gives it; `choice` 1 is the figure that stands now. The indicator's
-- order of sources chooses between sources; within a source the series published last. Where another series gives
-- another figure, that is a conflict, not a revision.
with latest as (

    select
        history.*,
        coalesce(
            array_position(string_to_array(indicator.source_preference, ' '), history.source_id), 1000
        ) as preference
    from {{ ref('int_observation_history') }} as history
    inner join {{ ref('framework__indicator') }} as indicator on history.indicator_id = indicator.indicator_id
    where history.is_latest

)

select
    *,
    row_number() over (
        partition by measure_id, area_code, period_start, period_end, breakdown, breakdown_value
        order by
            preference asc,
            (obs_value is null) asc,
            published_on desc nulls last,
            publication_rank desc,
            publication_id asc
    ) as choice
from latest
