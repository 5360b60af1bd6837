-- One row per figure and other source or series that gives another value for the same cell. Not a revision: neither
-- publisher has taken its figure back.
with chosen as (

    select *
    from {{ ref('int_observation_current') }}
    where choice = 1

),

other as (

    select *
    from {{ ref('int_observation_current') }}
    where choice > 1

)

select
    chosen.indicator_id,
    chosen.measure_id,
    chosen.area_code,
    chosen.period_start,
    chosen.period_end,
    chosen.breakdown,
    chosen.breakdown_value,
    chosen.source_id as chosen_source_id,
    chosen.publication_id as chosen_publication_id,
    chosen.obs_value as chosen_value,
    other.source_id as other_source_id,
    other.publication_id as other_publication_id,
    other.obs_value as other_value,
    other.obs_value - chosen.obs_value as difference
from chosen
inner join other
    on
        chosen.measure_id = other.measure_id
        and chosen.area_code = other.area_code
        and chosen.period_start = other.period_start
        and chosen.period_end = other.period_end
        and chosen.breakdown = other.breakdown
        and chosen.breakdown_value = other.breakdown_value
where chosen.obs_value != other.obs_value
