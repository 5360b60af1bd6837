-- Number and percentage of children who are living in kinship care each year.
{{ indicator_mart('kinship_care') }}
