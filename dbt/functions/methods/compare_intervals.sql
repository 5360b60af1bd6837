select
    {{ comparison_words(
        is_known='abs("lower") + abs("upper") + abs(other_lower) + abs(other_upper) < \'infinity\'
            and "lower" <= "upper" and other_lower <= other_upper',
        is_lower='"upper" < other_lower',
        is_higher='"lower" > other_upper',
        polarity='polarity',
    ) }}
