-- The number of children and young people experiencing restraint decreases.
{{ outcome_mart('vs05_o1') }}
