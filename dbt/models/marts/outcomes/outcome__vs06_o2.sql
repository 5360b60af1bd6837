-- The number of staff employed in Child and Adolescent Mental Health Services is proportionate to demand.
{{ outcome_mart('vs06_o2') }}
