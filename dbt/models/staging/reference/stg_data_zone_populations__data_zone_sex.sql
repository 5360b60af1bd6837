-- One row per data zone of 2011 and sex (All, Female, Male) in the middle of 2020. Ages lie in one array, which a
-- reader who wants a row an age unnests `with ordinality`: as rows they would be two million.
with source as (

    {{ raw_rows('data_zone_populations', 'data_zone_populations__data_zone_sex', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('data_zone_code') }} as data_zone_code,
        {{ trimmed('sex') }} as sex,
        total_population::numeric as people,
        -- ages 0 to 89 and then 90 and over: age n stands at position n + 1
        array[
            {% for age in range(90) %}
                age_{{ age }},
            {% endfor %}
            age_90_and_over
        ]::numeric[] as people_by_age,
        snapshot_id

    from source

)

select * from renamed
