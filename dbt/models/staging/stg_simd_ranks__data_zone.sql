-- One row per data zone of 2011. Rank 1 and decile 1 are the most deprived; zones that tie share a rank, which can then
-- end in a half.
with source as (

    {{ raw_rows('simd_ranks', 'simd_ranks__data_zone', latest_only=true) }}

),

renamed as (

    select
        trim(dz11_code) as data_zone_code,
        imd_rank::numeric as imd_rank,
        income_rank::numeric as income_rank,
        employment_rank::numeric as employment_rank,
        health_rank::numeric as health_rank,
        education_rank::numeric as education_rank,
        housing_rank::numeric as housing_rank,
        access_rank::numeric as access_rank,
        crime_rank::numeric as crime_rank,
        imd_decile::integer as imd_decile,
        income_decile::integer as income_decile,
        employment_decile::integer as employment_decile,
        health_decile::integer as health_decile,
        education_decile::integer as education_decile,
        housing_decile::integer as housing_decile,
        access_decile::integer as access_decile,
        crime_decile::integer as crime_decile,
        snapshot_id

    from source

)

select * from renamed
