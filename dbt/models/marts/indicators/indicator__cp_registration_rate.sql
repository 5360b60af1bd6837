-- Rate of registrations to the child protection register from initial and pre-birth Case Conferences during the year per 1,000 0-15-year-olds.
{{ indicator_mart('cp_registration_rate') }}
