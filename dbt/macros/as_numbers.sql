{#- Columns as numbers under their own names; a blank is null. -#}
{% macro as_numbers(columns, type='numeric') -%}
    {%- for column in columns %}
        nullif({{ trimmed(column) }}, '')::{{ type }} as {{ column }},
    {%- endfor %}
{%- endmacro %}
