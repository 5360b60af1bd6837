-- One row per council code and health board code. A council stands here once more for every change of either code, so a
-- council code alone is not unique.
with source as (

    {{ raw_rows('phs_geography', 'phs_geography__council_area', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('ca') }} as area_code,
        {{ trimmed('ca_name') }} as area_name,
        to_date(ca_date_enacted, 'YYYYMMDD') as valid_from,
        to_date(nullif(ca_date_archived, ''), 'YYYYMMDD') as valid_to,
        {{ trimmed('hb') }} as health_board_code,
        {{ trimmed('hb_name') }} as health_board_name,
        to_date(hb_date_enacted, 'YYYYMMDD') as health_board_valid_from,
        to_date(nullif(hb_date_archived, ''), 'YYYYMMDD') as health_board_valid_to,
        {{ trimmed('country') }} as country_code

    from source

)

select * from renamed
