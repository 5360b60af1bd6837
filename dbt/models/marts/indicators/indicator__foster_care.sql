-- Number and percentage of children who are living in foster care each year.
{{ indicator_mart('foster_care') }}
