-- One row per thing of the framework that a dataset can speak to and stem of its words, with how telling the stem is.
with target as (

    select
        vision_statement_id as target_id,
        'statement' as target_kind,
        name || ' ' || statement as words
    from {{ ref('framework__vision_statement') }}
    union all
    select
        outcome_id as target_id,
        'outcome' as target_kind,
        text as words
    from {{ ref('framework__outcome') }}
    where text is not null
    union all
    select
        indicator_id as target_id,
        'indicator' as target_kind,
        name || ' ' || coalesce(definition, '') as words
    from {{ ref('framework__indicator') }}
    union all
    select
        question_id as target_id,
        'question' as target_kind,
        text as words
    from {{ ref('framework__question') }}

),

stem as (

    {{ stems_of('target', 'target_id', 'words') }}

),

known as (

    select
        stem,
        max(datasets) as datasets
    from {{ ref('int_dataset_stem') }}
    group by stem

),

rarity as (

    select
        stem.target_id,
        stem.stem,
        ln(1 + (select count(*) from {{ ref('int_dataset') }})::double precision / coalesce(known.datasets, 1)) as rarity
    from stem
    left join known on stem.stem = known.stem

)

select
    rarity.target_id,
    target.target_kind,
    rarity.stem,
    rarity.rarity / sqrt(sum(rarity.rarity * rarity.rarity) over (partition by rarity.target_id)) as weight
from rarity
inner join target on rarity.target_id = target.target_id
