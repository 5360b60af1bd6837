{#- A period in words: a day, a part of a year, a year, a year across two, or several of them. -#}
{% macro period_label(start_column, end_column) -%}
    case
        when {{ start_column }} = {{ end_column }} then to_char({{ start_column }}, 'FMDD FMMonth YYYY')
        when {{ end_column }} - {{ start_column }} < 32 then to_char({{ start_column }}, 'FMMonth YYYY')
        when {{ end_column }} - {{ start_column }} < 360 then to_char({{ start_column }}, 'FMMonth') || ' to ' || to_char({{ end_column }}, 'FMMonth YYYY')
        when {{ end_column }} - {{ start_column }} < 367 then {{ year_label(start_column, end_column) }}
        else
            {{ year_label(start_column, "(" ~ start_column ~ " + interval '1 year' - interval '1 day')") }}
            || ' to '
            || {{ year_label("(" ~ end_column ~ " - interval '1 year' + interval '1 day')", end_column) }}
    end
{%- endmacro %}

{% macro year_label(start_column, end_column) -%}
    case
        when extract(month from {{ start_column }}) = 1 then to_char({{ start_column }}, 'YYYY')
        else to_char({{ start_column }}, 'YYYY') || '/' || to_char({{ end_column }}, 'YY')
    end
{%- endmacro %}
