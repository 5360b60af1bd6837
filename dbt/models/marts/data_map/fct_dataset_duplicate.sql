-- One row per pair of datasets that may be the same thing collected or described twice, with the reasons: for a person to look
-- at, never a finding by itself. Their words are alike, and something else about them agrees.
with pair as (

    {{ alike_pairs(ref('int_dataset_stem')) }}

)

select
    pair.dataset_id,
    pair.other_dataset_id,
    round(pair.score::numeric, 4) as score,
    array_remove(array[
        'words: ' || array_to_string(pair.shared_stems[1:4], ', '),
        case when one.population && other.population then 'about the same people' end,
        case when one.geography = other.geography then 'for the same areas' end,
        case when one.frequency = other.frequency then 'as often' end,
        case when one.organisation_ids && other.organisation_ids then 'held by the same organisation' end,
        case when one.indicator_ids && other.indicator_ids then 'feeds the same indicator' end,
        case when one.url = other.url then 'under the same address' end
    ], null) as reasons,
    -- The indicators that one publisher describes are many descriptions of few collections: of those only what is held elsewhere too.
    one.held_by = other.held_by as is_of_one_holder
from pair
inner join {{ ref('dim_dataset') }} as one on pair.dataset_id = one.dataset_id
inner join {{ ref('dim_dataset') }} as other on pair.other_dataset_id = other.dataset_id
where
    not (one.entry = other.entry and one.entry in ('described', 'catalogue'))
    and (one.is_in_front or other.is_in_front)
