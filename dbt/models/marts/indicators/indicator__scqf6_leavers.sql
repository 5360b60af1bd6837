-- Percentage of school leavers who experienced care during their last year at school achieving at least 1 SCQF level 6 qualification (or better).
{{ indicator_mart('scqf6_leavers') }}
