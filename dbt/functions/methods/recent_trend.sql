{{ recent_trend_of(
    lists={'period': 'periods', 'c': 'counts', 'n': 'denominators'},
    y='case when c > 0 and c < n then ln(c) - ln(n - c) end',
    weight='1::double precision',
    chi2='sum_n * (sum_n * sum_c_t - sum_c * sum_n_t) ^ 2
            / nullif(sum_c * (sum_n - sum_c) * (sum_n * sum_n_tt - sum_n_t ^ 2), 0)',
    faults=[
        ("not (n > 0 and n < 'infinity')", 'a denominator that is not above 0'),
        ('c < 0', 'a negative count'),
        ('not c <= n', 'a count above its denominator'),
        ('c = n', 'a count that is all of its denominator'),
        ('c = 0', 'a count of 0'),
    ],
) }}
