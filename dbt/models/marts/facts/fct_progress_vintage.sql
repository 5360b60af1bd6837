{{
    config(indexes=[{'columns': ['published_from', 'published_to']}])
}}
-- One row per measure, area and time between two days on which its published figures changed: what fct_progress would have
-- said then, by today's definitions, thresholds and baselines. Stored, because it is judged before figures are rounded,
-- and readers have no others: "what did we believe on that day?" is methods.progress_as_of(day).
with entry as (

    select
        history.indicator_id,
        history.measure_id,
        history.area_code,
        history.period_start,
        history.period_end,
        history.period_label,
        history.breakdown,
        history.obs_value,
        history.exact_value,
        {{ shown_from() }} as published_from,
        {{ shown_to() }} as published_to
    from {{ ref('int_observation_history') }} as history
    left join {{ ref('int_observation_contest') }} as contest
        on {{ contested_by() }}
    where history.breakdown = 'total'

),

standing as (

    select *
    from entry
    where published_from is not null

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

turns as (

    select
        measure_id,
        area_code,
        array_agg(day order by day) as days
    from turn
    group by measure_id, area_code

),

placed as (

    select
        standing.*,
        turns.days,
        array_position(turns.days, standing.published_from) as first_turn,
        coalesce(array_position(turns.days, standing.published_to) - 1, cardinality(turns.days)) as last_turn
    from standing
    inner join turns on standing.measure_id = turns.measure_id and standing.area_code = turns.area_code

),

known as (

    -- A figure stands in each time between two of the days from its first on: a slice of them, where a comparison would be of
    -- every figure with every time.
    select
        placed.*,
        span.known_on,
        span.known_until
    from placed
    cross join unnest(
        placed.days[placed.first_turn:placed.last_turn], placed.days[placed.first_turn + 1:placed.last_turn + 1]
    ) as span (known_on, known_until)

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
