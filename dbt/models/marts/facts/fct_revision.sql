-- One row per figure and line of publications that changed it after it was first published: first and latest, how far
-- apart and how long. A correction of ours is no revision, and nothing is compared across a break: both are of one period.
with published as (

    select *
    from {{ ref('int_observation_history') }}
    where is_revised and entry = 'published'

),

first_one as (

    select *
    from published
    where position = 1

),

last_change as (

    select distinct on ({{ figure_key() }}, publication_series) *
    from published
    where is_changed
    order by {{ figure_key() }}, publication_series, position desc

),

times as (

    select
        {{ figure_key() }},
        publication_series,
        count(*) as times_published,
        count(*) filter (where is_changed) as times_revised
    from published
    group by {{ figure_key() }}, publication_series

)

select
    first_one.indicator_id,
    first_one.measure_id,
    first_one.area_code,
    first_one.period_start,
    first_one.period_end,
    first_one.period_label,
    first_one.breakdown,
    first_one.breakdown_value,
    first_one.unit,
    first_one.publication_series,
    first_one.obs_value as first_value,
    first_one.publication_id as first_publication_id,
    first_one.known_from as first_known_from,
    first_one.date_basis as first_date_basis,
    last_change.obs_value as latest_value,
    last_change.publication_id as latest_publication_id,
    last_change.known_from as latest_known_from,
    last_change.date_basis as latest_date_basis,
    last_change.obs_value - first_one.obs_value as size,
    (last_change.obs_value - first_one.obs_value) / nullif(first_one.obs_value, 0) as relative_size,
    last_change.known_from - first_one.known_from as days_between,
    first_one.date_basis = 'day' and last_change.date_basis = 'day' as days_are_exact,
    case
        when last_change.conf_status != 'free' then 'withheld'
        when first_one.obs_value is null then 'given_later'
        when last_change.obs_value is null then 'withdrawn'
        when last_change.obs_value > first_one.obs_value then 'up'
        when last_change.obs_value < first_one.obs_value then 'down'
        else 'back_to_first'
    end as direction,
    times.times_published::integer as times_published,
    times.times_revised::integer as times_revised
from first_one
inner join last_change
    on {{ same_figure('first_one', 'last_change') }} and first_one.publication_series = last_change.publication_series
inner join times
    on {{ same_figure('first_one', 'times') }} and first_one.publication_series = times.publication_series
