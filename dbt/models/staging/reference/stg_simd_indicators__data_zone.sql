-- One row per data zone of 2011. Attendance, attainment and crime are null where the publisher withheld them, which
-- their conf_status says; other nulls are blanks that nobody explained. Counts are of people, rates as published (some
-- are shares, some standardised).
with source as (

    {{ raw_rows('simd_indicators', 'simd_indicators__data_zone', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('dz11_code') }} as data_zone_code,
        {{ as_numbers([
            'total_population', 'working_age_population', 'income_rate', 'income_count', 'employment_rate',
            'employment_count', 'comparative_illness_factor', 'alcohol_stays', 'drug_stays',
            'standardised_mortality_ratio', 'depression', 'low_birth_weight', 'emergency_stays',
            'no_qualifications', 'not_participating', 'university', 'drive_petrol', 'drive_gp', 'drive_post',
            'drive_primary', 'drive_retail', 'drive_secondary', 'pt_gp', 'pt_post', 'pt_retail', 'broadband',
            'overcrowded_count', 'nocentralheat_count', 'overcrowded_rate', 'nocentralheat_rate',
        ]) }}

        -- the four that can be withheld, and why they are null
        {% for column in ['attendance', 'attainment', 'crime_count', 'crime_rate'] %}
            {{ function('published_number') }}({{ column }}) as {{ column }},
            case {{ trimmed(column) }} when '*' then 'suppressed_by_publisher' else 'free' end as {{ column }}_conf_status,
        {% endfor %}
        snapshot_id

    from source

)

select * from renamed
