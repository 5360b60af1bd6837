-- One row per data zone of 2011, with the council and the health board of 2019 it lies in.
with source as (

    {{ raw_rows('data_zone_health_boards', 'data_zone_health_boards__data_zone', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('data_zone_code') }} as data_zone_code,
        {{ trimmed('council_code') }} as council_code,
        {{ trimmed('health_board_code') }} as health_board_code,
        snapshot_id

    from source

)

select * from renamed
