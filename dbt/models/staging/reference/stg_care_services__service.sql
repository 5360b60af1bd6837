-- One row per registered care service without the childminders, and month's file. Grades run from 1, unsatisfactory, to 6,
-- excellent; the register writes a dot where there is none, and days in more than one way, so days stay as published.
with source as (

    {{ raw_rows('care_services', 'care_services__service') }}

),

renamed as (

    select
        -- the service
        {{ trimmed('service_number') }} as service_number,
        {{ trimmed('care_service') }} as care_service,
        nullif(nullif({{ trimmed('subtype') }}, ''), '.') as subtype,
        nullif(nullif({{ trimmed('service_type') }}, ''), '.') as service_type,
        {{ trimmed('service_status') }} as service_status,
        nullif(nullif({{ trimmed('client_group') }}, ''), '.') as client_group,
        nullif(nullif({{ trimmed('main_area_of_care') }}, ''), '.') as main_area_of_care,

        -- whose it is, and where
        {{ trimmed('provider_number') }} as provider_number,
        {{ trimmed('provided_by_local_authority') }} as provided_by_local_authority,
        {{ trimmed('council') }} as council_published,
        {{ trimmed('health_board') }} as health_board_published,

        -- how large it is and how it was graded
        {% for column in [
            'total_beds', 'registered_places', 'number_of_staff', 'lowest_grade', 'highest_grade', 'grade_support_wellbeing',
            'grade_care_and_support_planning', 'grade_setting', 'grade_staff_team', 'grade_leadership',
            'grade_care_play_and_learning',
        ] -%}
            {{ function('published_number') }}({{ column }}) as {{ column }},
        {% endfor -%}
        nullif(nullif({{ trimmed('graded_on') }}, ''), '.') as graded_on_published,
        nullif(nullif({{ trimmed('inspected_on') }}, ''), '.') as inspected_on_published,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row

    from source

)

select * from renamed
