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
        statement.vision_statement_id,
        count(*)::integer as pieces,
        array_agg(evidence.evidence_id order by evidence.evidence_id) as evidence_ids
    from {{ ref('fct_evidence') }} as evidence, unnest(evidence.vision_statement_ids) as statement (vision_statement_id)
    where evidence.strand = 'experience'
    group by statement.vision_statement_id

),

-- A commitment serves the statements that it names, and those whose pages link the theme of its route map.
serves as (

    select
        commitment.commitment_id,
        statement.vision_statement_id
    from {{ ref('fct_commitment') }} as commitment, unnest(commitment.vision_statement_ids) as statement (vision_statement_id)
    union
    select
        commitment.commitment_id,
        statement.vision_statement_id
    from {{ ref('fct_commitment') }} as commitment
    inner join {{ ref('framework__route_map') }} as theme on commitment.theme_id = theme.theme_id,
        unnest(string_to_array(theme.vision_statement_ids, ' ')) as statement (vision_statement_id)

),

done as (

    select
        serves.vision_statement_id,
        count(*)::integer as commitments,
        count(*) filter (where commitment.kind = 'milestone')::integer as milestones,
        count(*) filter (where commitment.state = 'done')::integer as reached,
        count(*) filter (where cardinality(commitment.organisation_ids) = 0 and commitment.owners_words is null)::integer
            as without_owner,
        count(*) filter (where commitment.due_on is null)::integer as without_date,
        -- Known to the month or year, it is past when that has ended.
        count(*) filter (
            where
            commitment.due_on + case commitment.due_precision
                when 'year' then interval '1 year' when 'month' then interval '1 month' else interval '1 day'
            end <= ops.as_at()::date
            and coalesce(commitment.state, '') not in ('done', 'stopped')
        )::integer as past_due
    from serves
    inner join {{ ref('fct_commitment') }} as commitment on serves.commitment_id = commitment.commitment_id
    group by serves.vision_statement_id

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
        coalesce(done.commitments, 0) as commitments,
        coalesce(done.milestones, 0) as milestones,
        coalesce(done.reached, 0) as commitments_reached,
        coalesce(done.past_due, 0) as commitments_past_due,
        coalesce(done.without_owner, 0) as commitments_without_owner,
        coalesce(done.without_date, 0) as commitments_without_date
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
    commitments,
    milestones,
    commitments_reached,
    commitments_past_due,
    commitments_without_owner,
    commitments_without_date,
    array_remove(array[
        case when indicators_with_figures = 0 then 'numbers' end,
        case when pieces_heard = 0 then 'heard' end,
        case when commitments = 0 then 'done' end
    ], null) as missing,
    case
        when numbers_show = 'both_ways' then 'The indicators point different ways.'
        when numbers_show = 'worsening' and commitments > 0 and commitments_past_due = 0
            then 'The figures worsen, and nothing of what organisations set themselves is known to be late.'
        when numbers_show = 'improving' and commitments_past_due > 0
            then 'The figures improve, and a commitment is past its date without being said to be done.'
    end as different_ways
from strand
