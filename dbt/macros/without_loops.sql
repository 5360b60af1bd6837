{#- For a model that joins what it has made itself: nothing of that has statistics, of a join of it one row is expected, and for
    one row a loop is cheap. Of 9,147 judgements 46 were expected, and each went through all figures. -#}
{% macro without_loops() -%}
    {{ config(pre_hook='set local enable_nestloop = off') }}
{%- endmacro %}
