-- One row per vision statement, with how much of it the framework's public pages and the loaded sources show.
with outcomes as (

    select
        vision_statement_id,
        count(*)::integer as outcomes
    from {{ ref('dim_outcome') }}
    group by vision_statement_id

),

indicators as (

    select
        vision_statement_id,
        count(*)::integer as indicators,
        count(*) filter (where has_figures)::integer as indicators_with_figures
    from {{ ref('dim_indicator') }}
    group by vision_statement_id

)

select
    statement.vision_statement_id,
    statement.number::integer as number,
    statement.name,
    statement.earlier_name,
    statement.statement,
    statement.statement_source_url,
    statement.earlier_statement,
    statement.earlier_statement_source_url,
    statement.wording_note,
    statement.promise_report_page::integer as promise_report_page,
    statement.dashboard_slug,
    statement.publication_state,
    statement.gap_statement,
    coalesce(outcomes.outcomes, 0) as outcomes,
    coalesce(indicators.indicators, 0) as indicators,
    coalesce(indicators.indicators_with_figures, 0) as indicators_with_figures
from {{ ref('framework__vision_statement') }} as statement
left join outcomes on statement.vision_statement_id = outcomes.vision_statement_id
left join indicators on statement.vision_statement_id = indicators.vision_statement_id
