-- One row per registered care service without the childminders, and month's file. Grades run from 1, unsatisfactory, to 6,
-- excellent; the register writes a dot where there is none, and days in more than one way, so days stay as published.
with source as (

    {{ raw_rows('care_services', 'care_services__service') }}

),

renamed as (

    select
        -- the service
        trim(service_number) as service_number,
        trim(care_service) as care_service,
        nullif(nullif(trim(subtype), ''), '.') as subtype,
        nullif(nullif(trim(service_type), ''), '.') as service_type,
        trim(service_status) as service_status,
        nullif(nullif(trim(client_group), ''), '.') as client_group,
        nullif(nullif(trim(main_area_of_care), ''), '.') as main_area_of_care,

        -- whose it is, and where
        trim(provider_number) as provider_number,
        trim(provided_by_local_authority) as provided_by_local_authority,
        trim(council) as council_published,
        trim(health_board) as health_board_published,

        -- how large it is and how it was graded
        {% for column in [
            'total_beds', 'registered_places', 'number_of_staff', 'lowest_grade', 'highest_grade', 'grade_support_wellbeing',
            'grade_care_and_support_planning', 'grade_setting', 'grade_staff_team', 'grade_leadership',
            'grade_care_play_and_learning',
        ] -%}
            {{ function('published_number') }}({{ column }}) as {{ column }},
        {% endfor -%}
        nullif(nullif(trim(graded_on), ''), '.') as graded_on_published,
        nullif(nullif(trim(inspected_on), ''), '.') as inspected_on_published,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row

    from source

)

select * from renamed
