-- One row per dataset and thing of the framework that it speaks to: what a person judged, with author, date and reason; what
-- its holder says of it; which indicators a source feeds here, which is a fact. What likeness of words suggests stands in
-- fct_dataset_suggestion.
with judged as (

    select
        dataset_id,
        target_kind,
        target_id,
        how,
        'judged' as basis,
        author,
        decided_on::date as decided_on,
        reason
    from {{ ref('framework__dataset_link') }}

),

feeds as (

    select
        'warehouse:' || source_id as dataset_id,
        'indicator' as target_kind,
        indicator_id as target_id,
        'answers' as how,
        'feeds' as basis,
        null as author,
        null::date as decided_on,
        'Its figures are loaded here as those of the indicator.' as reason
    from {{ ref('dim_source') }}, unnest(feeds_indicators) as indicator_id

),

-- Also one whose wording is not known here, which has no words to be found alike by.
target as (

    select
        vision_statement_id as target_id,
        'statement' as target_kind
    from {{ ref('framework__vision_statement') }}
    union all
    select
        outcome_id as target_id,
        'outcome' as target_kind
    from {{ ref('framework__outcome') }}
    union all
    select
        indicator_id as target_id,
        'indicator' as target_kind
    from {{ ref('framework__indicator') }}
    union all
    select
        question_id as target_id,
        'question' as target_kind
    from {{ ref('framework__question') }}

),

-- What a holder says of its own dataset.
said as (

    select
        dataset.dataset_id,
        target.target_kind,
        target.target_id,
        'speaks_to' as how,
        'holder' as basis,
        dataset.returned_by as author,
        null::date as decided_on,
        'Its holder says so.' as reason
    from {{ ref('int_dataset') }} as dataset, unnest(dataset.speaks_to) as said (target_id)
    inner join target on said.target_id = target.target_id

),

-- A judgement comes before what its holder says.
every_link as (

    select * from judged
    union all
    select feeds.*
    from feeds
    left join judged on feeds.dataset_id = judged.dataset_id and feeds.target_id = judged.target_id
    where judged.dataset_id is null
    union all
    select said.*
    from said
    left join judged on said.dataset_id = judged.dataset_id and said.target_id = judged.target_id
    where judged.dataset_id is null

)

select
    every_link.dataset_id,
    every_link.target_kind,
    every_link.target_id,
    coalesce(indicator.vision_statement_id, outcome.vision_statement_id, statement.vision_statement_id) as vision_statement_id,
    every_link.how,
    every_link.basis,
    every_link.author,
    every_link.decided_on,
    every_link.reason
from every_link
left join {{ ref('framework__indicator') }} as indicator on every_link.target_id = indicator.indicator_id
left join {{ ref('framework__outcome') }} as outcome on every_link.target_id = outcome.outcome_id
left join {{ ref('framework__vision_statement') }} as statement on every_link.target_id = statement.vision_statement_id
