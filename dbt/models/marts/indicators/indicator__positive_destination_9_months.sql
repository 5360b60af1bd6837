-- Percentage of school leavers who experienced care during their last year at school entering a positive destination 9 months after leaving school.
{{ indicator_mart('positive_destination_9_months') }}
