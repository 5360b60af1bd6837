-- Number and percentage of children in the 'care system' who are living at home with parents each year.
{{ indicator_mart('at_home_with_parents') }}
