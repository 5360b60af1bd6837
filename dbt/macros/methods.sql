{#- What a comparison is called: by whether a measure ought to be high or low, where it ought to be either. Conditions of
    SQL say whether a figure is lower or higher for certain, and whether it can be compared at all. #}
{% macro comparison_words(is_known, is_lower, is_higher, polarity) -%}
    case
        when {{ polarity_known(polarity) }} is null or not coalesce({{ is_known }}, false) then null
        when {{ is_lower }} then
            case {{ polarity }} when 'higher_is_better' then 'worse' when 'lower_is_better' then 'better' else 'lower' end
        when {{ is_higher }} then
            case {{ polarity }} when 'higher_is_better' then 'better' when 'lower_is_better' then 'worse' else 'higher' end
        else 'similar'
    end
{%- endmacro %}

{#- The polarity, as the catalogue has it; another word is an error. -#}
{% macro polarity_known(polarity) -%}
    {{ function('one_of') }}({{ polarity }}, array['higher_is_better', 'lower_is_better', 'neutral'])
{%- endmacro %}

{#- Whether something is counted of a whole: from none to all of more than nothing. -#}
{% macro is_part(numerator, denominator) -%}
    {{ denominator }} > 0 and {{ denominator }} < 'infinity' and {{ numerator }} between 0 and {{ denominator }}
{%- endmacro %}

{#- A limit of Wilson's for x of n, and of which `z` is negative for the lower one. -#}
{% macro wilson_limit(x, n, z) -%}
    (2 * {{ x }} + {{ z }} * {{ z }} + {{ z }} * sqrt({{ z }} * {{ z }} + 4 * {{ x }} * (1 - {{ x }} / {{ n }})))
    / (2 * ({{ n }} + {{ z }} * {{ z }}))
{%- endmacro %}
