-- One row per word that finds the same as another when one looks through the Data Map.
select
    lower(word) as word,
    synonym_group
from {{ ref('framework__synonym') }}
