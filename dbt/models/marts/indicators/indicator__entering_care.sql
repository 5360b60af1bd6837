-- Number of children (0-17 years) entering the 'care system' during the year.
{{ indicator_mart('entering_care') }}
