-- One row per outcome that a route map of Plan 24-30 names, in our own words, with the statements whose pages link its theme and
-- what is committed under the theme.
with committed as (

    select
        theme_id,
        count(*)::integer as commitments
    from {{ ref('fct_commitment') }}
    where theme_id is not null
    group by theme_id

)

select
    outcome.route_map_outcome_id,
    outcome.theme_id,
    theme.theme,
    theme.foundation,
    coalesce(string_to_array(theme.vision_statement_ids, ' '), array[]::text[]) as vision_statement_ids,
    outcome.summary,
    outcome.whole_text_known::boolean as whole_text_known,
    coalesce(committed.commitments, 0) as commitments,
    outcome.source_url
from {{ ref('framework__route_map_outcome') }} as outcome
inner join {{ ref('framework__route_map') }} as theme on outcome.theme_id = theme.theme_id
left join committed on outcome.theme_id = committed.theme_id
