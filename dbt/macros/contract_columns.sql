{#- The columns of this mart that a relation has under the same names as text, in the types of the mart's contract; a list is
    several words there. What the mart has from elsewhere is left out here and selected beside. -#}
{% macro contract_columns(relation, leave_out=[]) -%}
    {%- for column in model.columns.values() if column.name not in leave_out %}
    {%- set text = relation ~ '.' ~ column.name %}
    {%- if column.data_type == 'text' %}
    {{ text }}
    {%- elif column.data_type == 'text[]' %}
    string_to_array({{ text }}, ' ') as {{ column.name }}
    {%- else %}
    {{ text }}::{{ column.data_type }} as {{ column.name }}
    {%- endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
