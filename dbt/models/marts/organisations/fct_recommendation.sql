-- One row per recommendation of a scrutiny body: who is to act, by when, what was answered last, what a source says of
-- whether it was done.
with response as (

    select
        recommendation_id,
        count(*)::integer as responses,
        (array_agg(organisation_id order by position::integer desc))[1] as response_by,
        (array_agg(text order by position::integer desc))[1] as response_text,
        (array_agg(answered_on::date order by position::integer desc))[1] as response_on,
        (array_agg(answered_precision order by position::integer desc))[1] as response_precision,
        (array_agg(source_url order by position::integer desc))[1] as response_source_url
    from {{ ref('framework__recommendation_response') }}
    group by recommendation_id

),

due as (

    select
        recommendation_id,
        case due_precision
            when 'day' then due_on::date
            when 'month' then (due_on::date + interval '1 month' - interval '1 day')::date
            when 'year' then (due_on::date + interval '1 year' - interval '1 day')::date
        end as due_until
    from {{ ref('framework__recommendation') }}

)

select
    recommendation.recommendation_id,
    recommendation.text,
    recommendation.is_quotation::boolean as is_quotation,
    recommendation.made_by as made_by_organisation_id,
    recommendation.made_on::date as made_on,
    recommendation.made_precision,
    recommendation.report_id,
    coalesce(string_to_array(recommendation.addressed_to, ' '), array[]::text[]) as addressed_to,
    coalesce(string_to_array(recommendation.supported_by, ' '), array[]::text[]) as supported_by,
    recommendation.due_on::date as due_on,
    recommendation.due_precision,
    recommendation.due_words,
    due.due_until < ops.as_at()::date as deadline_has_passed,
    coalesce(response.responses, 0) as responses,
    response.response_by,
    response.response_text,
    response.response_on,
    response.response_precision,
    response.response_source_url,
    recommendation.status,
    recommendation.status_source_url,
    recommendation.source_url,
    recommendation.note,
    recommendation.display_order::integer as display_order
from {{ ref('framework__recommendation') }} as recommendation
inner join due on recommendation.recommendation_id = due.recommendation_id
left join response on recommendation.recommendation_id = response.recommendation_id
