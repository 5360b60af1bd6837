{{
    config(indexes=[{'columns': ['published_from', 'published_to']}])
}}
-- One row per measure, area and time between two days on which its published figures changed: what fct_progress would have
-- said then, by today's definitions, thresholds and baselines. Stored, because it is judged before figures are rounded,
-- and readers have no others: "what did we believe on that day?" is methods.progress_as_of(day).
with standing as (

    select
        history.*,
        vintage.published_from,
        vintage.published_to
    from {{ ref('int_observation_history') }} as history
    inner join {{ ref('fct_observation_vintage') }} as vintage
        on
            {{ same_figure('history', 'vintage') }}
            and history.source_id = vintage.source_id
            and history.publication_id = vintage.publication_id
            and history.entry = vintage.entry
    where vintage.published_from is not null and history.breakdown = 'total'

),

turn as (

    select
        measure_id,
        area_code,
        published_from as day
    from standing
    union
    select
        measure_id,
        area_code,
        published_to
    from standing
    where published_to is not null

),

span as (

    select
        measure_id,
        area_code,
        day as known_on,
        lead(day) over (partition by measure_id, area_code order by day asc) as known_until
    from turn

),

known as (

    select
        standing.*,
        span.known_on,
        span.known_until
    from span
    inner join standing
        on
            span.measure_id = standing.measure_id
            and span.area_code = standing.area_code
            and span.known_on >= standing.published_from
            and (standing.published_to is null or span.known_on < standing.published_to)

),

judged as (

    {{ progress_of(
        'known', ref('dim_indicator'), ref('dim_measure'), ref('fct_break'),
        exact='exact_value', sets=['known_on', 'known_until']
    ) }}

)

select
    indicator_id,
    measure_id,
    area_code,
    known_on as published_from,
    known_until as published_to,
    {{ progress_columns() }}
from judged
