-- One row per area that the ScotPHO profiles know. Scotland is S00000001 here; a parent is given for intermediate zones
-- and localities only.
with source as (

    {{ raw_rows('scotpho_geography', 'scotpho_geography__area', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('area_code') }} as area_code,
        {{ trimmed('area_name') }} as area_name,
        {{ trimmed('area_type') }} as area_type,
        nullif({{ trimmed('parent_area') }}, '') as parent_area_name,
        {{ trimmed('area_full_name') }} as area_full_name,
        snapshot_id

    from source

)

select * from renamed
