-- Percentage of school leavers who experienced care during their last year at school achieving at least one SCQF level 5 qualification (or better).
{{ indicator_mart('scqf5_leavers') }}
