-- One row per area that the ScotPHO profiles know. Scotland is S00000001 here; a parent is given for intermediate zones
-- and localities only.
with source as (

    {{ raw_rows('scotpho_geography', 'scotpho_geography__area', latest_only=true) }}

),

renamed as (

    select
        trim(area_code) as area_code,
        trim(area_name) as area_name,
        trim(area_type) as area_type,
        nullif(trim(parent_area), '') as parent_area_name,
        trim(area_full_name) as area_full_name,
        snapshot_id

    from source

)

select * from renamed
