-- Proportion of young people who are eligible for aftercare services who are receiving services.
{{ indicator_mart('aftercare_eligible_receiving') }}
