-- Care experienced children and young people spend more time in school.
{{ outcome_mart('vs03_o1') }}
