{#- A period in words: a day, a calendar year, or a year across two. -#}
{% macro period_label(start_column, end_column) -%}
    case
        when {{ start_column }} = {{ end_column }} then to_char({{ start_column }}, 'FMDD FMMonth YYYY')
        when extract(month from {{ start_column }}) = 1 then to_char({{ start_column }}, 'YYYY')
        else to_char({{ start_column }}, 'YYYY') || '/' || to_char({{ end_column }}, 'YY')
    end
{%- endmacro %}
