-- One row per dataset and stem of its title and description, with how telling the stem is: rarer among all datasets, heavier.
with stem as (

    {{ stems_of(ref('int_dataset'), 'dataset_id', "title || ' ' || coalesce(population_words, '') || ' ' || coalesce(left(description, 400), '')") }}

),

frequency as (

    select
        stem,
        count(*) as datasets,
        ln(1 + (select count(*) from {{ ref('int_dataset') }})::double precision / count(*)) as rarity
    from stem
    group by stem

)

select
    stem.dataset_id,
    stem.stem,
    frequency.datasets::integer as datasets,
    frequency.rarity / sqrt(sum(frequency.rarity * frequency.rarity) over (partition by stem.dataset_id)) as weight
from stem
inner join frequency on stem.stem = frequency.stem
