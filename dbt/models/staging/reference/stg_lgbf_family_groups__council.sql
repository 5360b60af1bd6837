-- One row per council: its family group for children, social work and housing, and its group by type of place.
with source as (

    {{ raw_rows('lgbf_family_groups', 'lgbf_family_groups__council', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('council') }} as area_published,
        family_group_children::integer as family_group,
        family_group_place::integer as family_group_place

    from source

)

select * from renamed
