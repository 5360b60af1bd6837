-- One row per health board, month and kind of number. What the publisher says of a number stands beside it, several letters
-- in any order: u is low reliability, r revised; beside a blank : is not available and z not applicable. That a number was
-- derived (d) says nothing of how far it can be relied on.
{%- set qualifier -%}
    case figure_cell.heading_published
            when 'TotalPatientsSeen' then patients_seen_qf
            when 'NumberOfPatientsSeen0To18Weeks' then seen_0_to_18_weeks_qf
            when 'NumberOfPatientsSeen19To35Weeks' then seen_19_to_35_weeks_qf
            when 'NumberOfPatientsSeen36To52Weeks' then seen_36_to_52_weeks_qf
            when 'NumberOfPatientsSeenOver52Weeks' then seen_over_52_weeks_qf
            when 'MedianWeeksPatientsSeen' then median_weeks_qf
            when '90thPercentileWeeksPatientsSeen' then ninetieth_percentile_weeks_qf
        end
{%- endset %}
{{ figures(
    'camhs_patients_seen__board_month',
    values={
        'TotalPatientsSeen': 'patients_seen',
        'NumberOfPatientsSeen0To18Weeks': 'seen_0_to_18_weeks',
        'NumberOfPatientsSeen19To35Weeks': 'seen_19_to_35_weeks',
        'NumberOfPatientsSeen36To52Weeks': 'seen_36_to_52_weeks',
        'NumberOfPatientsSeenOver52Weeks': 'seen_over_52_weeks',
        'MedianWeeksPatientsSeen': 'median_weeks',
        '90thPercentileWeeksPatientsSeen': 'ninetieth_percentile_weeks',
    },
    area='health_board',
    period='month',
    status="case when " ~ qualifier ~ " ~ ':' then 'not_available' when " ~ qualifier ~ " ~ '\\mz\\M' then 'not_applicable' when "
        ~ qualifier ~ " ~ '\\mu\\M' then 'low_reliability' when " ~ qualifier ~ " ~ '\\mr\\M' then 'revised' end",
) }}
