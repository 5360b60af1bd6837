-- A mart of an indicator has every figure of its measures, and none twice: a definition that leaves a measure out would lose it.
with held as (

    {{ every_indicator('count(*) as figures') }}

),

wanted as (

    select
        indicator_id,
        count(*) as figures
    from {{ ref('fct_observation') }}
    group by indicator_id

)

select
    held.indicator_id,
    held.figures,
    wanted.figures as figures_published
from held
left join wanted on held.indicator_id = wanted.indicator_id
where held.figures is distinct from wanted.figures
