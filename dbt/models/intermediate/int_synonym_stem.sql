-- One row per stem that stands for another: of words by which people look for the same thing, those of one word.
select distinct on (stem)
    stem,
    (tsvector_to_array(to_tsvector('english', synonym_group)))[1] as stands_for
from (
    select
        synonym_group,
        word,
        (tsvector_to_array(to_tsvector('english', word)))[1] as stem
    from {{ ref('framework__synonym') }}
    where word !~ '\s'
) as single
where stem is not null
order by stem, synonym_group
