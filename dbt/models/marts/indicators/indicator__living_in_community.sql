-- Number and percentage of children in the 'care system' living in the community each year.
{{ indicator_mart('living_in_community') }}
