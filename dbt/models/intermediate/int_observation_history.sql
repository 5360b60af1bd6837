-- One row per figure and publication: everything ever published, in the order in which it came out. Within one series of
-- publications a later figure supersedes an earlier one; between series nothing supersedes anything (see the current model).
with latest_reading as (

    -- The same publication can have been landed more than once; the last reading of it is the one that stands.
    select *
    from (
        select
            *,
            row_number() over (
                partition by measure_id, area_code, period_start, period_end, breakdown, breakdown_value, source_id, publication_id
                order by vintage desc, source_cell asc
            ) as reading
        from {{ ref('int_figures') }}
    ) as readings
    where reading = 1

),

dated as (

    select
        figure.*,
        publication.published_on,
        publication.series as publication_series,
        publication.rank as publication_rank
    from latest_reading as figure
    left join {{ ref('int_publications') }} as publication on figure.publication_id = publication.publication_id

),

ordered as (

    select
        *,
        row_number() over line as position,
        (row_number() over line > 1 and lag(obs_value) over line is distinct from obs_value) as is_changed,
        lead(published_on) over line as published_to,
        lead(publication_id) over line as superseded_by
    from dated
    window line as (
        partition by
            measure_id, area_code, period_start, period_end, breakdown, breakdown_value, source_id, publication_series
        -- A rank orders publications of one series, also those whose date nobody knows.
        order by publication_rank asc, published_on asc nulls first, publication_id asc
    )

)

select
    *,
    published_on as published_from,
    superseded_by is null as is_latest,
    -- Any publication of the series changed the figure, not only the last one.
    bool_or(is_changed) over (
        partition by
            measure_id, area_code, period_start, period_end, breakdown, breakdown_value, source_id, publication_series
    ) as is_revised
from ordered
