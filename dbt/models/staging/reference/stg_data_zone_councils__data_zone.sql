-- One row per data zone of 2011, with the intermediate zone and the council it lies in.
with source as (

    {{ raw_rows('data_zone_councils', 'data_zone_councils__data_zone', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('data_zone_code') }} as data_zone_code,
        {{ trimmed('data_zone_name') }} as data_zone_name,
        {{ trimmed('intermediate_zone_code') }} as intermediate_zone_code,
        {{ trimmed('intermediate_zone_name') }} as intermediate_zone_name,
        {{ trimmed('council_code') }} as council_code,
        {{ trimmed('council_name') }} as council_name,
        snapshot_id

    from source

)

select * from renamed
