-- The text of this outcome is not known.
{{ outcome_mart('vs06_o1') }}
