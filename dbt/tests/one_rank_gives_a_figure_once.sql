-- Two publications of a series may share a rank when they are about different things. When both give the same figure,
-- nothing says which came later.
select
    string_agg(distinct publication_id, ' and ' order by publication_id) || ' both have rank ' || publication_rank || ' in '
    || published_in || ' and both give ' || measure_id || ' for ' || area_code || ', ' || period_label
    || '; give the later one the higher rank' as problem,
    unnest(array_agg(distinct source_id)) as source_id
from {{ ref('int_observation_history') }}
group by {{ figure_key() }}, period_label, published_in, publication_rank
having count(distinct publication_id) > 1
