from decimal import Decimal
from fractions import Fraction


def reveals_small_numerator(value, multiplier, largest_denominator, below=10):
    v = Decimal(value)
    scale = -v.as_tuple().exponent
    x = Fraction(v) / multiplier
    half = Fraction(1, 2 * 10 ** max(scale, 0)) / multiplier
    f = x.limit_denominator(largest_denominator)
    if abs(f - x) <= half and 2 * half * largest_denominator * f.denominator < 1 and f.numerator < below:
        return f
    return None
