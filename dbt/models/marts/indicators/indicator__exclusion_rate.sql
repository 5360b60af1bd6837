-- Cases of exclusions per 1,000 pupils who experienced care at some point within the school year.
{{ indicator_mart('exclusion_rate') }}
