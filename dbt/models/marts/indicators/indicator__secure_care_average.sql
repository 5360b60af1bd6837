-- Average number of children living in secure care on a given day throughout the year.
{{ indicator_mart('secure_care_average') }}
