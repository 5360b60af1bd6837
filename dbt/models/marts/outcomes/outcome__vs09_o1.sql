-- The number of young care experienced people receiving support increases.
{{ outcome_mart('vs09_o1') }}
