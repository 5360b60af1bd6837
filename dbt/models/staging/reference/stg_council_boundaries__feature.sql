-- One row per council area. Exterior rings are clockwise, the reverse of RFC 7946: do not rewind them for the web.
with source as (

    {{ raw_rows('council_boundaries', 'council_boundaries__feature', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('area_code') }} as area_code,
        {{ trimmed('area_name') }} as area_name,
        geometry::jsonb as geometry,
        snapshot_id

    from source

)

select * from renamed
