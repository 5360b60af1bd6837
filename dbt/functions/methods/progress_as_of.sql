select
    indicator_id,
    measure_id,
    area_code,
    {{ progress_columns() }}
from {{ as_released(ref('fct_progress_vintage')) }}
where published_from <= as_of and (published_to is null or as_of < published_to)
