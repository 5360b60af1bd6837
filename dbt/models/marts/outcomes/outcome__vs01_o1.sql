-- The rate of children entering care decreases.
-- For those that do need to enter care, a higher proportion are able to stay living at home with parents, or
-- in a family setting.
{{ outcome_mart('vs01_o1') }}
