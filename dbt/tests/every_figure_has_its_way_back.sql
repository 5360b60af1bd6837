-- A figure whose source, publication, file or area cannot be looked up would be missing from the way back.
select
    figure.measure_id,
    figure.area_code,
    figure.period_label,
    figure.source_id,
    figure.publication_id
from {{ ref('fct_observation') }} as figure
left join {{ ref('provenance') }} as way on {{ same_figure('figure', 'way') }}
where way.measure_id is null
