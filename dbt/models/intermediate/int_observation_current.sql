-- One row per figure: the one that stands now. The indicator's order of sources chooses between sources; within a source
-- the series published last. Where another series gives another figure, that is a conflict, not a revision.
with preference as (

    select
        indicator_id,
        source_id,
        position
    from {{ ref('framework__indicator') }},
        unnest(string_to_array(source_preference, ' ')) with ordinality as listed (source_id, position)

),

latest as (

    select
        history.*,
        coalesce(preference.position, 1000) as preference,
        -- A figure is revised when any earlier publication of its series gave another one.
        exists (
            select 1
            from {{ ref('int_observation_history') }} as earlier
            where
                earlier.measure_id = history.measure_id
                and earlier.area_code = history.area_code
                and earlier.period_start = history.period_start
                and earlier.period_end = history.period_end
                and earlier.breakdown = history.breakdown
                and earlier.breakdown_value = history.breakdown_value
                and earlier.source_id = history.source_id
                and earlier.publication_series = history.publication_series
                and earlier.is_changed
        ) as is_revised
    from {{ ref('int_observation_history') }} as history
    left join preference
        on history.indicator_id = preference.indicator_id and history.source_id = preference.source_id
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
