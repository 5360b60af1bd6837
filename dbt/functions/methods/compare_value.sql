select
    {{ comparison_words(
        is_known='abs(value) + abs("lower") + abs("upper") + abs(benchmark) < \'infinity\' and "lower" <= "upper"',
        is_lower='"upper" < benchmark',
        is_higher='"lower" > benchmark',
        polarity='polarity',
    ) }}
