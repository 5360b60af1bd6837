{#- What has become of a gap whose size has changed by so much. -#}
{% macro moved(change) -%}
    case sign({{ change }}) when 1 then 'widened' when -1 then 'narrowed' when 0 then 'unchanged' end
{%- endmacro %}
