-- The underlying universal support system must support all families and identify those who need more support.
{{ outcome_mart('vs01_o2') }}
