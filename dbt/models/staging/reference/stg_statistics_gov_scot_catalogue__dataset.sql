-- One row per dataset and publisher that the portal listed when its catalogue was recorded.
with source as (

    {{ raw_rows('statistics_gov_scot_catalogue', 'statistics_gov_scot_catalogue__dataset', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('uri') }} as url,
        {{ trimmed('name') }} as title,
        nullif({{ trimmed('publisher') }}, '') as publisher

    from source

)

select * from renamed
