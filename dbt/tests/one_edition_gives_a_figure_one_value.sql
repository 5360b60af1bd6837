-- A figure that one file gives twice, under whatever spellings, and not alike: which of them is shown would be chance. The
-- arrival gate sees that by the file's own key; this sees it by what the cells came to mean.
select
    source_id,
    vintage,
    publication_id,
    {{ figure_key() }},
    min(source_row) as source_row,
    string_agg(source_cell || ': ' || value_published, ', ' order by source_row) as cells
from {{ ref('int_figures') }}
group by source_id, vintage, publication_id, {{ figure_key() }}
having
    count(distinct obs_value) > 1
    or count(obs_value) not in (0, count(*))
    or count(distinct obs_status || conf_status) > 1
