-- One row per commitment, piece of work under way, milestone or event that a plan names, as organisations hand them in.
select
    {{ returned_id('item_id') }} as commitment_id,
    kind,
    title,
    foundation,
    theme as theme_id,
    theme_words,
    coalesce(owners, '{}') as organisation_ids,
    owners_words,
    by_when,
    by_when_precision,
    case
        when by_when_precision = 'month' then {{ first_day('left(by_when, 7)') }}
        else {{ first_day('by_when') }}
    end as due_on,
    case
        when by_when_precision in ('day', 'month', 'year') and {{ first_day('by_when') }} is not null
            then by_when_precision
        else 'unknown'
    end as due_precision,
    date_basis,
    subject_to,
    array(
        select {{ returned_id('waited_for') }}
        from unnest(depends_on) as waited_for
    ) as waits_for,
    state,
    state_words,
    done_on,
    {{ the_only('statements') }} as vision_statement_id,
    coalesce(statements, '{}') as vision_statement_ids,
    coalesce(outcomes, '{}') as outcome_ids,
    coalesce(indicators, '{}') as indicator_ids,
    coalesce(questions, '{}') as question_ids,
    page_state,
    url as source_url,
    note,
    returned_by,
    snapshot_id
from {{ ref('stg_returns__milestone') }}
