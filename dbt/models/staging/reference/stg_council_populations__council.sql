-- One row per council, all persons in the middle of 2022. Ages lie in one array, which a reader who wants a row an age
-- unnests `with ordinality`.
with source as (

    {{ raw_rows('council_populations', 'council_populations__council', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('council_code') }} as area_code,
        {{ trimmed('council_name') }} as area_published,
        {{ trimmed('sex') }} as sex,
        {{ function('published_number') }}(all_ages) as people,
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
