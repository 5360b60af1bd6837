-- One row per dataset and publisher that the portal listed when its catalogue was recorded.
with source as (

    {{ raw_rows('statistics_gov_scot_catalogue', 'statistics_gov_scot_catalogue__dataset', latest_only=true) }}

),

renamed as (

    select
        trim(uri) as url,
        trim(name) as title,
        nullif(trim(publisher), '') as publisher

    from source

)

select * from renamed
