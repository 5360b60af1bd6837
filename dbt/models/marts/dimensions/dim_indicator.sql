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
    {{ contract_columns('indicator', leave_out=['method', 'has_figures', 'has_council_figures']) }},
    'Change from the baseline period to the latest, judged by the measure''s own threshold' as method,
    coalesce(figures.has_figures, false) as has_figures,
    coalesce(figures.has_council_figures, false) as has_council_figures
from {{ ref('framework__indicator') }} as indicator
left join figures on indicator.indicator_id = figures.indicator_id
