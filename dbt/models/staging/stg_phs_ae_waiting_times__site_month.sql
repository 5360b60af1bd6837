-- One row per site, kind of department and month, but for one site that has two in May 2015. The "aggregate" columns
-- are totals that every site gives. The others are about single attendances: where a site reports totals only they are
-- blank with the qualifier z, and a blank without it fails the test.
with source as (

    {{ raw_rows('phs_ae_waiting_times', 'phs_ae_waiting_times__site_month') }}

),

renamed as (

    select
        -- what it is a figure of
        trim(country) as country_code,
        trim(hbt) as health_board_code,
        trim(treatment_location) as site_code,
        trim(department_type) as department_type,
        {{ function('period_start') }}('month', month) as period_start,
        {{ function('period_end') }}('month', month) as period_end,

        -- every site
        {{ function('published_number') }}(attendances_aggregate) as attendances,
        {{ function('published_number') }}(meeting_target_aggregate) as attendances_within_target,

        -- sites that report single attendances
        {{ function('published_number') }}(attendances_episode) as attendances_by_episode,
        {{ function('published_number') }}(meeting_target_episode) as within_target_by_episode,
        {{ function('published_number') }}(discharge_admission_to_same) as discharge_admission_to_same,
        {{ function('published_number') }}(discharge_other_specialty) as discharge_other_specialty,
        {{ function('published_number') }}(discharge_residence) as discharge_residence,
        {{ function('published_number') }}(discharge_transfer) as discharge_transfer,
        {{ function('published_number') }}(discharge_unknown) as discharge_unknown,
        {{ function('published_number') }}(attendance_over_8_hours) as attendance_over_8_hours,
        {{ function('published_number') }}(attendance_over_12_hours) as attendance_over_12_hours,
        case trim(attendances_episode_qf) when 'z' then 'not_applicable' else 'final' end as episode_obs_status,
        'free' as episode_conf_status,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell_of('attendances_aggregate') }} as source_cell

    from source

)

select * from renamed
