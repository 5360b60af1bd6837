-- One row per outcome, the three strands of the Story of Progress beside each other: what the numbers show, what was heard, what
-- organisations do. Evidence is never scored, so it is counted and named, and no direction is read into it.
with judged as (

    select
        indicator.outcome_id,
        count(*)::integer as indicators,
        count(progress.measure_id)::integer as indicators_with_figures,
        count(*) filter (where progress.judgement = 'improving')::integer as improving,
        count(*) filter (where progress.judgement = 'worsening')::integer as worsening,
        count(*) filter (where progress.judgement in ('no_clear_change', 'maintaining', 'rose', 'fell'))::integer as neither
    from {{ ref('dim_indicator') }} as indicator
    left join {{ ref('fct_progress') }} as progress
        on indicator.headline_measure_id = progress.measure_id and progress.area_code = 'S92000003'
    group by indicator.outcome_id

),

heard as (

    select
        vision_statement_id,
        count(*)::integer as pieces,
        array_agg(evidence_id order by evidence_id) as evidence_ids
    from {{ ref('fct_evidence') }}
    where strand = 'experience'
    group by vision_statement_id

),

done as (

    select
        vision_statement_id,
        count(*)::integer as milestones,
        count(*) filter (where due_on < ops.as_at()::date and coalesce(status, '') not in ('done', 'stopped'))::integer as past_due
    from {{ ref('fct_milestone') }}
    where vision_statement_id is not null
    group by vision_statement_id

),

strand as (

    select
        outcome.outcome_id,
        outcome.vision_statement_id,
        outcome.publication_state,
        coalesce(judged.indicators, 0) as indicators,
        coalesce(judged.indicators_with_figures, 0) as indicators_with_figures,
        coalesce(judged.improving, 0) as improving,
        coalesce(judged.worsening, 0) as worsening,
        case
            when coalesce(judged.indicators_with_figures, 0) = 0 then 'no_figures'
            when judged.improving > 0 and judged.worsening > 0 then 'both_ways'
            when judged.improving > 0 then 'improving'
            when judged.worsening > 0 then 'worsening'
            when judged.neither > 0 then 'neither'
            else 'cannot_be_calculated'
        end as numbers_show,
        coalesce(heard.pieces, 0) as pieces_heard,
        coalesce(heard.evidence_ids, array[]::text[]) as evidence_ids,
        coalesce(done.milestones, 0) as milestones,
        coalesce(done.past_due, 0) as milestones_past_due
    from {{ ref('dim_outcome') }} as outcome
    left join judged on outcome.outcome_id = judged.outcome_id
    left join heard on outcome.vision_statement_id = heard.vision_statement_id
    left join done on outcome.vision_statement_id = done.vision_statement_id

)

select
    outcome_id,
    vision_statement_id,
    publication_state,
    indicators,
    indicators_with_figures,
    improving,
    worsening,
    numbers_show,
    pieces_heard,
    evidence_ids,
    milestones,
    milestones_past_due,
    array_remove(array[
        case when indicators_with_figures = 0 then 'numbers' end,
        case when pieces_heard = 0 then 'heard' end,
        case when milestones = 0 then 'done' end
    ], null) as missing,
    case
        when numbers_show = 'both_ways' then 'The indicators point different ways.'
        when numbers_show = 'worsening' and milestones > 0 and milestones_past_due = 0
            then 'The figures worsen, and nothing of what organisations set themselves is known to be late.'
        when numbers_show = 'improving' and milestones_past_due > 0
            then 'The figures improve, and a milestone is past its date without being known to be done.'
    end as different_ways
from strand
