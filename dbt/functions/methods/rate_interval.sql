select
    lower / case when denominator > 0 and denominator < 'infinity' then denominator end * multiplier as lower,
    upper / case when denominator > 0 and denominator < 'infinity' then denominator end * multiplier as upper
from {{ function('poisson_interval') }}(count, confidence)
