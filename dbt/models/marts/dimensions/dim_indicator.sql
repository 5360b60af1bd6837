-- One row per indicator, and whether the loaded sources give figures for it, for Scotland or for councils.
with figures as (

    select
        indicator_id,
        bool_or(obs_value is not null) as has_figures,
        bool_or(obs_value is not null and area_code like 'S12%') as has_council_figures
    from {{ ref('int_observation_current') }}
    where choice = 1
    group by indicator_id

)

select
    {{ contract_columns('indicator', leave_out=['method', 'has_figures', 'has_council_figures', 'standing', 'counted_as']) }},
    'Change from the baseline period to the latest: by the interval of the difference where counts or intervals are published, else by the rule of the measure'
        as method,
    coalesce(figures.has_figures, false) as has_figures,
    coalesce(figures.has_council_figures, false) as has_council_figures,
    case
        when indicator.publication_state = 'published' then 'framework'
        when indicator.population_marker = 'whole_population' then 'background'
        when indicator.kind = 'contextual' then 'context'
        else 'marker'
    end as standing,
    case
        when indicator.same_fact_as_indicator_id is not null then 'same_fact'
        when indicator.population_marker = 'whole_population' then 'background'
        else 'direction'
    end as counted_as
from {{ ref('framework__indicator') }} as indicator
left join figures on indicator.indicator_id = figures.indicator_id
