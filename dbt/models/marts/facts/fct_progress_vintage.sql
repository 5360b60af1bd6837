{{
    config(indexes=[{'columns': ['published_from', 'published_to']}])
}}
{{ without_loops() }}
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
        history.numerator,
        history.denominator,
        history.lci_95,
        history.uci_95,
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

-- A share is judged by the counts that it is made of, so a day on which one of them changed is one of its own.
of_measure as materialized (

    select
        measure.measure_id as judged_measure_id,
        part.measure_id
    from {{ ref('dim_measure') }} as measure
    cross join
        lateral (
            values (measure.measure_id), (measure.numerator_measure_id), (measure.denominator_measure_id)
        ) as part (measure_id)
    where part.measure_id is not null

),

turn as (

    select
        of_measure.judged_measure_id as measure_id,
        standing.area_code,
        day.day
    from standing
    inner join of_measure on standing.measure_id = of_measure.measure_id
    cross join lateral (values (standing.published_from), (standing.published_to)) as day (day)
    where day.day is not null
    group by of_measure.judged_measure_id, standing.area_code, day.day

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
        'known', ref('dim_indicator'), ref('dim_measure'), ref('fct_break'), ref('fct_qualifier'), ref('fct_benchmark'),
        exact='exact_value', sets=['known_on', 'known_until'], counts='standing',
        counted_then='counts.published_from <= observation.known_on and coalesce(counts.published_to > observation.known_on, true)'
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
