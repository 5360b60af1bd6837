-- One row per figure and other line of publications that gives another value for the same cell. Not a revision: neither
-- publisher has taken its figure back. The same figure printed with fewer decimals is no conflict.
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
inner join other on {{ same_figure('chosen', 'other') }}
where
    chosen.obs_value is not null
    and other.obs_value is not null
    and {{ differs('chosen.obs_value', 'other.obs_value') }}
