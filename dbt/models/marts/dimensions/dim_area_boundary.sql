-- One row per council: its polygon for maps.
select
    area_code,
    area_name,
    geometry,
    snapshot_id
from {{ ref('stg_council_boundaries__feature') }}
