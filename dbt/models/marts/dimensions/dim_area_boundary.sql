-- One row per council and per health board: its polygon for maps. The one file has each of Scotland's areas once, and so has
-- the other: a map takes one kind, which dim_area tells.
select
    area_code,
    area_name,
    geometry,
    snapshot_id
from {{ ref('stg_council_boundaries__feature') }}

union all

select
    area_code,
    area_name,
    geometry,
    snapshot_id
from {{ ref('stg_health_board_boundaries__feature') }}
