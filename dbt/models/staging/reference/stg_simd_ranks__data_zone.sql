-- One row per data zone of 2011. Rank 1 and decile 1 are the most deprived; zones that tie share a rank, which can then
-- end in a half.
with source as (

    {{ raw_rows('simd_ranks', 'simd_ranks__data_zone', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('dz11_code') }} as data_zone_code,
        {{ as_numbers([
            'imd_rank', 'income_rank', 'employment_rank', 'health_rank', 'education_rank', 'housing_rank', 'access_rank', 'crime_rank',
        ]) }}
        {{ as_numbers([
            'imd_decile', 'income_decile', 'employment_decile', 'health_decile', 'education_decile', 'housing_decile',
            'access_decile', 'crime_decile',
        ], type='integer') }}
        snapshot_id

    from source

)

select * from renamed
