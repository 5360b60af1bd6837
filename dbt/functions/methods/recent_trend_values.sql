{{ recent_trend_of(
    lists={'period': 'periods', 'v': 'vals', 'l': '"lower"', 'u': '"upper"'},
    y='v',
    weight="case when u > l and u - l < 'infinity' then (3.919927969080108 / (u - l)) ^ 2 end",
    chi2='(sum_w * sum_w_t_y - sum_w_t * sum_w_y) ^ 2 / nullif(sum_w * (sum_w * sum_w_tt - sum_w_t ^ 2), 0)',
    faults=[
        ('not l <= v or not v <= u', 'a value outside its interval'),
        ("not (u - l < 'infinity' and abs(v) < 'infinity')", 'a value or an interval without end'),
        ('u = l', 'an interval of no width'),
    ],
) }}
