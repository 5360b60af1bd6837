-- One row per What Matters question whose wording is known: answered, partly or not by the datasets that a person has linked to
-- it, and by which.
select
    question.question_id,
    question.text as question_text,
    question.source_url,
    case
        when bool_or(link.how = 'answers') then 'answered'
        when bool_or(link.how = 'partly') then 'partly'
        else 'not'
    end as answered,
    array_remove(array_agg(link.dataset_id order by link.dataset_id), null) as dataset_ids,
    string_agg(dataset.title || ': ' || link.reason, ' ' order by link.dataset_id) as by_what
from {{ ref('framework__question') }} as question
left join {{ ref('bridge_dataset_link') }} as link on question.question_id = link.target_id
left join {{ ref('dim_dataset') }} as dataset on link.dataset_id = dataset.dataset_id
group by question.question_id, question.text, question.source_url
