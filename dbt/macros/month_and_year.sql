{#- "April 2026", as the framework's pages print when an indicator was updated, as the first day of that month; what looks
    otherwise is not read as a date. -#}
{% macro month_and_year(text_column) -%}
    case
        when {{ text_column }} ~ '^(January|February|March|April|May|June|July|August|September|October|November|December) [0-9]{4}$'
            then to_date('01 ' || {{ text_column }}, 'DD Month YYYY')
    end
{%- endmacro %}
