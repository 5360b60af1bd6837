-- One row per dataset and thing of the framework whose words are alike and which nobody has linked: for a person to judge, and
-- never shown as a link. The score is the cosine of the stems' weights, rarer stems weighing more, from 0 to 1.
with alike as (

    select
        dataset.dataset_id,
        target.target_kind,
        target.target_id,
        round(sum(dataset.weight * target.weight)::numeric, 4) as score,
        array_agg(dataset.stem order by dataset.weight * target.weight desc, dataset.stem) as shared_stems
    from {{ ref('int_dataset_stem') }} as dataset
    inner join {{ ref('int_framework_stem') }} as target on dataset.stem = target.stem
    group by dataset.dataset_id, target.target_kind, target.target_id

),

ranked as (

    select
        alike.*,
        row_number() over (partition by alike.dataset_id order by alike.score desc, alike.target_id asc) as place
    from alike
    left join {{ ref('bridge_dataset_link') }} as link
        on alike.dataset_id = link.dataset_id and alike.target_id = link.target_id
    where link.dataset_id is null and cardinality(alike.shared_stems) >= 2 and alike.score >= 0.2

)

select
    dataset_id,
    target_kind,
    target_id,
    score,
    shared_stems[1:5] as shared_stems,
    place::integer as place
from ranked
where place <= 3
