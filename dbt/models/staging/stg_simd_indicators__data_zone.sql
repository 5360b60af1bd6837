-- One row per data zone of 2011. Attendance, attainment and crime are null where the publisher withheld them, which
-- their conf_status says; other nulls are blanks that nobody explained. Counts are of people, rates as published (some
-- are shares, some standardised).
with source as (

    {{ raw_rows('simd_indicators', 'simd_indicators__data_zone', latest_only=true) }}

),

renamed as (

    select
        trim(dz11_code) as data_zone_code,
        nullif(trim(total_population), '')::numeric as total_population,
        nullif(trim(working_age_population), '')::numeric as working_age_population,
        nullif(trim(income_rate), '')::numeric as income_rate,
        nullif(trim(income_count), '')::numeric as income_count,
        nullif(trim(employment_rate), '')::numeric as employment_rate,
        nullif(trim(employment_count), '')::numeric as employment_count,
        nullif(trim(comparative_illness_factor), '')::numeric as comparative_illness_factor,
        nullif(trim(alcohol_stays), '')::numeric as alcohol_stays,
        nullif(trim(drug_stays), '')::numeric as drug_stays,
        nullif(trim(standardised_mortality_ratio), '')::numeric as standardised_mortality_ratio,
        nullif(trim(depression), '')::numeric as depression,
        nullif(trim(low_birth_weight), '')::numeric as low_birth_weight,
        nullif(trim(emergency_stays), '')::numeric as emergency_stays,
        {{ published_number('attendance') }} as attendance,
        {{ published_number('attainment') }} as attainment,
        nullif(trim(no_qualifications), '')::numeric as no_qualifications,
        nullif(trim(not_participating), '')::numeric as not_participating,
        nullif(trim(university), '')::numeric as university,
        nullif(trim(drive_petrol), '')::numeric as drive_petrol,
        nullif(trim(drive_gp), '')::numeric as drive_gp,
        nullif(trim(drive_post), '')::numeric as drive_post,
        nullif(trim(drive_primary), '')::numeric as drive_primary,
        nullif(trim(drive_retail), '')::numeric as drive_retail,
        nullif(trim(drive_secondary), '')::numeric as drive_secondary,
        nullif(trim(pt_gp), '')::numeric as pt_gp,
        nullif(trim(pt_post), '')::numeric as pt_post,
        nullif(trim(pt_retail), '')::numeric as pt_retail,
        nullif(trim(broadband), '')::numeric as broadband,
        {{ published_number('crime_count') }} as crime_count,
        {{ published_number('crime_rate') }} as crime_rate,
        nullif(trim(overcrowded_count), '')::numeric as overcrowded_count,
        nullif(trim(nocentralheat_count), '')::numeric as nocentralheat_count,
        nullif(trim(overcrowded_rate), '')::numeric as overcrowded_rate,
        nullif(trim(nocentralheat_rate), '')::numeric as nocentralheat_rate,

        -- why the four that can be withheld are null
        case trim(attendance) when '*' then 'suppressed_by_publisher' else 'free' end as attendance_conf_status,
        case trim(attainment) when '*' then 'suppressed_by_publisher' else 'free' end as attainment_conf_status,
        case trim(crime_count) when '*' then 'suppressed_by_publisher' else 'free' end as crime_count_conf_status,
        case trim(crime_rate) when '*' then 'suppressed_by_publisher' else 'free' end as crime_rate_conf_status,
        snapshot_id

    from source

)

select * from renamed
