-- The average attainment of care experienced learners increases.
{{ outcome_mart('vs03_o2') }}
