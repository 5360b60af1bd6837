-- Rate of attendance for pupils who experienced care at some point within the school year.
{{ indicator_mart('attendance_rate') }}
