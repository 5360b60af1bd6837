-- Number and rate of children in the 'care system' in Scotland during the year.
{{ indicator_mart('in_care_rate') }}
