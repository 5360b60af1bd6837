-- Number and percentage of children who are living in residential care each year.
{{ indicator_mart('residential_care') }}
